"""What a tree holds, as JSON: where each file goes, what takes it up, and which line of the home file asked for it."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from bailiwick.targets.artifact import Artifact, Tree

VERSION = 1


def manifest(tree: Tree) -> str:
    """Deterministic: the same tree gives the same bytes. Hashes are of the text with its placeholders in place."""
    return json.dumps(as_data(tree), indent=2, ensure_ascii=False) + "\n"


def as_data(tree: Tree) -> dict[str, Any]:
    """The same, before it becomes text; ``asked_by`` gives the places of the ids that the lines name."""
    files = sorted(tree.artifacts, key=lambda artifact: artifact.path)
    used = {identity for artifact in files for ids in artifact.lines.values() for identity in ids}
    return {
        "version": VERSION,
        "device": tree.device,
        "files": [_file(artifact) for artifact in files],
        "enable": list(tree.enable),
        "disable": list(tree.disable),
        "asked_by": {i: [str(span) for span in tree.spans[i]] for i in sorted(used) if i in tree.spans},
    }


def _file(artifact: Artifact) -> dict[str, Any]:
    return {
        "path": artifact.path,
        "mode": f"{artifact.mode:04o}",
        "owner": artifact.owner,
        "sha256": sha256(artifact.text.encode()).hexdigest(),
        "reload": artifact.reload,
        "secrets": dict(sorted(artifact.secrets.items())),
        "lines": {str(number): list(ids) for number, ids in sorted(artifact.lines.items())},
    }
