"""The one call: everything that can be said of a device that somebody else configured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bailiwick.claims.matrix import Matrix
from bailiwick.dataplane.model import Device
from bailiwick.proof.audit.board import board
from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding
from bailiwick.proof.audit.findings.all import FAMILIES
from bailiwick.proof.audit.summary import summary
from bailiwick.proof.audit.view import View
from bailiwick.proof.audit.zones import Zones, find_zones


@dataclass(frozen=True)
class Audit:
    """``matrix`` is of IPv4 where there is any, ``matrix6`` of IPv6 beside it. ``findings`` come the worst first.

    Of findings that are not shown: ``defects`` are packets that the sets and the interpreter disagree about, and
    ``undecided`` those whose end hangs on a line that could not be read, whichever way they are walked.
    """

    device: Device
    zones: Zones
    summary: tuple[str, ...]
    matrix: Matrix
    matrix6: Matrix | None
    findings: tuple[Finding, ...]
    defects: tuple[str, ...]
    undecided: tuple[str, ...] = ()


def audit(
    device: Device,
    syntax: str,
    families: frozenset[int],
    *,
    guessed: bool = False,
    zones: Sequence[tuple[str, str]] = (),
    outside: Sequence[str] = (),
    services: Sequence[str] = (),
) -> Audit:
    """Raises BadZone, and ValueError for a service that is none."""
    found = find_zones(device, zones, outside)
    versions = sorted(families) or [4]
    views = {version: View(device, version, found, syntax, guessed) for version in versions}
    context = Context(device, found, syntax, views)
    matrices = [board(view, services) for view in views.values()]
    findings = tuple(one for family in FAMILIES for one in family(context))
    ordered = tuple(sorted(findings, key=lambda one: (one.severity, one.lines[:1])))
    other = matrices[1] if len(matrices) > 1 and matrices[1].cells != matrices[0].cells else None
    said = summary(context, matrices[0], other)
    return Audit(device, found, said, matrices[0], other, ordered, tuple(context.defects), tuple(context.undecided))
