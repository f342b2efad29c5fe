"""The families of findings, in the order in which they are looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding
from bailiwick.proof.audit.findings.bridges import bridges
from bailiwick.proof.audit.findings.broad import broad
from bailiwick.proof.audit.findings.dead import dead
from bailiwick.proof.audit.findings.defaults import defaults
from bailiwick.proof.audit.findings.interfaces import interfaces
from bailiwick.proof.audit.findings.lines import lines
from bailiwick.proof.audit.findings.listeners import listeners
from bailiwick.proof.audit.findings.lockouts import lockouts
from bailiwick.proof.audit.findings.six import six
from bailiwick.proof.audit.findings.spoofing import spoofing
from bailiwick.proof.audit.findings.states import states
from bailiwick.proof.audit.findings.translation import translation
from bailiwick.proof.audit.findings.tunnels import tunnels
from bailiwick.proof.audit.findings.twice import twice
from bailiwick.proof.audit.findings.vlans import vlans

FAMILIES: tuple[Callable[[Context], Iterable[Finding]], ...] = (
    defaults,
    listeners,
    broad,
    spoofing,
    tunnels,
    translation,
    states,
    six,
    interfaces,
    vlans,
    bridges,
    lockouts,
    lines,
    dead,
    twice,
)
