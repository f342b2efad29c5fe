"""RFC 5382 (BCP 142)."""

from __future__ import annotations

from bailiwick.twin.acts.failures.reboot import REBOOT, reboot
from bailiwick.twin.acts.nat.errors import FROM_OUTSIDE, SURVIVES, errors
from bailiwick.twin.acts.nat.filtering import FILTER, FORGED_RESET, SEQUENCES, SIMULTANEOUS, filtering
from bailiwick.twin.acts.nat.hairpin import HAIRPIN, HAIRPIN_SOURCE, hairpins
from bailiwick.twin.acts.nat.mapping import CLASH, CLASHED_MAPPING, ONE_MAPPING, SHARED, mapping
from bailiwick.twin.acts.nat.sizes import CLAMPED, UNTOUCHED, sizes
from bailiwick.twin.acts.nat.timers import SILENT, TCP_TIMER, TCP_TRANSITORY, timers
from tests.conformance.requirement import Met, Requirement, over, tried

RFC = "RFC 5382"
TCP = (
    Requirement(
        RFC,
        "REQ-1",
        "An inside address and port keep one outside port, whoever is spoken to.",
        Met.PARTLY,
        "as long as no other host has that port towards the same peer",
        tried(mapping, *over("TCP", ONE_MAPPING, CLASHED_MAPPING)),
    ),
    Requirement(
        RFC,
        "REQ-2",
        "Every valid sequence of packets passes, opened from inside, or from outside where that is open.",
        Met.YES,
        trials=tried(filtering, SEQUENCES),
    ),
    Requirement(RFC, "REQ-2a", "Both ends may open at once.", Met.YES, trials=tried(filtering, SIMULTANEOUS)),
    Requirement(
        RFC,
        "REQ-3",
        "Anyone may open towards a mapping (for transparency), or any port of the peer (for security).",
        Met.NO,
        "stricter by design: the peer's address and port alone",
        tried(filtering, *over("TCP", FILTER)),
    ),
    Requirement(
        RFC,
        "REQ-4",
        "An opening that nobody asked for meets six seconds of silence; when ours goes out meanwhile, it is dropped.",
        Met.YES,
        "silence for ever: 4a lets policy forbid the error that should follow",
        (*tried(timers, SILENT), *tried(filtering, SIMULTANEOUS)),
    ),
    Requirement(
        RFC,
        "REQ-5",
        "An idle connection lives two hours and four minutes.",
        Met.YES,
        "five days",
        tried(timers, TCP_TIMER),
    ),
    Requirement(
        RFC,
        "REQ-5, transitory",
        "A connection that opens or closes lives four minutes.",
        Met.NO,
        "Linux's own, from 30 s to two minutes, against floods of half-open connections",
        tried(timers, TCP_TRANSITORY),
    ),
    Requirement(
        RFC,
        "REQ-6",
        "Helpers that change what packets say are off, but for FTP's.",
        Met.NONE,
        "no act shows it: no rule assigns a helper, FTP's neither",
    ),
    Requirement(
        RFC,
        "REQ-7",
        "No outside port serves two inside hosts at once.",
        Met.NO,
        "two hosts share a port while their peers differ (RFC 7857 allows it); to one peer never",
        tried(mapping, *over("TCP", SHARED, CLASH)),
    ),
    Requirement(RFC, "REQ-8", "A forward works from inside too.", Met.YES, trials=tried(hairpins, HAIRPIN)),
    Requirement(
        RFC,
        "REQ-8a",
        "From inside, the service sees the caller's outside address and port.",
        Met.NO,
        "by design it sees the caller's own address, or the router's where both are in one zone",
        tried(hairpins, HAIRPIN_SOURCE),
    ),
    Requirement(
        RFC,
        "REQ-9",
        "Destination unreachable is translated.",
        Met.YES,
        trials=tried(errors, *over("TCP", FROM_OUTSIDE)),
    ),
    Requirement(
        RFC,
        "REQ-10",
        "No ICMP message ends a mapping or a connection.",
        Met.YES,
        trials=tried(errors, *over("TCP", SURVIVES)),
    ),
    Requirement(
        "RFC 7857",
        "resets",
        "A reset counts only where it fits the connection.",
        Met.YES,
        trials=tried(filtering, FORGED_RESET),
    ),
    Requirement(
        "RFC 4459",
        "MSS",
        "Segments fit the path: what is announced is made smaller, never larger.",
        Met.YES,
        "both ways, over PPPoE and tunnels",
        tried(sizes, CLAMPED, UNTOUCHED),
    ),
    Requirement(
        "RFC 6092",
        "REC-32",
        "A connection whose opening the router did not see is held to no window: it goes on after a reboot.",
        Met.YES,
        "the recommendation is about IPv6; the same is done for IPv4",
        tried(reboot, f"{REBOOT}: connections from before"),
    ),
)
