"""Files of any kind to what is to be said of each device that they describe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bailiwick.proof.audit.audit import audit
from bailiwick.proof.audit.zones import BadZone
from bailiwick.workflow.devices import Loaded, NftMissing, Unusable, load

if TYPE_CHECKING:
    from bailiwick.proof.audit.audit import Audit

__all__ = ["Audited", "BadZone", "NftMissing", "Question", "Unusable", "audit_files"]


@dataclass(frozen=True, slots=True)
class Question:
    """What the command line adds: zones as (name, interfaces or networks), interfaces that lead outside, services."""

    zones: tuple[tuple[str, str], ...] = ()
    outside: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


@dataclass(frozen=True)
class Audited:
    loaded: Loaded
    audit: Audit


def audit_files(paths: Sequence[Path], question: Question) -> tuple[Audited, ...]:
    """One for each device. Raises Unusable, BadZone, NftMissing, OSError, and ValueError for a service that is none."""
    return tuple(Audited(one, _audit(one, question)) for one in load(paths))


def _audit(loaded: Loaded, question: Question) -> Audit:
    return audit(
        loaded.device,
        loaded.syntax,
        loaded.families,
        guessed=loaded.guessed,
        zones=question.zones,
        outside=question.outside,
        services=question.services,
    )
