"""The page of conformance: what it names exists, and it is what its command writes."""

from __future__ import annotations

import ast
import inspect
import json
from importlib import import_module

import pytest

from bailiwick.twin.acts.order import ALWAYS, ON_DEMAND
from bailiwick.twin.result import Check
from tests.conformance.document import DOCUMENT, REQUIREMENTS, RESULTS, act_name, counted, document, keys
from tests.conformance.requirement import Met, Trial

TRIALS = {act_name(trial.act): trial for one in REQUIREMENTS for trial in one.trials}
PLAYED_BY_ANOTHER_NAME = {"ipv6.py `ipv6_closed`"}


def test_the_page_is_what_the_command_writes() -> None:
    assert DOCUMENT.read_text() == document()


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS)
def test_each_act_exists_and_is_played(trial: Trial) -> None:
    function = getattr(import_module(trial.act.__module__), trial.act.__qualname__)

    played = {play for _, play in (*ALWAYS, *ON_DEMAND)}
    assert function in played or act_name(trial.act) in PLAYED_BY_ANOTHER_NAME


def test_each_key_is_a_text_of_its_act() -> None:
    for one in REQUIREMENTS:
        for trial in one.trials:
            module = import_module(trial.act.__module__)
            texts = {
                node.value
                for node in ast.walk(ast.parse(inspect.getsource(module)))
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
            assert all(any(key.startswith(text.rstrip()) for text in texts if len(text) > 5) for key in trial.keys), one


def test_each_row_says_why_it_is_not_met() -> None:
    assert [one for one in REQUIREMENTS if one.met is not Met.YES and not one.note] == []
    assert [one for one in REQUIREMENTS if one.met is Met.NO and not one.trials] == []
    assert [one for one in REQUIREMENTS if one.met is Met.NONE and one.trials] == []


def test_no_row_stands_twice() -> None:
    names = [(one.standard, one.number) for one in REQUIREMENTS]
    assert len(names) == len(set(names))


def test_every_row_with_an_act_was_seen_in_the_last_run() -> None:
    checks = json.loads(RESULTS.read_text())["checks"]
    assert [key for key in keys() if key not in checks] == []
    assert [key for key, (held, differed, _) in checks.items() if differed or not held] == []


def test_checks_are_counted_by_how_their_subjects_begin() -> None:
    key = keys()[0]
    checks = [Check(f"{key} from lan by wan", "", "", holds) for holds in (True, True, False, None)]

    count = counted([*checks, Check("something else", "", "", False)])[key]

    assert (count.held, count.differed, count.untried) == (2, 1, 1)
