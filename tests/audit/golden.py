"""Cases of audits, written as Markdown: files as ```` ```text hit/iptables-save ````, and what is to be said of them.

A file's first folder is its scene. A scene has the files of the scene ``hit`` that it does not write itself. The block
``files`` names dumps below the directory of data, for cases of dumps that are too large to write out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bailiwick.dataplane.symbolic.dead import dead_rules
from bailiwick.report.openness import axis_words, cell_words
from bailiwick.workflow.auditing import Audited, Question, audit_files
from tests.cases.blocks import Block, blocks, input_files, rewritten

DATA = Path(__file__).parents[3] / "shared" / "data"
FIRST = "hit"


@dataclass(frozen=True)
class Case:
    path: Path
    text: str
    workplace: Path

    @cached_property
    def dumps(self) -> tuple[Path, ...]:
        """The dumps that lie outside."""
        return tuple(DATA / name for block in blocks(self.text) if block.kind == "files" for name in block.body.split())

    def expected(self) -> list[Block]:
        return [block for block in blocks(self.text) if block.kind in EXPECTED]

    def audited(self, scene: str, services: tuple[str, ...] = ()) -> Audited:
        """Raises what ``audit_files`` raises."""
        found = audit_files(self.dumps or self._files(scene or FIRST), Question(services=services))
        assert len(found) == 1, "a case is of one device"
        assert all(tally.adds_up for _, tally in found[0].loaded.files)
        return found[0]

    def _files(self, scene: str) -> list[Path]:
        texts: dict[str, str] = {}
        for name, text in input_files(self.text).items():
            folder, _, rest = name.partition("/")
            if folder in (FIRST, scene):
                texts[rest] = text
        folder_ = self.workplace / scene
        folder_.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder_ / name).write_text(text, encoding="utf-8")
        return [folder_ / name for name in texts]

    def actual(self) -> str:
        return rewritten(self.text, lambda b: EXPECTED[b.kind](self, b.argument) if b.kind in EXPECTED else b.body)


def findings(case: Case, scene: str) -> str:
    """Each finding as a person sees it: severity, code, sentence, and the packet that was walked."""
    audit = case.audited(scene).audit
    assert not audit.defects
    lines = []
    for one in audit.findings:
        lines.append(f"{one.severity.word}[{one.code}] {one.title}\n")
        lines += [f"  lines {', '.join(str(line.number) for line in one.lines)}\n"] if one.lines else []
        lines += [f"  packet {one.witness}\n"] if one.witness else []
    return "".join(lines)


def reaches(case: Case, services: str) -> str:
    """Who reaches the services of the argument (or any), a line for each pair of places that does."""
    asked = tuple(services.split(",")) if services else ()
    matrix = case.audited("", asked).audit.matrix
    cells = ((row, column, matrix.cells.get((row, column))) for row in matrix.rows for column in matrix.columns)
    said = [(row, column, cell_words(cell)) for row, column, cell in cells if cell is not None and cell_words(cell)]
    return "".join(f"{axis_words(row)} -> {axis_words(column)}: {words}\n" for row, column, words in said)


def dead(case: Case, _: str) -> str:
    """The rules that can never match: line, and why, as the device's tables alone tell."""
    from bailiwick.proof.audit.view import View  # noqa: PLC0415 - only this needs the rules themselves
    from bailiwick.proof.audit.zones import find_zones  # noqa: PLC0415

    device = case.audited("").loaded.device
    view = View(device, 4, find_zones(device), "iptables")
    found = [one for chains in view.pipeline.tables for one in dead_rules(view.pipeline.reach(chains))]
    found.sort(key=lambda one: one.rule.line.number)
    return "".join(f"{one.rule.line.number} {one.cause.value}: {one.rule.line.text.strip()}\n" for one in found)


EXPECTED: dict[str, Callable[[Case, str], str]] = {"findings": findings, "reaches": reaches, "dead": dead}
