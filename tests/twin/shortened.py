"""The stage's first process, with one line missing in some files when they are installed: ``PATH:NUMBER …`` says which.

What was rendered stays whole, so that only reading back can tell.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace

from bailiwick.targets.artifact import Tree
from bailiwick.twin.layout import Layout
from bailiwick.twin.scene import files
from bailiwick.twin.stages import acting, inside


def shorter(tree: Tree, lines: Mapping[str, int]) -> Tree:
    artifacts = []
    for artifact in tree.artifacts:
        kept = artifact.text.splitlines(keepends=True)
        if artifact.path in lines:
            del kept[lines[artifact.path] - 1]
        artifacts.append(replace(artifact, text="".join(kept)))
    return replace(tree, artifacts=tuple(artifacts))


def main() -> int:
    lines = {path: int(number) for path, _, number in (word.rpartition(":") for word in sys.argv[1:])}

    def install(tree: Tree, layout: Layout) -> None:
        files.install(shorter(tree, lines), layout)

    acting.install = install  # type: ignore[attr-defined]  # the stage's own, which a test takes the place of
    return inside.main()


if __name__ == "__main__":
    sys.exit(main())
