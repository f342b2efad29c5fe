"""One fault before the twin, which takes the damaged files for what was rendered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import IPv4Interface
from pathlib import Path

from bailiwick.plan.model import Plan
from bailiwick.twin import Observation, StageError, TwinOptions, TwinResult, try_network
from tests.twin.faults.fault import Fault
from tests.twin.homes import Home, home, native, small, trunks, uplinks

HOMES: dict[str, Callable[[], Home]] = {
    "public-apps": lambda: home("public-apps"),
    "native": native,
    "small": small,
    "trunks": trunks,
    "uplinks": uplinks,
}
OPTIONS = TwinOptions(patience=0.2)


class Verdict(StrEnum):
    REFUTED = "REFUTED"
    """Something was seen otherwise than meant, and it is what the fault is about."""
    INCONCLUSIVE = "INCONCLUSIVE"
    """This kernel lacks what the fault is about."""
    ELSEWHERE = "ELSEWHERE"
    """Something was seen otherwise than meant, but not where the fault is."""
    HARMLESS = "HARMLESS"
    """Nothing was seen, and nothing could be: what else stands in the way is said."""
    UNSEEN = "UNSEEN"


@dataclass(frozen=True, slots=True)
class Judged:
    """``seen`` is the finding that names the fault, or the first of all; ``asked`` are the lines of the home file and
    ``lines`` those of rendered files that the trial names for what was refuted."""

    fault: Fault
    verdict: Verdict
    seen: str = ""
    asked: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


def damaged_line(fault: Fault) -> int:
    """The first line of the rendered file, from 1, that the fault changes."""
    old = HOMES[fault.home]().file(fault.path).text
    pairs = zip((*old.splitlines(), ""), (*fault.edit(old).splitlines(), ""), strict=False)
    return next((n for n, (was, now) in enumerate(pairs, 1) if was != now), len(old.splitlines()) + 1)


def in_words(one: Observation) -> str:
    """What was sent, and what became of it."""
    packet = one.packet
    kind = {1: "icmp", 6: "tcp", 17: "udp"}.get(packet.protocol, f"protocol {packet.protocol}")
    port = f":{packet.destination_port}" if packet.destination_port else ""
    by = f" ({', '.join(one.claims)})" if one.claims else ""
    return (
        f"{kind} from {packet.source} ({packet.ingress}) to {packet.destination}{port} ({packet.egress}): "
        f"meant {one.expected}, seen {one.seen}: {one.detail}{by}"
    )


def findings(result: TwinResult) -> Iterator[str]:
    """Everything that the trial holds against what was meant, a sentence each."""
    yield from (in_words(one) for one in result.differences)
    yield from (f"{one.subject}: meant {one.expected}, seen {one.seen}" for one in result.checks if one.differs)
    for lease in result.leases:
        if not lease.holds:
            given = f"address {lease.address}, router {lease.router}, resolver {lease.resolver}, domain {lease.domain}"
            yield f"lease of {lease.mac} in {lease.zone}: {given}"
    yield from (f"{one.subject} ({one.place}): not loaded: {one.note}" for one in result.loaded if one.found is False)


def _waited_for(plan: Plan, fault: Fault) -> Plan:
    """The plan with the address that the damaged files give, so that the stage does not wait for the right one."""
    if fault.gateway is None:
        return plan
    zone, address = fault.gateway
    moved = (
        replace(one, address=IPv4Interface(address)) if one.place == f"zone:{zone}" else one for one in plan.interfaces
    )
    return replace(plan, interfaces=tuple(moved))


def judge(fault: Fault, options: TwinOptions = OPTIONS) -> Judged:
    """Seconds: a whole trial of the damaged home."""
    one = HOMES[fault.home]()
    damaged = one
    for path, edit in fault.edits:
        damaged = damaged.changed(edit, path)
    options = replace(options, every=fault.every)
    try:
        plan = _waited_for(one.plan, fault)
        result = try_network(one.network, one.intent, plan, damaged.tree, options, others=damaged.others)
    except StageError as error:
        return Judged(fault, Verdict.ELSEWHERE, f"the stage: {error}")
    if any(lack.name == fault.needs for lack in result.untried):
        return Judged(fault, Verdict.INCONCLUSIVE, f"this kernel has no {fault.needs}")
    found = tuple(findings(result))
    right = next((text for text in found if re.search(fault.sight, text)), "")
    if right:
        verdict = Verdict.REFUTED
    elif found:
        verdict = Verdict.ELSEWHERE
    else:
        verdict = Verdict.HARMLESS if fault.harmless else Verdict.UNSEEN
    asked = dict.fromkeys(f"{Path(span.file).name}:{span.line}" for one in result.refutations for span in one.asked[:1])
    lines = dict.fromkeys(str(line) for one in result.refutations for line in one.lines[:1])
    return Judged(fault, verdict, right or next(iter(found), fault.harmless), tuple(asked), tuple(lines), found)
