"""An apply on a whole machine: its own systemd and sshd, its owner beyond a wire, and no help on the way back.

The tests are one story, told in their order, of one machine that was a stranger's.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bailiwick.apply.agent_file import agent_file
from bailiwick.apply.protocol import Refusal
from bailiwick.twin.scene.namespaces import within
from tests.agent.faults.homes import following, new, old
from tests.agent.faults.owner import TOKEN, Owner
from tests.agent.faults.world import World, world

pytestmark = [pytest.mark.real, pytest.mark.slow]

DEADMAN, BOOT = "bailiwick-deadman.service", "bailiwick-boot.service"


@dataclass
class Story:
    world: World
    owner: Owner
    numbers: dict[str, int] = field(default_factory=dict)

    def digest(self) -> str:
        return str(self.owner.ask("live")["digest"])

    def stage(self, name: str) -> int:
        if name not in self.numbers:
            self.numbers[name] = self.owner.stage({"old": old, "new": new, "next": following}[name]())
        return self.numbers[name]

    def begin(self, name: str, patience: float = 4.0) -> None:
        assert self.owner.begin(self.stage(name), patience)

    def settled(self) -> None:
        window = self.owner.waited()
        assert window is not None, self.told()
        assert window["phase"] == "waiting", self.told()

    def returned(self, why: str, seconds: float = 60.0) -> None:
        """It is back by itself, looks as before, and says so."""
        assert self.owner.over(seconds), self.told()
        end = time.monotonic() + 30
        while time.monotonic() < end and self.last()["what"] != "returned":
            time.sleep(0.1)
        assert self.last()["what"] == "returned"
        assert why in self.last()["reason"], self.last()
        assert self.ours() == []

    def told(self) -> str:
        return "\n".join(self.world.news())

    def last(self) -> Mapping[str, Any]:
        last: Mapping[str, Any] = self.owner.ask("status")["last"]
        return last

    def ours(self) -> list[str]:
        """What is not as the confirmed generation says."""
        return [one["text"] for one in self.owner.ask("drift")["differences"] if one["ours"]]

    def process(self, word: str) -> int:
        (found,) = self.world.processes("/var/lib/bailiwick/agent/current", word)
        return found


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with world(tmp_path_factory.mktemp("run"), None) as one:
        assert one.box.boot() == "running"
        yield Story(one, Owner(one))


def test_a_strangers_machine_is_taken_over_and_confirmed(story: Story) -> None:
    assert story.owner.ask("status")["confirmed"] == 0
    story.begin("old", patience=30)
    story.settled()
    assert story.owner.confirm()
    assert story.world.confirmed() == story.numbers["old"]
    assert story.ours() == []
    assert story.world.box.run("systemctl", "is-enabled", BOOT).strip() == "enabled"


def test_the_same_again_touches_nothing(story: Story) -> None:
    again = story.owner.stage(old())
    before = story.world.news()
    assert not story.owner.begin(again)
    assert story.owner.ask("status")["window"] is None
    assert story.world.news() == before


def test_silence_brings_the_old_one_back(story: Story) -> None:
    before = story.digest()
    story.begin("new", patience=15)
    story.settled()
    assert story.digest() != before
    story.returned("nobody confirmed it in time")


def test_a_connection_from_before_confirms_nothing(story: Story) -> None:
    """It was open as the switch began, and outlives it: the word is right, and comes by the wrong way."""
    agent = agent_file().command("confirm")
    with within(story.world.admin.netns):
        early = subprocess.Popen(
            ["ssh", "-F", str(story.world.ssh), "gate", "echo there;", "exec", *agent],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    assert early.stdout is not None
    assert early.stdout.readline() == "there\n"
    story.begin("new", patience=60)
    story.settled()
    told, _ = early.communicate(json.dumps({"token": TOKEN}), timeout=30)
    assert "older than the new generation" in json.loads(told)["error"]
    with pytest.raises(Refusal, match="not this apply's"):
        story.owner.ask("confirm", {"token": "another word"})
    story.owner.ask("rollback", {"why": "it was a test"})
    story.returned("it was a test")


def test_a_switch_that_is_killed_is_taken_back(story: Story) -> None:
    before = story.digest()
    story.begin("new")
    os.kill(story.process("switch"), signal.SIGKILL)
    story.returned("ended without a word")
    assert story.digest() == before


@pytest.mark.deep
def test_a_timer_that_is_killed_and_stopped_keeps_its_word(story: Story) -> None:
    before = story.digest()
    story.begin("new", patience=20)
    story.settled()
    first = story.process("deadman")
    os.kill(first, signal.SIGKILL)
    end = time.monotonic() + 30
    while time.monotonic() < end and first in (story.world.processes("deadman") or [first]):
        time.sleep(0.05)
    os.kill(story.process("deadman"), signal.SIGSTOP)
    refused = story.world.box.done("systemctl", "stop", DEADMAN)
    assert refused.returncode != 0
    story.returned("nobody confirmed it in time")
    assert story.digest() == before


def test_a_power_cut_in_the_window_boots_the_old_one(story: Story) -> None:
    before = story.digest()
    story.begin("new", patience=60)
    story.settled()
    story.world.box.power_cut()
    story.world.box.boot()
    restored = monotonic(story, BOOT, "ExecMainExitTimestampMonotonic")
    assert 0 < restored < monotonic(story, "systemd-networkd.service", "ExecMainStartTimestampMonotonic")
    assert restored < monotonic(story, "bailiwick-firewall.service", "ExecMainStartTimestampMonotonic")
    story.returned("the machine was restarted before it was confirmed")
    assert story.digest() == before


def monotonic(story: Story, unit: str, what: str) -> int:
    return int(story.world.box.run("systemctl", "show", f"--property={what}", "--value", unit))


def test_uninstalled_it_is_a_strangers_again_and_destroyed_nothing_is_left(story: Story) -> None:
    with pytest.raises(Refusal, match="uninstall first"):
        story.owner.ask("destroy")
    assert story.owner.begin(0, 30, command="uninstall")
    story.settled()
    assert story.owner.confirm()
    box = story.world.box
    assert box.run("systemctl", "is-active", "networking.service").strip() == "active"
    left = "ls /etc/systemd/system/bailiwick-* /etc/systemd/system/*/bailiwick-* /etc/bailiwick /usr/lib/bailiwick"
    assert box.run("sh", "-c", f"{left} 2>/dev/null", ok=False) == ""
    assert story.ours() == []
    assert story.owner.ask("destroy") == {"destroyed": True}
    assert not Path(story.world.state).exists()
