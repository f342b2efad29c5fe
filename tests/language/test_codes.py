from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bailiwick.language
from bailiwick.language import Problems, loads
from bailiwick.language.codes import explain, titles
from tests.cases.blocks import input_files

ROOMS = Path(bailiwick.language.__file__).parent.parent
RAISERS = {"Diagnostic", "Finding", "Unreadable", "Unopened", "_fail", "_fault", "error", "warn", "whole_number"}
CODE = re.compile(r"[a-z]+(-[a-z0-9]+)*")


def codes_raised(room: str = "") -> Iterator[str]:
    """The code that each call of a raiser names, its first argument of that form; and those of a table ``CODES``."""
    for path in sorted((ROOMS / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Dict)
                and ast.unparse(node.targets[0]) == "CODES"
            ):
                yield from (str(one.value) for one in node.value.values if isinstance(one, ast.Constant))
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                words = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                if name in RAISERS and words and CODE.fullmatch(words[0]):
                    yield words[0]


@pytest.mark.parametrize("room", ["language", "network", "workflow", "proof"])
def test_every_code_has_a_page(room: str) -> None:
    raised = set(codes_raised(room))
    assert raised, "the walk finds the codes"
    assert not raised - titles().keys()


def test_every_page_is_of_a_code() -> None:
    rooms = ("language", "network", "workflow", "proof")
    assert titles().keys() <= {code for room in rooms for code in codes_raised(room)}


def test_an_unknown_code_has_no_page() -> None:
    with pytest.raises(KeyError):
        explain("../diagnostic")


@pytest.mark.parametrize("code", sorted(set(codes_raised("language"))))
def test_the_example_of_a_page_triggers_its_code(code: str) -> None:
    files = input_files(explain(code))
    if not files:
        assert code in {"file-encoding", "file-size", "yaml-character", "yaml-depth"}, "what a text block cannot hold"
        return
    if not code.startswith(("yaml-", "file-")) and "name:" not in files["home.yaml"].split("\n", maxsplit=1)[0]:
        files["home.yaml"] = f"name: home\n{files['home.yaml']}"
    with pytest.raises(Problems) as caught:
        loads(files)
    assert code in {d.code for d in caught.value.diagnostics}
