"""Devices, whether we configure them or not: where each is, and what its ports and wireless networks carry."""

from __future__ import annotations

from ipaddress import IPv4Address

from bailiwick.language import schema
from bailiwick.network.addresses import Unclear, complete, whole
from bailiwick.network.draft import Draft
from bailiwick.network.model import Device, Uplink, Zone
from bailiwick.network.wiring import Wiring


def resolve_devices(draft: Draft, wiring: Wiring) -> dict[str, Device]:
    """By name, in the file's order."""
    findings = draft.findings
    devices: dict[str, Device] = {}
    for name, written in draft.home.devices.items():
        _check_names(draft, name, written)
        ports: dict[str, tuple[str | None, tuple[str, ...]]] = {}
        links: dict[str, str] = {}
        for port in wiring.ports(name):
            peer = wiring.peers.get((name, port))
            if peer:
                links[port] = "/".join(peer)
            carried = wiring.carried((name, port))
            ports[port] = (carried.untagged, draft.ordered(carried.tagged))
        uplink = draft.uplinks.get(written.uplink) if written.uplink else None
        zone = draft.zones.get(written.zone) if written.zone else None
        devices[name] = Device(
            name=name,
            id=f"device:{name}",
            span=findings.spans.key("devices", name),
            kind=str(written.kind),
            place=zone.id if zone else uplink.id if uplink else None,
            address=_address(draft, name, zone, uplink),
            mac=written.mac,
            ports=ports,
            links=links,
            ssids={ssid: zone_name for ssid, zone_name in written.ssids.items() if zone_name in draft.zones},
            mirrors={port: tuple(entry.mirror) for port, entry in written.ports.items() if entry.mirror},
        )
    return devices


def _check_names(draft: Draft, name: str, written: schema.Device) -> None:
    names, findings = draft.names, draft.findings
    wanted: list[tuple[tuple[str | int, ...], str | None, str]] = [
        (("devices", name, "zone"), written.zone, "zone"),
        (("devices", name, "uplink"), written.uplink, "uplink"),
    ]
    wanted += [(("devices", name, "ssids", ssid), zone, "zone") for ssid, zone in written.ssids.items()]
    for port, entry in written.ports.items():
        if written.runs is None and entry.zone in entry.trunk:
            findings.error(
                "port-both",
                f"Port `{port}` carries zone `{entry.zone}` both tagged and untagged.",
                ("devices", name, "ports", port),
                "name the zone once",
            )
        if written.runs is None:
            carried = (entry.zone, entry.native, *entry.trunk)
            wanted += [(("devices", name, "ports", port), zone, "zone") for zone in carried]
    for at, text, kind in wanted:
        if text is not None and not names.is_kind(text, kind):
            findings.error("unknown-name", f"`{text}` is no {kind}.", at, names.suggest(text, [kind]))
    if written.runs and written.kind is not schema.DeviceKind.SWITCH:
        findings.error(
            "device-runs",
            f"Device `{name}` is no switch, and only switches among the devices are set up from here.",
            findings.spans.key("devices", name, "runs"),
            "remove the line: what to enter on the device is then printed for it",
        )
    if written.kind is schema.DeviceKind.ISP_BOX and not written.uplink:
        findings.error(
            "device-place",
            f"The ISP's box `{name}` does not say before which uplink it stands.",
            findings.spans.key("devices", name),
            "add `uplink: wan`",
        )
    if written.zone and written.uplink:
        findings.error(
            "device-place",
            f"Device `{name}` cannot be in a zone and before an uplink.",
            findings.spans.key("devices", name, "uplink"),
            "name the zone of its own address, or for the ISP's box the uplink",
        )


def _address(draft: Draft, name: str, zone: Zone | None, uplink: Uplink | None) -> IPv4Address | None:
    """The device's own address; for the ISP's box the uplink's ``modem`` when it says none itself."""
    written = draft.home.devices[name]
    if written.address is None:
        return uplink.modem if uplink else None
    try:
        return complete(written.address, zone.subnet) if zone else whole(written.address)
    except Unclear as why:
        draft.findings.error("address-unclear", f"{why}.", ("devices", name, "address"))
        return None
