"""Which stage a trial is given, and what is played there."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bailiwick.cli.commands.trial import command
from bailiwick.twin import StageError, TwinOptions
from bailiwick.twin.options import CONTAINERS
from tests.cli.conftest import Run


def test_a_scene_is_not_for_the_stage_that_systemd_boots(run: Run, home: Path) -> None:
    text = home.read_text(encoding="utf-8")
    home.write_text(text.replace("hosts:\n", "hosts:\n  cloud: {zone: lan, address: .5}\n"), encoding="utf-8")
    done = run("try", "--boot", "--scene", "lan-owned")

    assert done.returncode == 2
    assert "--scene is for the other stages" in done.stderr


@pytest.mark.parametrize(
    ("words", "acts", "every"),
    [
        ((), (), False),
        (("--all",), (), True),
        (("--boot",), (), False),
        (("--boot", "--all"), (CONTAINERS,), False),
        (("--vm", "--all"), (CONTAINERS,), True),
        (("--vm", "--all", "--only", "policy:lan->router:ssh"), (), True),
    ],
)
def test_all_names_the_container_where_a_machine_of_its_own_can_have_one(
    words: tuple[str, ...], acts: tuple[str, ...], every: bool, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[TwinOptions] = []

    def tried(_checked: object, options: TwinOptions, *_rest: object) -> None:
        asked.append(options)
        raise StageError("seen enough")

    monkeypatch.setattr("bailiwick.cli.commands.trial.try_home", tried)
    done = CliRunner().invoke(command, [str(home), *words])

    assert "seen enough" in done.output
    assert [(one.acts, one.every) for one in asked] == [(acts, every)]
