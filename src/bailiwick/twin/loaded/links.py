"""What networkd was told, read back from the kernel: addresses, bridges, VLANs, MTUs, routes (systemd.network(5))."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Interface
from typing import Any

from bailiwick.targets.artifact import Artifact
from bailiwick.twin.layout import ROUTER, Layout
from bailiwick.twin.result import Loaded
from bailiwick.twin.scene.namespaces import run_in

Json = dict[str, Any]


@dataclass(slots=True)
class _Section:
    """One section of a file: its name, its keys with their values, and the line on which each stands."""

    name: str
    line: int
    keys: list[tuple[str, str, int]] = field(default_factory=list)

    def get(self, key: str) -> str | None:
        return next((value for name, value, _ in self.keys if name == key), None)


def links_loaded(artifact: Artifact, layout: Layout) -> Iterator[Loaded]:
    """One entry for each line of a ``.network`` file that the kernel can show."""
    sections = list(_sections(artifact.text))
    name = next((s.get("Name") for s in sections if s.name == "Match"), None) or ""
    links = {link["ifname"]: link for link in json.loads(run_in(ROUTER, "ip", "-j", "address"))}
    routes = json.loads(run_in(ROUTER, "ip", "-j", "-4", "route", "show", "table", "all"))
    link = links.get(name, {})
    stand_ins = {interface.name for interface, _ in layout.stand_ins}
    for section in sections:
        if section.name == "Route":
            subject = f"route of {name}: " + " ".join(f"{key}={value}" for key, value, _ in section.keys)
            yield Loaded(subject, f"{artifact.path}:{section.line}", any(_is(route, section, name) for route in routes))
            continue
        for key, value, line in section.keys:
            found = None if key == "VLAN" and value in stand_ins else _holds(key, value, link, links)
            if found is not None:
                yield Loaded(f"{key}={value} of {name}", f"{artifact.path}:{line}", found)


def _sections(text: str) -> Iterator[_Section]:
    section = _Section("", 0)
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("["):
            if section.keys:
                yield section
            section = _Section(line.strip("[]"), number)
        elif "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section.keys.append((key, value, number))
    yield section


def _holds(key: str, value: str, link: Json, links: dict[str, Json]) -> bool | None:
    """None for a key that the kernel does not show."""
    held = [(info["local"], info["prefixlen"]) for info in link.get("addr_info", ()) if info["family"] == "inet"]
    match key:
        case "Address":
            wanted = IPv4Interface(value)
            return (str(wanted.ip), wanted.network.prefixlen) in held
        case "DHCP":
            return bool(held) if value in ("yes", "ipv4") else None
        case "Bridge":
            return bool(link.get("master") == value)
        case "VLAN":
            return bool(links.get(value, {}).get("link") == link.get("ifname", "?"))
        case "MTUBytes":
            return str(link.get("mtu")) == value
    return None


def _is(route: Json, section: _Section, name: str) -> bool:
    wanted = section.get("Destination") or "0.0.0.0/0"
    gateway = section.get("Gateway")
    return (
        route.get("dev") == name
        and route["dst"] == ("default" if wanted == "0.0.0.0/0" else wanted.removesuffix("/32"))
        and str(route.get("table", "main")) == (section.get("Table") or "main")
        and (gateway is None or gateway == "_dhcp4" or route.get("gateway") == gateway)
        and str(route.get("metric")) == (section.get("Metric") or str(route.get("metric")))
    )
