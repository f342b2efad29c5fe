"""What a trial saw, for a terminal: what the machine lacks, the differences, the matrix, what could not be tried."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from bailiwick.claims.claim import Outcome
from bailiwick.claims.matrix import Matrix
from bailiwick.claims.wording import packet_words
from bailiwick.report.matrix_table import matrix_table
from bailiwick.report.refutations import refutation_lines
from bailiwick.report.tally import tally
from bailiwick.report.terminal import Terminal
from bailiwick.twin.result import TwinResult

SHOWN = 40
CLAIMS = 10
NAMED = 6


def trial_text(matrix: Matrix, result: TwinResult, terminal: Terminal) -> str:
    """At most ``SHOWN`` lines of differences; the JSON form and the page have them all."""
    contrary = list(differences(result))
    shown = contrary[:SHOWN]
    if len(contrary) > SHOWN:
        shown.append(f"… and {len(contrary) - SHOWN} more; --report and --format json have them all")
    refuted = list(refuted_claims(result))
    parts = [
        terminal.print(*(Text(line, style="yellow") for line in lacking(result))),
        terminal.print(*(Text(f"{terminal.marks.differs} {line}", style="red") for line in refuted)),
        terminal.print(*(Text(f"{terminal.marks.differs} {line}", style="red") for line in shown)),
        matrix_table(matrix, terminal, tally(result.observations, matrix)),
        terminal.print(*(Text(f"? {line}", style="yellow") for line in untried(result))),
        summary(result),
    ]
    return "\n\n".join(part for part in parts if part)


def lacking(result: TwinResult) -> Iterator[str]:
    """One line, where this machine lacks something; what was done instead is told below (``untried``)."""
    if result.stage:
        yield f"On {result.stage}."
    if result.untried:
        names = ", ".join(lack.name for lack in result.untried)
        yield f"Not tried for real on this machine: {names}. What hangs on it is inconclusive; see the end."


def refuted_claims(result: TwinResult) -> Iterator[str]:
    """A block for each claim, at most ``CLAIMS``."""
    for one in result.refutations[:CLAIMS]:
        yield "\n".join(refutation_lines(one))
    if len(result.refutations) > CLAIMS:
        yield f"… and {len(result.refutations) - CLAIMS} more claims refuted"


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
    by_note: dict[str, list[str]] = {}
    for evidence in result.evidence:
        if evidence.outcome is Outcome.INCONCLUSIVE:
            by_note.setdefault(evidence.note, []).append(evidence.claim)
    for note, claims in by_note.items():
        more = f" and {len(claims) - NAMED} more" if len(claims) > NAMED else ""
        yield f"inconclusive, {note}: {', '.join(claims[:NAMED])}{more}"
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
