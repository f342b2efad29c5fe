"""A device's tree and the secrets' values to the generation that is staged there."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from bailiwick.agent.model import File, Generation, Probe
from bailiwick.apply.secrets import written
from bailiwick.dataplane.linux.draft import Ledger
from bailiwick.dataplane.linux.ini import assigned, sections
from bailiwick.targets.artifact import Artifact, Tree


@dataclass(frozen=True, slots=True)
class Packed:
    """A generation without its number, and the bytes of its files by path."""

    generation: Generation
    contents: Mapping[str, bytes]

    @property
    def encoded(self) -> Mapping[str, str]:
        """As the agent is given them."""
        return {path: base64.b64encode(content).decode() for path, content in self.contents.items()}


def secret_names(tree: Tree) -> frozenset[str]:
    """Those that the files of ``tree`` bear."""
    return frozenset(name for artifact in tree.artifacts for name in artifact.secrets.values())


def pack(
    tree: Tree,
    platform: str,
    secrets: Mapping[str, str],
    probes: tuple[Probe, ...] = (),
    *,
    tool: str = "",
    made: str = "",
    source: str = "",
) -> Packed:
    """``secrets`` has every name of ``secret_names``."""
    contents = {artifact.path: _filled(artifact, secrets) for artifact in tree.artifacts}
    files = tuple(_file(artifact, contents[artifact.path]) for artifact in tree.artifacts)
    generation = Generation(
        number=0,
        device=tree.device,
        platform=platform,
        files=tuple(sorted(files, key=lambda file: file.path)),
        enable=tree.enable,
        disable=tree.disable,
        links=links(tree),
        probes=probes,
        tool=tool,
        made=made,
        source=source,
    )
    return Packed(generation, contents)


def unfilled(tree: Tree, packed: Packed) -> Packed:
    """The same with markers where the secrets stand: what may be tried on the device before anybody agreed."""
    contents = {artifact.path: artifact.text.encode() for artifact in tree.artifacts}
    files = tuple(
        replace(file, sha256=sha256(contents[file.path]).hexdigest(), shown="") for file in packed.generation.files
    )
    return Packed(replace(packed.generation, files=files), contents)


def links(tree: Tree) -> tuple[str, ...]:
    """The interfaces that the files configure: networkd's, and those that pppd makes; sorted."""
    found = set()
    for artifact in tree.artifacts:
        if artifact.path.startswith("/etc/systemd/network/"):
            section = "NetDev" if artifact.path.endswith(".netdev") else "Match"
            if not artifact.path.endswith(".link"):
                parts = sections(artifact.path, artifact.text, Ledger())
                found |= {name for value in assigned(parts, section, "Name") for name in value.split()}
        elif artifact.path.startswith("/etc/ppp/peers/"):
            found |= set(re.findall(r"^ifname (\S+)$", artifact.text, re.MULTILINE))
    return tuple(sorted(found))


def _filled(artifact: Artifact, secrets: Mapping[str, str]) -> bytes:
    text = artifact.text
    for marker, name in artifact.secrets.items():
        text = text.replace(marker, written(secrets[name]))
    return text.encode()


def _file(artifact: Artifact, content: bytes) -> File:
    shown = artifact.text if artifact.secrets else ""
    return File(artifact.path, artifact.mode, artifact.owner, sha256(content).hexdigest(), artifact.reload, shown)
