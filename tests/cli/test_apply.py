"""``apply`` and ``confirm`` as an owner runs them, with an ssh whose far end is a script."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import HOME, Run
from tests.cli.device import WAITING, Device, packed


def test_a_dry_run_shows_everything_and_changes_nothing(run: Run, home: Path, fresh: Device) -> None:
    done = run("apply", "--dry-run")

    assert done.returncode == 0, done.stderr
    assert "is the first one there" in done.stdout
    assert "added      /etc/bailiwick/firewall.nft" in done.stdout
    assert "started    bailiwick-firewall.service" in done.stdout
    assert "ufw.service (enabled, running)" in done.stdout
    assert "dnsmasq.service" not in done.stdout.replace("bailiwick-dnsmasq", "")
    assert "cannot be said" in done.stdout
    assert not {"stage", "begin"} & set(fresh.commands())


def test_an_apply_says_how_to_keep_it_and_confirm_keeps_it(run: Run, home: Path, fresh: Device, tmp_path: Path) -> None:
    done = run("apply", "--yes", "--confirm-timeout", "60")

    assert done.returncode == 0, done.stderr
    assert "files" in done.stderr
    assert "Generation 1 stands on router. It goes back by itself in 90 s." in done.stdout
    (begun,) = fresh.given("begin")
    assert (begun["number"], begun["patience"], begun["expect"]) == (1, 60, "ab")

    kept = run("confirm")
    assert (kept.returncode, kept.stdout) == (0, "router: generation 1 is confirmed.\n")
    assert [one["command"] for one in fresh.log][-1] == "confirm"
    options = fresh.log[-1]["words"]
    assert "ControlPath=none" in options
    again = run("confirm")
    assert (again.returncode, "was begun from here" in again.stderr) == (2, True)


def test_the_word_is_neither_an_argument_nor_in_the_environment(run: Run, home: Path, fresh: Device) -> None:
    run("apply", "--yes")
    run("confirm")
    (given,) = fresh.given("confirm")

    assert given["token"] not in json.dumps([one["words"] for one in fresh.log])


def test_the_word_of_an_owner_from_elsewhere_comes_by_standard_input(run: Run, home: Path, fresh: Device) -> None:
    done = run("confirm", "--token", stdin="the word\n")

    assert done.returncode == 0
    assert fresh.given("confirm") == [{"token": "the word"}]


def test_auto_confirm_confirms_over_a_new_connection(run: Run, home: Path, fresh: Device) -> None:
    done = run("apply", "--yes", "--auto-confirm")

    assert done.returncode == 0
    assert "generation 1 is confirmed" in done.stdout
    assert fresh.commands()[-1] == "confirm"


def test_a_probe_that_failed_leaves_the_word_to_the_owner(run: Run, home: Path, fresh: Device) -> None:
    failed = {"line": 1, "step": "probe", "text": "no", "probe": {"kind": "uplink", "what": "eth0", "holds": False}}
    fresh.script["progress"] = []
    fresh.says("progress", failed, {"window": WAITING})
    done = run("apply", "--yes", "--auto-confirm")

    assert "a probe failed: uplink eth0" in done.stderr
    assert "`bailiwick confirm" in done.stdout
    assert "confirm" not in fresh.commands()


def test_an_unchanged_file_asks_once_and_touches_nothing(run: Run, home: Path, device: Device) -> None:
    device.with_generation(packed(home))
    done = run("apply", "--yes")

    assert (done.returncode, done.stdout) == (0, "router is as the home file says (generation 1): nothing to do.\n")
    assert device.commands() == ["facts"]


def test_a_change_is_compared_with_what_stands_there(run: Run, home: Path, device: Device) -> None:
    device.with_generation(packed(home))
    device.says("preflight", {"findings": []})
    home.write_text(HOME.replace("lan -> internet: web", "lan -> internet: web, mail"))
    done = run("apply", "--dry-run", "--format", "json")
    answer = json.loads(done.stdout)

    assert answer["files"]["changed"] == ["/etc/bailiwick/firewall.nft", "/etc/bailiwick/guard.nft"]
    assert answer["files"]["added"] == answer["files"]["removed"] == []
    assert [(one["from"], one["to"]) for one in answer["comparison"]["allowed"]] == [("zone:lan", "uplink:wan")]
    assert answer["comparison"]["denied"] == []
    assert answer["units"]["started"] == []
