"""Files as a target writes them, and the tree that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bailiwick.language.span import Span


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file to be installed.

    ``path`` is absolute on the device; ``mode`` the permission bits; ``reload`` the command that makes the
    running system take it up ("" when none is needed). ``lines`` maps a line of ``text`` (from 1) to the plan
    ids that it carries out. A ``secrets`` entry maps a placeholder in ``text`` to the name of the secret that
    takes its place when the file is installed: the value itself is never in a plan, a build or a diff. A placeholder
    stands between double quotes; whoever installs the file writes a backslash before each ``"`` and ``\\`` of the
    value, and refuses one with control characters.
    """

    path: str
    text: str
    mode: int = 0o644
    owner: str = "root:root"
    reload: str = ""
    lines: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tree:
    """All files of one device, by path, and what must be taken out of their way there."""

    device: str
    artifacts: tuple[Artifact, ...]
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    """Plan id to the lines of the home file that asked for it."""
    enable: tuple[str, ...] = ()
    """systemd units to enable, in order."""
    disable: tuple[str, ...] = ()
    """systemd units to disable and mask, as they would fight over the network."""

    def file(self, path: str) -> Artifact:
        """Raises KeyError."""
        for artifact in self.artifacts:
            if artifact.path == path:
                return artifact
        raise KeyError(path)
