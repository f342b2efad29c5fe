"""Cases of adoptions, written as Markdown: a router's files as ```` ```text NAME ````, and what is made of them.

The block ``files`` names files below ``tests``. ``adopted`` is the home file that is written, ``outcome`` how it
compares with the router, ``refused`` the sentence where there is no home file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from bailiwick.workflow.adopting import Adoption, NoHome, Unusable, adopt_files
from tests.cases.blocks import Block, blocks, input_files, rewritten

TESTS = Path(__file__).parents[1]
TODAY = date(2026, 6, 1)


@dataclass(frozen=True)
class Case:
    """Its files are written to the current directory, so that places in messages are short."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> Case:
        return cls(path, path.read_text(encoding="utf-8"))

    @cached_property
    def files(self) -> list[Path]:
        found = [TESTS / name for block in blocks(self.text) if block.kind == "files" for name in block.body.split()]
        for name, text in input_files(self.text).items():
            Path(name).write_text(text, encoding="utf-8")
            found.append(Path(name))
        return found

    @cached_property
    def adoption(self) -> Adoption:
        """Raises what ``adopt_files`` raises."""
        return adopt_files(self.files, "home.yaml", TODAY)

    def expected(self) -> list[Block]:
        return [block for block in blocks(self.text) if block.kind in EXPECTED]

    def actual(self) -> str:
        return rewritten(self.text, lambda b: EXPECTED[b.kind](self) if b.kind in EXPECTED else b.body)


def adopted(case: Case) -> str:
    return case.adoption.text


def outcome(case: Case) -> str:
    """In one line: whether the two are equal, and if not, in what sense."""
    adoption = case.adoption
    if adoption.comparison is None:
        return "does not compile\n"
    if adoption.same:
        return "equal\n"
    return "equal in all that a sentence can say\n" if adoption.comparison.same else "differs\n"


def refused(case: Case) -> str:
    try:
        adoption = case.adoption
    except (Unusable, NoHome) as error:
        return f"{error}\n"
    raise AssertionError(f"it was adopted: {adoption.text}")


EXPECTED: dict[str, Callable[[Case], str]] = {"adopted": adopted, "outcome": outcome, "refused": refused}
