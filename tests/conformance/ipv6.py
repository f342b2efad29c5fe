"""What holds of RFC 6092 and RFC 7084 with IPv6 off: nothing of it passes, so that what must not pass does not."""

from __future__ import annotations

from collections.abc import Iterable

from bailiwick.twin.acts.ipv6 import ipv6_closed
from bailiwick.twin.acts.stage import Stage
from bailiwick.twin.result import Check
from tests.conformance.requirement import Met, Requirement, tried

OFF = "the home says `ipv6: off`: no IPv6 packet is carried, so this cannot be met or broken"


def closed(stage: Stage) -> Iterable[Check]:
    """The act with the arguments that it takes."""
    return ipv6_closed(stage.layout, stage.router.macs(), stage.patience)


closed.__module__, closed.__qualname__ = ipv6_closed.__module__, ipv6_closed.__qualname__

DROPPED = (
    ("REC-1, REC-2, REC-3", "Packets with sources or destinations that cannot be do not pass."),
    ("REC-4", "Packets with a deprecated extension header do not pass."),
    ("REC-5, REC-6", "Forged sources leave no network, and the home's own enter none."),
    ("REC-7", "What is for one network alone leaves none."),
    ("REC-8", "Nobody outside asks the home's resolver."),
    ("REC-9", "DHCPv6 from outside is not believed."),
    ("REC-10", "Errors about nothing that is known do not pass."),
    ("REC-50", "Administration is out of reach from outside."),
)
CARRIED = (
    ("REC-11 to REC-20", "UDP and protocols of its kind: who may answer, for how long."),
    ("REC-21 to REC-30", "IPsec, HIP and mobility pass."),
    ("REC-31 to REC-37", "TCP: every valid sequence, for how long; errors."),
    ("REC-38 to REC-47", "SCTP, DCCP and Shim6 likewise."),
    ("REC-48", "A protocol by which programs open doors for themselves."),
    ("REC-49", "The owner may set it all off at once."),
)
IPV6 = (
    *(
        Requirement(
            "RFC 6092",
            number,
            words,
            Met.YES,
            "as nothing of IPv6 passes",
            tried(closed, "IPv6 from", "IPv6 sockets of the router"),
        )
        for number, words in DROPPED
    ),
    *(Requirement("RFC 6092", number, words, Met.NONE, OFF) for number, words in CARRIED),
    Requirement(
        "RFC 7084",
        "all but S-1, S-2",
        "An IPv6 router for a home: addresses, prefixes, announcements.",
        Met.NONE,
        OFF,
    ),
    Requirement(
        "RFC 7084",
        "S-1",
        "The filter of RFC 6092.",
        Met.PARTLY,
        "the part that drops; see above",
        tried(closed, "IPv6 from", "IPv6 addresses of the router"),
    ),
    Requirement(
        "RFC 7084",
        "S-2",
        "Forged sources leave no network.",
        Met.YES,
        "as nothing of IPv6 passes",
        tried(closed, "IPv6 from"),
    ),
)
