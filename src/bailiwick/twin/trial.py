"""One trial, from what was meant to what was seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from bailiwick.claims.claim import Claim
from bailiwick.claims.wording import place_words
from bailiwick.intent import Intent
from bailiwick.network.model import Network, Place
from bailiwick.plan.model import LinkKind, Plan
from bailiwick.targets.artifact import Tree
from bailiwick.twin.aim.owned import raid_of
from bailiwick.twin.aim.probes import held_by, probes_of, stationed
from bailiwick.twin.aim.scans import scans_of
from bailiwick.twin.aim.thinning import thinned
from bailiwick.twin.aim.visits import visits_of
from bailiwick.twin.aim.ways import Ways
from bailiwick.twin.evidence import Witnesses, evidence_of
from bailiwick.twin.layout import Layout, lay_out, lines_of
from bailiwick.twin.options import TwinOptions, Where
from bailiwick.twin.refutation import refutations
from bailiwick.twin.result import Capability, TwinResult
from bailiwick.twin.sample import about, sample_of
from bailiwick.twin.script import Script, Seen
from bailiwick.twin.stages.namespaces import perform
from bailiwick.twin.stages.progress import Listener
from bailiwick.twin.verdicts import observation, refusals_told

MOST = 60_000
"""Packets of one trial: a serial has 16 bits, and the acts have some of their own."""
SCANNED = 6
"""One of the scanner's packets for so many of the others."""


@dataclass(frozen=True, slots=True)
class Aimed:
    """A script, the claims that it tries, and how many packets there could be of it; ``seconds`` is what it took."""

    script: Script
    claims: tuple[Claim, ...]
    possible: int
    seconds: float


def aimed_at(network: Network, intent: Intent, plan: Plan, trees: Sequence[Tree], options: TwinOptions) -> Aimed:
    """What is to be played. ``trees`` are the router's files, then those of switches and hypervisors."""
    began = time.monotonic()
    lines = lines_of(network, plan)
    ways = Ways(network, lines)
    raid = raid_of(network, intent, ways, network.hosts[options.owned]) if options.owned else None
    possible = raid.probes if raid else probes_of(network, intent, ways, MOST)
    limit = MOST if options.every or options.only else options.limit
    probes = thinned(possible, limit)
    layout = lay_out(network, plan, held_by(probes, network, lines))
    visits = visits_of(network, intent, ways, layout)
    claims = tuple(claim for claim in intent.claims() if not options.only or claim.id in options.only)
    placed = stationed(probes, layout)
    if options.only:
        placed = about(placed, claims, [*dict.fromkeys(station.place for station in layout.stations), Place.ROUTER])
    if raid:
        spoken = {claim for probe in probes for claim in probe.claims}
        claims = tuple(claim for claim in claims if claim.id in spoken)
    scans = thinned(scans_of(network, intent, ways, layout), limit // SCANNED)
    sample = sample_of(placed, claims)
    steps = raid.steps if raid else ()
    tree, *others = trees
    script = Script(network, plan, tree, layout, placed, options, visits, sample, tuple(others), scans, steps)
    return Aimed(script, claims, len(placed if options.only else possible), time.monotonic() - began)


def try_network(
    network: Network,
    intent: Intent,
    plan: Plan,
    tree: Tree,
    options: TwinOptions | None = None,
    *,
    others: Sequence[Tree] = (),
    listener: Listener | None = None,
) -> TwinResult:
    """Bring the network up from the rendered files and send packets through it; ``listener`` hears of each part.

    ``tree`` is the router's files, ``others`` are those of switches and hypervisors.
    Raises StageError when this machine cannot hold the stage; a difference from what was meant is in the result.
    """
    options = options or TwinOptions()
    began = time.monotonic()
    aimed = aimed_at(network, intent, plan, (tree, *others), options)
    seen = _performer(options.where)(aimed.script, options.deadline, listener)
    result = judged(aimed, seen)
    return replace(result, seconds=(*result.seconds, ("total", time.monotonic() - began)))


def judged(aimed: Aimed, seen: Seen) -> TwinResult:
    """What was seen, beside what was meant."""
    script, layout, claims = aimed.script, aimed.script.layout, aimed.claims
    observations = tuple(
        observation(probe, seen.sightings[probe.serial], layout) for probe in (*script.probes, *seen.later)
    )
    followed = {one.serial: one for one in seen.followed}
    evidence = evidence_of(claims, observations, _witnesses(seen, layout, followed))
    return TwinResult(
        capabilities=(*seen.capabilities, *_cut_short(len(script.probes), aimed.possible)),
        observations=observations,
        checks=(*seen.checks, *refusals_told(observations)),
        evidence=evidence,
        leases=seen.leases,
        loaded=seen.loaded,
        seconds=(("aim", aimed.seconds), *seen.seconds),
        decisions=seen.decisions,
        stage=seen.stage,
        captured=seen.captured,
        refutations=tuple(refutations(claims, evidence, observations, followed, script.tree)),
    )


def _performer(where: Where) -> Callable[..., Seen]:
    """What acts a script out there: takes it and its deadline in seconds."""
    if where is Where.MACHINE:
        # Not needed by most, nor by the guest itself.
        from bailiwick.twin.stages.machine.performing import perform as perform_in_a_machine  # noqa: PLC0415

        return perform_in_a_machine
    if where is Where.BOOTED:
        from bailiwick.twin.stages.booted.performing import perform as perform_booted  # noqa: PLC0415

        return perform_booted
    return perform


def _witnesses(seen: Seen, layout: Layout, preferred: Collection[int]) -> Witnesses:
    """Where every packet that comes out is seen: by a station's wire, or by the router's own sockets."""
    places = dict.fromkeys(station.place for station in layout.stations)
    words = {}
    names = {LinkKind.VLAN: "802.1Q", LinkKind.PPP: "PPPoE", LinkKind.TUNNEL: "tunnel"}
    for interface, _ in layout.stand_ins:
        if interface.place and not _present(seen, names[interface.kind]):
            what = f"VLAN {interface.vlan}" if interface.kind is LinkKind.VLAN else "its session"
            words[interface.place] = f"{place_words(interface.place)} by a plain link instead of {what}"
    return Witnesses((*places, Place.ROUTER), words, preferred)


def _present(seen: Seen, name: str) -> bool:
    return any(one.name == name and one.present for one in seen.capabilities)


def _cut_short(sent: int, possible: int) -> tuple[Capability, ...]:
    """What was left out is said: a home of many zones gives more packets than one trial sends."""
    if sent == possible < MOST:
        return ()
    number = f"{possible} or more" if possible == MOST else str(possible)
    note = f"{sent} of {number} packets were sent, some for each pair of places, each sentence and each port"
    return (Capability("every packet", present=False, note=note),)
