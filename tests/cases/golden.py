"""Golden cases: one behaviour each, written as Markdown.

A case has a title, a sentence of intent, its input files as fenced blocks (```` ```yaml home.yaml ````,
```` ```text list.txt ````), and what is expected as further blocks, whose kind is a key of ``EXPECTED``.
A block's info string may carry an argument: ```` ```file /etc/dnsmasq.conf ````.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from bailiwick.intent import mean
from bailiwick.language import Diagnostic, Document, Problems, loads
from bailiwick.language.rendering import human
from bailiwick.network.model import Network
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.plan.show import show
from bailiwick.targets import render
from bailiwick.workflow.contradictions import contradicted
from tests.cases.blocks import INPUTS, Block, blocks, input_files, rewritten

TODAY = date(2026, 6, 1)
"""The day on which every case is read."""


@dataclass(frozen=True)
class Case:
    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> Case:
        return cls(path, path.read_text(encoding="utf-8"))

    @cached_property
    def files(self) -> dict[str, str]:
        return input_files(self.text)

    @cached_property
    def outcome(self) -> tuple[Document | None, Network | None, tuple[Diagnostic, ...]]:
        """As far as the input goes, and every error, warning and contradicted test on the way."""
        try:
            document = loads(self.files)
        except Problems as problems:
            return None, None, problems.diagnostics
        try:
            resolution = resolve(document, TODAY)
        except Problems as problems:
            return document, None, problems.diagnostics
        return document, resolution.network, (*resolution.warnings, *contradicted(mean(resolution.network)))

    @property
    def network(self) -> Network:
        network = self.outcome[1]
        assert network is not None, human(self.outcome[2], self.files)
        return network

    def expected(self) -> list[Block]:
        """The blocks that are no input."""
        return [block for block in blocks(self.text) if block.kind not in INPUTS]

    def actual(self) -> str:
        """The case's text with every expected block as it is now."""
        return rewritten(self.text, lambda block: EXPECTED[block.kind](self, block.argument))


def diagnostics(case: Case, _: str) -> str:
    """Every error, or every warning when there is none, as a person sees them."""
    return human(case.outcome[2], case.files)


def plan(case: Case, _: str) -> str:
    return show(make_plan(case.network))


def file(case: Case, where: str) -> str:
    """A file of the router by its absolute path, or of another device: ``hv:/etc/bailiwick/needs``."""
    device, _, path = where.rpartition(":")
    trees = render(make_plan(case.network))
    return next(tree for tree in trees if tree.device == (device or trees[0].device)).file(path).text


def lines(case: Case, pattern: str) -> str:
    """The lines of the router's script in which a regular expression is found, a dot for each space: ``^/ip.cloud``."""
    script = render(make_plan(case.network))[0].file("/bailiwick.rsc").text
    return "".join(f"{line}\n" for line in script.splitlines() if re.search(pattern, line))


def meant(case: Case, _: str) -> str:
    """The sentences that intent holds to, one a line: kind, id."""
    return "".join(f"{meant.kind} {meant.id}\n" for meant in mean(case.network).meant)


EXPECTED: dict[str, Callable[[Case, str], str]] = {
    "diagnostics": diagnostics,
    "plan": plan,
    "file": file,
    "lines": lines,
    "meant": meant,
}
"""What a kind of block is compared with: the case and the block's argument to its text."""
