"""N-1 of N lines: one line of each rendered file is taken away behind the stage's back, and each is missed by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bailiwick.targets.artifact import Artifact, Tree
from bailiwick.twin import TwinOptions, try_network
from bailiwick.twin.layout import lay_out
from bailiwick.twin.loaded.files import files_loaded
from bailiwick.twin.scene.files import adapted
from bailiwick.twin.stages import namespaces
from tests.twin.homes import FIREWALL, Home, home

CHOSEN = {
    FIREWALL: 'comment "flow:policy:lan->iot,mgmt,services:any/lan>iot"',
    "/etc/sysctl.d/90-bailiwick.conf": "net/ipv4/conf/all/log_martians = 1",
    "/etc/systemd/network/10-bailiwick-eth2.network": "Bridge=lan",
    "/etc/bailiwick/exits.batch": "rule add pref 1200 from 192.168.20.66/32",
    "/etc/systemd/network/10-bailiwick-lan.netdev": "STP=no",
}
"""Of these files the kernel's own state tells, too. The lines are such that the router comes up without them."""
READ_FROM_THE_KERNEL = ("chain forward.lan.iot, rule", "setting net/ipv4/conf/all/log_martians", "Bridge=lan of eth2")


def lines_to_lose(one: Home) -> dict[str, int]:
    """One line of every file that the stage installs: the chosen one, else a comment, so that every daemon starts."""
    layout = lay_out(one.network, one.plan, {})
    found: dict[str, int] = {}
    for artifact in one.tree.artifacts:
        if adapted(artifact, layout) is None:
            continue
        words = CHOSEN.get(artifact.path, "# ")
        lines = artifact.text.splitlines()
        found[artifact.path] = next((n for n, line in enumerate(lines, 1) if words in line), len(lines))
    return found


@pytest.mark.real
@pytest.mark.slow
def test_a_missing_line_of_any_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    one = home("public-apps")
    lost = lines_to_lose(one)
    whole = namespaces.command()
    shortened = [*whole[: whole.index("-m")], "-m", "tests.twin.shortened", *(f"{p}:{n}" for p, n in lost.items())]
    monkeypatch.setattr(namespaces, "command", lambda: shortened)
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    )

    result = try_network(one.network, one.intent, one.plan, one.tree, TwinOptions(patience=0.2))

    missing = {entry.place for entry in result.loaded if entry.found is False}
    assert missing >= {f"{path}:{number}" for path, number in lost.items()}
    assert {place.rpartition(":")[0] for place in missing if place.startswith("/")} == set(lost)
    subjects = [entry.subject for entry in result.loaded if entry.found is False]
    for subject in READ_FROM_THE_KERNEL:
        assert any(one.startswith(subject) for one in subjects), subject
    assert any(subject.startswith("routing rule pref 1200") for subject in subjects)
    assert not result.holds


def test_a_file_on_the_router_is_compared_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "some.conf"
    tree = Tree("gate", (Artifact(str(path), "one\ntwo\nthree\n"),))
    layout = lay_out(home("public-apps").network, home("public-apps").plan, {})

    def compared(text: str, mode: int = 0o644) -> list[tuple[str, bool | None, str]]:
        path.write_text(text)
        path.chmod(mode)
        return [(entry.place.removeprefix(f"{path}:"), entry.found, entry.note) for entry in files_loaded(tree, layout)]

    assert [entry.note for entry in files_loaded(tree, layout)] == ["there is no such file"]
    assert compared("one\ntwo\nthree\n") == [("1", True, "")]
    assert compared("one\ntwo\nthree\n", 0o666)[0] == ("1", False, "its mode is 666, not 644")
    assert compared("one\nthree\n") == [("2", False, "the file on the router lacks it")]
    assert compared("one\ntwo\nthree\nfour\n") == [("3", False, "the file on the router has more: 'four'")]
