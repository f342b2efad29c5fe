"""What a trial saw, for a terminal: differences first, then the matrix, then what could not be tried."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from bailiwick.claims.claim import Outcome
from bailiwick.claims.matrix import Matrix
from bailiwick.claims.wording import packet_words
from bailiwick.report.matrix_table import matrix_table
from bailiwick.report.tally import tally
from bailiwick.report.terminal import Terminal
from bailiwick.twin.result import TwinResult

SHOWN = 40


def trial_text(matrix: Matrix, result: TwinResult, terminal: Terminal) -> str:
    """At most ``SHOWN`` lines of differences; the JSON form and the page have them all."""
    contrary = list(differences(result))
    shown = contrary[:SHOWN]
    if len(contrary) > SHOWN:
        shown.append(f"… and {len(contrary) - SHOWN} more; --report and --format json have them all")
    parts = [
        terminal.print(*(Text(f"{terminal.marks.differs} {line}", style="red") for line in shown)),
        matrix_table(matrix, terminal, tally(result.observations, matrix)),
        terminal.print(*(Text(f"? {line}", style="yellow") for line in untried(result))),
        summary(result),
    ]
    return "\n\n".join(part for part in parts if part)


def differences(result: TwinResult) -> Iterator[str]:
    """One line for each thing seen that is contrary to what was meant."""
    for packet in result.differences:
        said = f": {packet.detail}" if packet.detail else ""
        words = packet_words(packet.packet, packet.sent_to)
        yield f"{words}: meant {packet.expected}, {packet.seen}{said}"
    for check in result.checks:
        if check.differs:
            yield f"{check.subject}: meant {check.expected}, saw {check.seen}"
    for lease in result.leases:
        if not lease.holds:
            yield f"DHCP in {lease.zone}: {lease.mac} was given {lease.address or 'nothing'}"
    for entry in result.loaded:
        if entry.found is False:
            yield f"not loaded: {entry.subject} ({entry.place}){': ' + entry.note if entry.note else ''}"


def untried(result: TwinResult) -> Iterator[str]:
    """What nothing was learnt about, and why."""
    for lack in result.untried:
        yield f"{lack.name}: {lack.note}" if lack.note else lack.name
    for check in result.checks:
        if check.holds is None:
            yield f"{check.subject}: inconclusive, {check.seen}"
    for entry in result.loaded:
        if entry.found is None:
            yield f"could not be read back: {entry.subject} ({entry.place})"
    lost = sum(1 for packet in result.observations if not packet.agrees and not packet.differs)
    if lost:
        yield f"{lost} packets were not even seen to enter the router"


def summary(result: TwinResult) -> str:
    """The closing line: how much was tried, how long it took, whether it holds."""
    outcomes = [evidence.outcome for evidence in result.evidence]
    counted = ", ".join(
        f"{outcomes.count(outcome)} {outcome}"
        for outcome in Outcome
        if outcome in outcomes or outcome is Outcome.CONFIRMED
    )
    total = dict(result.seconds).get("total")
    took = f" in {total:.1f} s" if total is not None else ""
    agree = sum(packet.agrees for packet in result.observations)
    verdict = "Nothing differs from what was meant." if result.holds else "Something differs from what was meant."
    return (
        f"{agree} of {len(result.observations)} packets and {sum(check.holds is True for check in result.checks)} of "
        f"{len(result.checks)} other checks as meant{took}; claims: {counted}. {verdict}"
    )
