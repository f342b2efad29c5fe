"""A lock-out on purpose: a device gets a firewall that lets nobody in, and is watched while it comes back by itself."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bailiwick.agent.model import same
from bailiwick.apply.following import End
from bailiwick.apply.generations import Packed, pack
from bailiwick.apply.session import Session, Terms
from bailiwick.apply.tokens import forget
from bailiwick.targets.artifact import Artifact, Tree
from bailiwick.workflow.applying import Home, Meant, Target, begin_packed

FIREWALL = "/etc/bailiwick/firewall.nft"
SHUT = '\t\tiifname != "lo" drop comment "a drill: nobody is let in"'
_INPUT = re.compile(r"^(\s*type filter hook input priority [^;]+;.*)$", re.MULTILINE)


class NoDrill(Exception):
    """The device cannot be drilled as it is; one plain sentence says why."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """``shut``: seconds in which no connection came through, 0.0 when all did; ``took``: until it was back.

    ``why``: as the device tells it; ``differs``: sentences on what is not as it was.
    """

    back: bool
    shut: float
    took: float
    why: str = ""
    differs: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it was locked, and is as it was."""
        return self.back and self.shut > 0 and not self.differs


def lock_out(tree: Tree) -> Tree:
    """The same with an input chain that drops whatever comes in. Raises NoDrill."""

    def shut(artifact: Artifact) -> Artifact:
        if artifact.path != FIREWALL:
            return artifact
        text, count = _INPUT.subn(lambda match: f"{match[1]}\n{SHUT}", artifact.text)
        if count != 1:
            raise NoDrill(f"{tree.device} has no firewall that could be shut.")
        return replace(artifact, text=text)

    if not any(artifact.path == FIREWALL for artifact in tree.artifacts):
        raise NoDrill(f"{tree.device} has no firewall that could be shut.")
    return replace(tree, artifacts=tuple(map(shut, tree.artifacts)))


def drill(
    session: Session,
    home: Home,
    target: Target,
    terms: Terms,
    hear: Callable[[Mapping[str, Any]], None],
) -> Drilled:
    """Of a device that is as the home file says, and stays so. Raises NoDrill, and what a session raises."""
    meant = home.meant
    facts, drift = session.look(meant.units)
    if facts.window is not None:
        raise NoDrill(f"An apply of {target.device} waits to be confirmed: end that first.")
    if facts.generation is None or not same(facts.generation, meant.packed.generation) or drift.ours:
        raise NoDrill(f"{target.device} is not as the home file says: apply that first.")
    began = time.monotonic()
    begun = begin_packed(session, _packed(meant), target, replace(terms, expect=drift.digest))
    silence: list[float] = []

    def heard(line: Mapping[str, Any]) -> None:
        if line.get("step") == "connection":
            silence.append(time.monotonic())
        hear(line)

    forget(begun.token)
    ended = session.follow(begun.number, terms, heard)
    if ended.end is End.STANDS:
        session.give_up("the drill locked nobody out")
        ended = session.follow(begun.number, terms, hear)
        silence.clear()
    took = time.monotonic() - began
    if ended.end is not End.BACK:
        return Drilled(False, 0.0, took, ended.why or ended.end.value)
    after = session.look(meant.units)[1]
    shut = time.monotonic() - silence[0] if silence else 0.0
    return Drilled(True, shut, took, ended.why, tuple(str(one.get("text", one)) for one in after.ours))


def _packed(meant: Meant) -> Packed:
    old, tree = meant.packed.generation, lock_out(meant.tree)
    return pack(tree, meant.platform, meant.secrets, old.probes, tool=old.tool, made=old.made, source="drill")
