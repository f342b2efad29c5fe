"""A router in a box that stands as its first generation says, and what the agent sees there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from bailiwick.agent.disk.origin import Origin
from bailiwick.agent.disk.store import Store
from bailiwick.agent.look.live import Difference, Live, differences, from_data
from bailiwick.agent.places import Places
from bailiwick.apply.agent_file import agent_file
from bailiwick.apply.generations import pack
from bailiwick.language import loads
from bailiwick.network.resolve import resolve
from bailiwick.plan import make_plan
from bailiwick.targets import render
from bailiwick.twin.stages.contained.box import Box, contained
from tests.twin.contained.boxes import root_of

HOME = """\
name: small
domain: home.arpa
platform: debian-12
uplinks:
  wan: {interface: gate/eth0, address: dhcp}
  out: {interface: gate/eth2, address: 81.2.69.10/29, gateway: 81.2.69.9}
zones:
  lan: {subnet: 192.168.40.0/24, dhcp: {range: .100-.199}}
hosts:
  gate: {router: linux, ports: {eth1: lan}}
  seed: {zone: lan, address: .66}
policy:
  - lan -> internet: web, icmp
  - lan -> router: ssh, icmp
route-out:
  seed: out
dns: {upstreams: [9.9.9.9]}
"""
SERVER = """\
interface=eth0
bind-interfaces
port=0
dhcp-range=10.0.0.50,10.0.0.60,255.255.255.0,2m
dhcp-option=option:router,10.0.0.1
dhcp-leasefile=/dev/null
log-facility=/dev/null
"""
AGENT = "/agent.pyz"
LOOK = """\
import json, sys, time
sys.path.insert(0, "/agent.pyz")
from bailiwick.agent.look.drift import as_data, drift
from bailiwick.agent.look.listing import listing
from bailiwick.agent.look.live import as_data as live_data, digest, look
from bailiwick.agent.disk.origin import Origin
from bailiwick.agent.places import Places
from bailiwick.agent.look.scope import scope
from bailiwick.agent.disk.store import Store
places = Places()
store, origin = Store(places), Origin(places)
begun = time.monotonic()
if sys.argv[1] == "drift":
    found = as_data(drift(places, store, origin))
else:
    asked = scope(store, origin, store.confirmed())
    if sys.argv[1] == "listing":
        found = dict(listing(asked.units, asked.settings).texts)
    else:
        live = look(places, asked)
        found = {"live": live_data(live), "digest": digest(live)}
print(json.dumps({**found, "seconds": time.monotonic() - begun}))
"""


class Router:
    """``box`` runs. What it is asked goes through the agent as it is pushed to devices."""

    def __init__(self, box: Box) -> None:
        self.box = box

    def _ask(self, what: str) -> dict[str, Any]:
        return dict(json.loads(self.box.run("python3", "-I", "/look.py", what)))

    def look(self) -> Live:
        return from_data(self._ask("look")["live"])

    def digest(self) -> str:
        return str(self._ask("look")["digest"])

    def listing(self) -> dict[str, str]:
        return {name: text for name, text in self._ask("listing").items() if name != "seconds"}

    def drift(self, ours: bool = True) -> list[tuple[str, str, str]]:
        """Aspect, subject and sentence of each difference."""
        return [
            (one["aspect"], one["what"], one["text"])
            for one in self._ask("drift")["differences"]
            if one["ours"] is ours
        ]

    def since(self, before: Live) -> list[tuple[str, str]]:
        return [(one.aspect, one.what) for one in self.changes(before)]

    def changes(self, before: Live) -> tuple[Difference, ...]:
        return differences(before, self.look())

    def settled(self) -> None:
        """Networkd has the lease, and every unit of the generation runs."""
        self.box.run("/lib/systemd/systemd-networkd-wait-online", "--interface=eth0", "--timeout=20")
        self.box.run("systemctl", "is-system-running", "--wait", ok=False)

    def sh(self, script: str) -> str:
        return self.box.run("sh", "-euc", script)


@contextmanager
def router(disk: Path) -> Iterator[Router]:
    """Its first generation is installed, confirmed and running; its uplink has a lease."""
    network = resolve(loads({"home.yaml": HOME}), date(2026, 1, 1)).network
    plan = make_plan(network)
    packed = pack(render(plan)[0], plan.platform, {})
    with contained(root_of(), disk) as box:
        for card, wire in (("eth0", "wan"), ("eth1", "lan"), ("eth2", "out")):
            box.plug(card, wire)
        box.wall.station("isp", "wan", "10.0.0.1/24")
        box.wall.station("seed", "lan", "192.168.40.66/24", "192.168.40.1")
        box.wall.station("far", "out", "81.2.69.9/29")
        places = Places(disk / "upper")
        store = Store(places)
        Origin(places).remember_files(packed.contents)
        number = store.stage(packed.generation, packed.contents).number
        for file in packed.generation.files:
            box.put(file.path, packed.contents[file.path], file.mode)
        store.confirm(number)
        box.put(AGENT, agent_file().data)
        box.put("/look.py", LOOK.encode())
        box.boot()
        one = Router(box)
        box.run("systemctl", "disable", "--now", "ufw", "networking", ok=False)
        box.run("systemctl", "mask", *packed.generation.disable, ok=False)
        box.run("systemctl", "daemon-reload")
        box.run("sh", "-c", "/lib/systemd/systemd-sysctl /etc/sysctl.d/90-bailiwick.conf")
        box.run("systemctl", "enable", "--now", *packed.generation.enable)
        yield one
