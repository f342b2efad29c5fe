"""The families of findings, in the order in which they are looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding

FAMILIES: tuple[Callable[[Context], Iterable[Finding]], ...] = ()
