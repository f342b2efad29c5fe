"""Everything that can be said about a home file without touching the world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bailiwick.intent import Intent, mean
from bailiwick.language.diagnostic import Diagnostic
from bailiwick.plan import make_plan
from bailiwick.plan.model import Plan
from bailiwick.targets import render
from bailiwick.targets.artifact import Tree
from bailiwick.workflow.contradictions import contradicted
from bailiwick.workflow.reading import Read, read


@dataclass(frozen=True, slots=True)
class Checked:
    """A home file taken through every stage.

    ``trees`` holds the router's files first, then the sheets of the devices that we do not configure.
    ``failures`` are the ``tests`` lines that the rest of the file contradicts.
    """

    read: Read
    intent: Intent
    plan: Plan
    trees: tuple[Tree, ...]
    failures: tuple[Diagnostic, ...]


def check(path: Path, today: date, questions: tuple[str, ...] = ()) -> Checked:
    """Raises Problems when a stage cannot do its work, with the text that they are about."""
    return check_read(read(path, today, questions))


def check_read(home: Read) -> Checked:
    """The same for a home file that is read already."""
    intent = mean(home.network)
    plan = make_plan(home.network)
    return Checked(home, intent, plan, render(plan), contradicted(intent))
