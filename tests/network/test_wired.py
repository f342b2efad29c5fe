"""Made-up wirings: cables carry exactly what is needed beyond them; broken files are refused, never a traceback."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from bailiwick.intent.segments import belongings
from bailiwick.language import Problems, loads
from bailiwick.network.model import Router, Switch
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from tests.cases.blocks import input_files
from tests.network.small import TODAY
from tests.network.wired import Wired, generate_wired


def hold(made: Wired) -> None:
    resolution = resolve(loads({"home.yaml": made.text}), TODAY)
    assert {one.code for one in resolution.warnings} <= {"native-beside-access"}
    found = resolution.network
    sides: dict[tuple[str, str], tuple[str | None, tuple[str, ...]]] = {
        (name, port): carried for name, device in found.devices.items() for port, carried in device.ports.items()
    }
    machines: tuple[Router | Switch, ...] = (found.router, *found.switches.values())
    for machine in machines:
        sides |= {(machine.name, port.name): (port.untagged, port.tagged) for port in machine.ports}
    assert {(link.a, link.b) for link in found.links} == {
        ((parent, near), (name, far)) for name, (parent, near, far) in made.parents.items()
    }
    for name, (parent, near, far) in made.parents.items():
        untagged, tagged = sides[parent, near]
        assert sides[name, far] == (untagged, tagged), "both ends"
        assert {*tagged, *([untagged] if untagged else [])} == made.below(name), "no zone more and none less"
        if name in made.configured:
            assert untagged is None
    tables = {bridge.device: {port.name: port for port in bridge.ports} for bridge in make_plan(found).bridges}
    for switch in found.switches.values():
        taps = [port for port in tables[switch.name].values() if port.tap and port.end and port.end[0] != "gate"]
        assert all(tap.untagged is not None and tap.tagged == () for tap in taps)
        assert all(1 not in (port.untagged, *port.tagged) for port in tables[switch.name].values())
    placed = {end.machine for end in belongings(found)}
    assert {name for name, host in found.hosts.items() if host.guest} <= placed


@pytest.mark.parametrize("seed", range(60))
def test_cables_carry_exactly_what_is_needed_beyond_them(seed: int) -> None:
    hold(generate_wired(seed))


@pytest.mark.deep
@pytest.mark.parametrize("start", range(1000, 6000, 500))
def test_five_thousand_wirings(start: int) -> None:
    for seed in range(start, start + 500):
        hold(generate_wired(seed))


CASES = [
    input_files((Path(__file__).parents[1] / f"cases/plan/{name}.md").read_text(encoding="utf-8"))["home.yaml"]
    for name in ("hypervisor", "mirrors", "router-vm", "switch")
]
WORDS = re.compile(r"[a-z0-9.]+|\[[^]]*\]")
OTHERS = [
    "hv0",
    "hv9",
    "gate",
    "sw0",
    "z0",
    "z9",
    "[z0, z1]",
    "{}",
    "router",
    "ports",
    "vm",
    "mirror",
    "guest-of",
    "up",
]


def broken(seed: int, count: int) -> None:
    """One to three words of the file replaced, taken out or swapped: understood, or refused with a place."""
    chance = random.Random(seed)
    for _ in range(count):
        text = chance.choice(CASES) if chance.random() < 0.5 else generate_wired(chance.randrange(40)).text
        for _ in range(chance.randint(1, 3)):
            words = list(WORDS.finditer(text))
            one = chance.choice(words)
            new = chance.choice(["", chance.choice(OTHERS), chance.choice(words)[0]])
            text = text[: one.start()] + new + text[one.end() :]
        try:
            network = resolve(loads({"home.yaml": text}), TODAY).network
        except Problems as problems:
            assert all(d.span.file == "home.yaml" for d in problems.diagnostics)
        else:
            make_plan(network)
            belongings(network)


def test_broken_wirings_are_refused_and_never_a_traceback() -> None:
    broken(1, 400)


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_broken_wirings(seed: int) -> None:
    broken(seed, 5000)
