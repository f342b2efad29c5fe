"""The router, from the rendered files: networkd, the kernel's settings, the firewall, the exits, dnsmasq."""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from bailiwick.plan.model import LinkKind, Plan
from bailiwick.targets.artifact import Tree
from bailiwick.twin.layout import ROUTER, Layout
from bailiwick.twin.scene.concentrator import Concentrator, concentrators
from bailiwick.twin.scene.namespaces import CommandFailed, batch, run, run_in, within
from bailiwick.twin.scene.outside import SESSION, session_said
from bailiwick.twin.scene.tunnels import listening_port, make_tunnel, raise_tunnel
from bailiwick.twin.scene.units import Service, services

NETWORKD = "/usr/lib/systemd/systemd-networkd"
SYSCTL = "/usr/lib/systemd/systemd-sysctl"
LOGS = Path("/run/stage/log")
DNSMASQ_ON_STAGE = ("--no-daemon", "--no-ping")
"""Beside the rendered command: in a user namespace there is nobody to become, and looking for three seconds whether
anybody holds an address, one zone after the other, would make up most of a trial."""


@dataclass(slots=True)
class Router:
    """The running router: its daemons by name, and what was left out."""

    plan: Plan
    tree: Tree
    layout: Layout
    ready: float  # seconds for networkd to set every address
    daemons: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    unmet: dict[str, str] = field(default_factory=dict)
    """Tunnels that did not come as far as their provider, by interface, and how."""

    def start(self) -> None:
        """Raises CommandFailed when something that every trial needs does not come up."""
        with within(ROUTER):
            batch(["link set lo up"])
            # Daemons that see a writable /sys wait for udev, which no namespace has.
            run("mount", "-t", "sysfs", "-o", "ro", "sysfs", "/sys")
        self.boot()

    def boot(self) -> None:
        """Everything in the order of the units: settings, firewall and exits, then links, then daemons.

        Raises CommandFailed as ``start`` does. Tunnels come later, by ``raise_tunnels``.
        """
        self._settings()
        self.apply()
        self.sessions_up()
        waiting = [service for service in services(self.tree) if service.daemon]
        self.plug_tunnels()
        self._daemon("systemd-networkd", (NETWORKD,), {"SYSTEMD_LOG_TARGET": "console"})
        self._wait_for_addresses()
        self._settings()
        for service in waiting:
            if _dials(service):
                self._dial(service)
        self.wait_for_sessions()
        for service in waiting:
            if not _dials(service):
                self._service(service)

    def apply(self) -> None:
        """The units that only load something: the firewall, the exits. Again and again, if need be."""
        for service in services(self.tree):
            if not service.daemon:
                self._once(service)

    def again(self, name: str) -> None:
        """Start a daemon that has ended, as it was started before. Raises KeyError for none of the router's."""
        command = self.daemons[name].args
        self._daemon(name, tuple(str(word) for word in command) if isinstance(command, (list, tuple)) else (), {})

    def log(self, name: str) -> str:
        return (LOGS / name).read_text(errors="replace")

    def macs(self) -> dict[str, str]:
        """The MAC that answers on each of the router's interfaces; a bridge's own stands for its members', and the
        provider's concentrator for a session that has none."""
        links = json.loads(run_in(ROUTER, "ip", "-j", "link"))
        found = {link["ifname"]: link["address"] for link in links if "address" in link}
        found |= {one.interface.name: one.mac for one in concentrators(self.plan, self.layout)}
        for interface in self.plan.interfaces:
            for member in interface.members:
                found[member] = found[interface.name]
        return found

    def tunnel_ports(self) -> frozenset[int]:
        """UDP ports on which WireGuard hears, by every address and of either family."""
        return frozenset(listening_port(one) for one in self._joined(LinkKind.TUNNEL))

    def _settings(self) -> None:
        files = [a.path for a in self.tree.artifacts if a.path.startswith("/etc/sysctl.d/")]
        with within(ROUTER):
            # Says what it could not write and goes on, as at boot; reading back decides.
            subprocess.run([SYSCTL, *files], capture_output=True, check=False)
        self.talkative()

    def sessions_up(self) -> None:
        """What pppd sets on its interface."""
        for interface, _ in self.layout.stand_ins:
            if interface.kind is LinkKind.PPP and interface.place:
                line = self.layout.line(interface.place)
                address = f"address add {line.address.ip} peer {line.far} dev {interface.name}"
                batch([address, f"link set {interface.name} up"], ROUTER)
                # PPP asks nobody for a MAC. Its stand-in is asked and keeps silent, as arp_ignore=1 knows no address
                # with a peer (confirm_addr_indev, net/ipv4/devinet.c).
                mac = json.loads(run_in(ROUTER, "ip", "-j", "link", "show", "dev", interface.name))[0]["address"]
                told = f"neighbour replace {line.address.ip} lladdr {mac} dev eth0 nud permanent"
                for station in self.layout.at(interface.place):
                    batch([told], station.name)

    def plug_tunnels(self) -> None:
        """Both ends of each tunnel that is real here, down. Raises CommandFailed."""
        for one in self._joined(LinkKind.TUNNEL):
            make_tunnel(one, self.layout)

    def wait(self) -> None:
        """Until every address is there, and every session. Raises CommandFailed."""
        self._wait_for_addresses()
        self.wait_for_sessions()

    def talkative(self) -> None:
        """A refused packet is told so each time, or a trial of many would see silence. The stage's own setting."""
        with within(ROUTER):
            for name in ("icmp_msgs_per_sec", "icmp_msgs_burst"):  # the namespace's own since Linux 6.13
                path = Path("/proc/sys/net/ipv4") / name
                if path.exists() and os.access(path, os.W_OK):
                    path.write_text("100000")
            Path("/proc/sys/net/ipv4/icmp_ratelimit").write_text("0")

    def _joined(self, kind: LinkKind) -> list[Concentrator]:
        return [one for one in concentrators(self.plan, self.layout) if one.interface.kind is kind]

    def wait_for_sessions(self) -> None:
        """Until every session of PPPoE has come up at both ends. Raises CommandFailed."""
        deadline = time.monotonic() + 2 * self.ready
        for one in self._joined(LinkKind.PPP):
            name, address = one.interface.name, str(one.line.address.ip)
            while not (one.up(SESSION) and self._holds(name, address) and self._leads(name)):
                if time.monotonic() > deadline:
                    raise CommandFailed(f"no session of PPPoE: {name} has no {address}; {session_said(one)}")
                time.sleep(0.1)
            one.tell()

    def _holds(self, name: str, address: str) -> bool:
        links = json.loads(run_in(ROUTER, "ip", "-j", "-4", "address"))
        return any(link["ifname"] == name and info["local"] == address for link in links for info in link["addr_info"])

    def _leads(self, name: str) -> bool:
        routes = json.loads(run_in(ROUTER, "ip", "-j", "-4", "route", "show", "table", "all", "default"))
        return any(route.get("dev") == name for route in routes)

    def raise_tunnels(self) -> None:
        """What a tunnel's program sets on its interface, and the route that networkd then adds.

        Raises CommandFailed when networkd does not.
        """
        for one in self._joined(LinkKind.TUNNEL):
            self.unmet.pop(one.interface.name, None)
            if said := raise_tunnel(one, self.layout, self.ready):
                self.unmet[one.interface.name] = said
        tunnels = [i for i, _ in self.layout.stand_ins if i.foreign and i.place]
        for interface in tunnels:
            address = self.layout.line(interface.place or "").address
            batch([f"address add {address} dev {interface.name}", f"link set {interface.name} up"], ROUTER)
        tables = {exit_.table: exit_.interface for exit_ in self.plan.exits}
        deadline = time.monotonic() + self.ready
        while tables:
            routes = json.loads(run_in(ROUTER, "ip", "-j", "route", "show", "table", "all", "default"))
            there = {(str(route.get("table")), route.get("dev")) for route in routes}
            tables = {table: name for table, name in tables.items() if (str(table), name) not in there}
            if tables and time.monotonic() > deadline:
                raise CommandFailed(f"systemd-networkd gave no route to {', '.join(sorted(tables.values()))}")
            time.sleep(0.01)

    def _once(self, service: Service) -> None:
        for command in service.commands:
            with within(ROUTER):
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                self.failures[service.name] = (done.stderr or done.stdout).strip()
                return

    def _dial(self, service: Service) -> None:
        if any(interface.kind is LinkKind.PPP for interface, _ in self.layout.stand_ins):
            self.left_out.append(service.name)
        else:
            self._service(service)

    def _service(self, service: Service) -> None:
        *before, start = service.commands
        for directory in service.state:
            (Path("/var/lib") / directory).mkdir(parents=True, exist_ok=True)
        for command in before:
            with within(ROUTER):
                subprocess.run(command, capture_output=True, check=False)
        if Path(start[0]).name == "dnsmasq":
            start = (*start, *DNSMASQ_ON_STAGE)
        self._daemon(service.name, start, {})

    def _daemon(self, name: str, command: tuple[str, ...], more: dict[str, str]) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        with within(ROUTER), (LOGS / name).open("wb") as log:
            self.daemons[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **more}
            )

    def _wait_for_addresses(self) -> None:
        wanted = {i.name: str(i.address.ip) for i in self.plan.interfaces if i.address and i.place}
        later = {line.interface for line in self.layout.lines if line.uplink in self.layout.foreign}
        later |= {one.interface.name for one in self._joined(LinkKind.PPP)}
        wanted |= {line.interface: str(line.address.ip) for line in self.layout.lines}
        wanted = {name: address for name, address in wanted.items() if name not in later}
        deadline = time.monotonic() + self.ready
        missing = dict(wanted)
        while time.monotonic() < deadline:
            links = json.loads(run_in(ROUTER, "ip", "-j", "-4", "address"))
            held = {(link["ifname"], info["local"]) for link in links for info in link["addr_info"]}
            missing = {name: address for name, address in wanted.items() if (name, address) not in held}
            if not missing:
                return
            if (daemon := self.daemons.get("systemd-networkd")) and daemon.poll() is not None:
                break
            time.sleep(0.03)
        lacks = ", ".join(f"{address} on {name}" for name, address in sorted(missing.items()))
        raise CommandFailed(f"systemd-networkd did not set {lacks}; it said:\n{self.log('systemd-networkd')}")


def _dials(service: Service) -> bool:
    return Path(service.commands[-1][0]).name == "pppd"
