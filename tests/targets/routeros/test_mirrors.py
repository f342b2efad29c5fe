"""What a switch chip is told to copy, in each of the three ways that chips have, and what the proof sees of it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bailiwick.language.schema import Model
from bailiwick.network.switch_chips import chips_of
from bailiwick.plan.switching import Mirror
from bailiwick.proof.prove import prove
from bailiwick.targets.routeros.mirrors import mirrors
from bailiwick.workflow import check
from bailiwick.workflow.checking import Checked
from bailiwick.workflow.machines import read_script
from tests.targets.hypervisor.machine_plans import SWITCH
from tests.targets.routeros.homes import home
from tests.targets.routeros.test_switch import CHECKER

MODELS = {Model.RB5009: "ether8", Model.HEX: "ether5", Model.CRS326_24G: "ether24"}


def homefile(model: Model, port: str) -> str:
    given = home("routeros").replace("platform: ", f"model: {model.value}\n    platform: ")
    crowded = "ether4: iot, ether5: rescue, ether6: lan"
    return given.replace(crowded, f"{port}: {{mirror: [ether1]}}, ether4: rescue")


@pytest.fixture(params=MODELS, scope="module")
def copying(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    path = tmp_path_factory.mktemp("mirrors") / "home.yaml"
    path.write_text(homefile(request.param, MODELS[request.param]), encoding="utf-8")
    return check(path, date(2026, 1, 1))


def sentences(checked: Checked, text: str) -> set[str]:
    found = prove(checked.intent, read_script("gate", {"/bailiwick.rsc": text})).differences
    return {one.sentence for one in found}


def last_lines(checked: Checked) -> tuple[str, list[str]]:
    """The script, and its lines that switch the mirror on."""
    [only] = checked.trees[0].artifacts
    lines = only.text.splitlines()
    on = [number for number, ids in only.lines.items() if any(one.startswith("mirror:") for one in ids)]
    assert on
    assert on[-1] == len(lines), "they are the last"
    return only.text, [lines[number - 1] for number in on]


@pytest.mark.slow
def test_what_is_copied_is_what_was_meant_and_each_line_is_needed(copying: Checked) -> None:
    text, on = last_lines(copying)
    assert sentences(copying, text) == set()
    for line in on:
        assert any(
            "gate does not copy what passes ether1 to " in one for one in sentences(copying, text.replace(line, ""))
        )


@pytest.mark.slow
def test_a_copy_that_nobody_asked_for_is_seen(copying: Checked) -> None:
    text, on = last_lines(copying)
    found = sentences(copying, text + "\n".join(on).replace("ether1 ", "ether3 ").replace("=ether1", "=ether3") + "\n")
    assert any("which nothing asks for" in one and "ether3" in one for one in found)


@pytest.mark.slow
def test_one_direction_is_not_both(tmp_path: Path) -> None:
    path = tmp_path / "home.yaml"
    path.write_text(homefile(Model.RB5009, "ether8"), encoding="utf-8")
    checked = check(path, date(2026, 1, 1))
    text, _ = last_lines(checked)
    changed = text.replace("mirror-ingress=yes mirror-egress=yes", "mirror-ingress=yes mirror-egress=no")
    assert changed != text
    assert "gate copies what passes ether1/ingress to ether8, which nothing asks for" in sentences(checked, changed)


def test_every_model_has_its_chips_and_no_port_is_on_two() -> None:
    for model in Model:
        chips = chips_of(model)
        ports = [port for chip in chips for port in chip.ports]
        assert chips
        assert len(ports) == len(set(ports))


def test_a_chip_that_copies_nothing_is_told_nothing() -> None:
    assert list(mirrors(replace(SWITCH, chips=chips_of(Model.HAP_AX3)))) == []
    assert list(mirrors(SWITCH)) == []


def test_a_switch_copies_too() -> None:
    mirror = Mirror("mirror:sw/ether6", SWITCH.spans, ("ether1", "ether2"), "ether6")
    lines = [line.text for line in mirrors(replace(SWITCH, mirrors=(mirror,), chips=chips_of(Model.CRS326_24G)))]
    assert lines[-3:] == [
        "/interface ethernet switch port set ether1 mirror-ingress=yes mirror-egress=yes",
        "/interface ethernet switch port set ether2 mirror-ingress=yes mirror-egress=yes",
        "/interface ethernet switch set switch1 mirror-target=ether6",
    ]
    assert lines.index("/interface ethernet switch set switch1 mirror-target=none") < len(lines) - 3


@pytest.mark.real
@pytest.mark.skipif(not CHECKER.is_file(), reason="RouterOS' schema is not beside this repository")
@pytest.mark.parametrize("version", ["7.16", "7.24"])
def test_routeros_knows_every_word(version: str, tmp_path: Path) -> None:
    path = tmp_path / "mirrors.rsc"
    for model, port in MODELS.items():
        mirror = Mirror("mirror:sw/x", SWITCH.spans, ("ether2",), port)
        lines = mirrors(replace(SWITCH, mirrors=(mirror,), chips=chips_of(model)))
        text = "".join(f"{line.text}\n" for line in lines)
        for content, good in ((text, True), (text.replace("mirror-", "mirrors-"), False)):
            path.write_text(content, encoding="utf-8")
            asked = [sys.executable, str(CHECKER), "--strict", "--all-caps", "--ros", version, str(path)]
            done = subprocess.run(asked, capture_output=True, text=True, check=False)
            assert ("commands ok,  {}" in done.stdout) is good, done.stdout + done.stderr
