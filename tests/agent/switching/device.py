"""A device to switch: a Debian in namespaces with the agent on it, generations made of a home, and its neighbours."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from bailiwick.agent.look.live import Difference, differences, from_data
from bailiwick.agent.model import Generation
from bailiwick.apply.agent_file import agent_file
from bailiwick.apply.generations import pack
from bailiwick.language import loads
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.targets import render
from bailiwick.twin.stages.contained.box import Box

AGENT, DRIVER = "/root/agent.pyz", "/root/driver.py"
RUN = ("env", f"PYTHONPATH={AGENT}", "python3", DRIVER)
TODAY = date(2026, 6, 1)
Contents = dict[str, bytes]


class SwitchRefused(Exception):
    """``step`` and ``why`` of SwitchFailed; ``told`` is what was told before."""

    def __init__(self, step: str, why: str, told: list[str]) -> None:
        super().__init__(f"{step}: {why}")
        self.step, self.why, self.told = step, why, told


def files_of(home: str) -> tuple[Generation, Contents]:
    """The router's, of a home file's text."""
    plan = make_plan(resolve(loads({"home.yaml": home}), TODAY).network)
    packed = pack(render(plan)[0], plan.platform, {})
    return packed.generation, dict(packed.contents)


@dataclass
class Device:
    """The commands of the driver."""

    box: Box
    numbers: list[int] = field(default_factory=list)
    before: Mapping[str, Any] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)  # that came and went meanwhile

    def arm(self) -> None:
        """The agent is on it."""
        self.box.run("install", "-d", "-m", "711", "/var/lib/bailiwick")
        self.box.put(AGENT, agent_file().data, 0o600)
        self.box.put(DRIVER, (Path(__file__).parent / "driver.py").read_bytes(), 0o600)

    def _do(self, command: str, *more: str, text: str | None = None) -> list[Any]:
        done = self.box.done(*RUN, command, *more, text=text, wait=120)
        said = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode == 1 and said and isinstance(said[-1], dict):
            raise SwitchRefused(said[-1]["step"], said[-1]["why"], said[:-1])
        assert done.returncode == 0, done.stderr
        return said

    def stage(
        self, made: tuple[Generation, Contents], change: Callable[[Contents], None] = lambda _: None, **other: Any
    ) -> int:
        """A generation of these files, changed; ``other`` are its fields."""
        generation, contents = made[0], dict(made[1])
        change(contents)
        known = {file.path: file for file in generation.files}
        data = asdict(generation)
        data["files"] = [
            {**asdict(known[path]), "sha256": sha256(content).hexdigest()} if path in known else _file(path, content)
            for path, content in sorted(contents.items())
        ]
        data |= other
        encoded = {path: base64.b64encode(content).decode() for path, content in contents.items()}
        (number,) = self._do("stage", text=json.dumps({"generation": data, "contents": encoded}))
        self.numbers.append(number)
        return int(number)

    def switch(self, number: int) -> list[str]:
        """What it told. Raises SwitchRefused."""
        return self._do("switch", str(number))

    def back(self, number: int) -> list[str]:
        """The same, on the way back."""
        return self._do("back", str(number))

    def restore(self, number: int) -> list[str]:
        return self._do("restore", str(number))

    def killed(self, number: int, words: str) -> bool:
        """A switch that is killed the moment it tells of ``words``; whether it ever did."""
        command = (*RUN, "switch", str(number))
        with self.box.start(*command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if words in line.decode():
                    self.box.run("pkill", "-KILL", "-f", f"{DRIVER} switch")
                    process.kill()
                    return True
        return False

    def confirm(self, number: int) -> None:
        """It is the one that stands from now on, and what it found there is the origin."""
        self._do("confirm", str(number))

    def committed(self, number: int) -> None:
        self._do("committed", str(number))

    def look_at_all(self, made: tuple[Generation, Contents]) -> Mapping[str, Any]:
        """How it looks, as far as a generation would touch it."""
        self.stage(made)
        return self.look()

    def look(self) -> Mapping[str, Any]:
        """How it looks, as data."""
        (found,) = self._do("look")
        assert isinstance(found, dict)
        return found

    def unlike(self, number: int) -> list[str]:
        """Paths whose files are not the generation's."""
        (found,) = self._do("unlike", str(number))
        return list(found)


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """Between two looks; what is not there, and was not looked for the first time, is none."""
    found = differences(from_data(before), from_data(now))
    return [one for one in found if one.wanted is not None or one.found not in ("absent", "not there")]


def _file(path: str, content: bytes) -> dict[str, Any]:
    return {"path": path, "mode": 0o644, "owner": "root:root", "sha256": sha256(content).hexdigest(), "reload": ""}
