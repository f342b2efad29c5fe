"""A home with a hypervisor, a switch that runs RouterOS, an access point, and a zone whose clients are kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bailiwick.dataplane import linux
from bailiwick.dataplane.linux import read_tree
from bailiwick.network.model import Network
from bailiwick.proof.difference import Difference
from bailiwick.proof.places import Places, find_places
from bailiwick.proof.segments import segments
from bailiwick.proof.wired import Machines
from bailiwick.proof.wires import wires
from bailiwick.workflow import Checked
from bailiwick.workflow.checking import check_read
from bailiwick.workflow.machines import read_machines
from bailiwick.workflow.nft_listing import Listing, listing_of, nft_listing
from bailiwick.workflow.reading import read_text

HOME = """\
name: sample
platform: debian-13
uplinks:
  wan: {interface: gate/eth0, address: dhcp}
zones:
  mgmt: {vlan: 10, subnet: 192.168.10.0/24}
  services: {vlan: 20, subnet: 192.168.20.0/24}
  lan: {vlan: 40, subnet: 192.168.40.0/24, dhcp: {range: .100-.199}}
  iot: {vlan: 50, subnet: 192.168.50.0/24, dhcp: {range: .10-.250}, isolate: true}
hosts:
  gate: {router: linux, ports: {eth1: hv/ens1, eth2: sw/ether1}}
  hv: {hypervisor: linux, zone: mgmt, address: .2, ports: {ens2: lan}}
  cloud: {zone: services, address: .5, guest-of: hv, mac: "52:54:00:aa:00:05"}
  dns: {zone: services, address: .53, guest-of: hv}
  hub: {zone: iot, address: .5, guest-of: hv}
  meter: {zone: iot, address: .6, guest-of: hv}
devices:
  sw:
    kind: switch
    runs: routeros
    zone: mgmt
    address: .4
    ports: {ether2: lan, ether3: iot, ether4: iot, ether5: ap/uplink}
  ap: {kind: access-point, zone: mgmt, address: .3, ssids: {home: lan, things: iot}}
dns: {upstreams: [9.9.9.9]}
policy:
  - lan -> services: https
  - mgmt -> router: ssh
"""


TODAY = date(2026, 1, 1)


@dataclass(frozen=True)
class Sample:
    """One home whose files are changed and read again. ``places`` are those of the unchanged router."""

    checked: Checked
    texts: Mapping[str, Mapping[str, str]]
    listing: object

    @classmethod
    def of(cls, home: str) -> Sample:
        checked = check_read(read_text("home.yaml", home, TODAY))
        machines = (checked.read.network.router.name, *checked.read.network.switches)
        texts = {
            tree.device: {one.path: one.text for one in tree.artifacts}
            for tree in checked.trees
            if tree.device in machines
        }
        rules = linux.rules(texts[machines[0]])
        return cls(checked, texts, nft_listing(rules).ruleset)

    @property
    def network(self) -> Network:
        return self.checked.read.network

    def path(self, machine: str, name: str) -> str:
        """The one file whose path ends so."""
        (found,) = (path for path in self.texts[machine] if path.endswith(name))
        return found

    @cached_property
    def _listings(self) -> dict[str, Listing]:
        """Of the rules of each machine, unchanged: nft is a process."""
        named = {name: {f"{name}:{path}": text for path, text in tree.items()} for name, tree in self.texts.items()}
        return {name: listing_of(tree) for name, tree in named.items()}

    @cached_property
    def _read(self) -> Machines:
        return self._again(set(self.texts), {})

    def _again(self, machines: set[str], changed: Mapping[tuple[str, str], str]) -> Machines:
        router = self.network.router.name
        trees = {
            name: {path: changed.get((name, path), text) for path, text in self.texts[name].items()}
            for name in machines
        }
        others = {name: tree for name, tree in trees.items() if name != router}
        known = {name: self._listings[name] for name in others if not any(path.endswith(".nft") for _, path in changed)}
        found = read_machines(others, known)
        devices = dict(found.devices)
        if router in trees:
            devices[router] = read_tree(trees[router], self.listing, router)
        return Machines(devices, found.guests)

    def machines(self, changed: Mapping[tuple[str, str], str]) -> Machines:
        """``changed``: machine and path to the file's new text."""
        new = self._again({machine for machine, _ in changed}, changed)
        return Machines({**self._read.devices, **new.devices}, {**self._read.guests, **new.guests})

    def places(self, machines: Machines) -> Places:
        return find_places(self.network, machines.devices[self.network.router.name])

    def differences(self, changed: Mapping[tuple[str, str], str]) -> tuple[Difference, ...]:
        """Of layer 2, and of where the router's interfaces stand."""
        machines = self.machines(changed)
        places = self.places(machines)
        router = machines.devices[self.network.router.name]
        return (*places.problems, *wires(self.network, router, places), *segments(self.network, places, machines))

    def replaced(self, machine: str, name: str, *changes: tuple[str, str]) -> tuple[Difference, ...]:
        path = self.path(machine, name)
        text = self.texts[machine][path]
        for old, new in changes:
            assert old in text, f"{old!r} is in {path}"
            text = text.replace(old, new, 1)
        return self.differences({(machine, path): text})
