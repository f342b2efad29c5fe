"""Uplinks: how each way out gets its address, and on which port of the router it is."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

from bailiwick.language import schema
from bailiwick.network.addresses import Unclear, whole
from bailiwick.network.draft import Draft
from bailiwick.network.findings import Findings
from bailiwick.network.model import Addressing, Uplink, WireguardPeer


def resolve_uplinks(draft: Draft) -> dict[str, Uplink]:
    """By name, in the file's order; at least one has to be no tunnel."""
    home, findings = draft.home, draft.findings
    uplinks: dict[str, Uplink] = {}
    for name, written in home.uplinks.items():
        addressing = _addressing(name, written, findings)
        if not addressing:
            continue
        if written.gateway is not None and addressing is not Addressing.STATIC:
            findings.error(
                "uplink-gateway",
                f"Uplink `{name}` is no static one ({addressing}): it learns its gateway, or needs none.",
                ("uplinks", name, "gateway"),
                "remove the line",
            )
        static = _static(name, written, addressing, findings)
        uplinks[name] = Uplink(
            name=name,
            id=f"uplink:{name}",
            span=findings.spans.key("uplinks", name),
            addressing=addressing,
            port=_port(name, written.interface, draft.router, findings),
            vlan=written.vlan,
            address=static,
            gateway=_plain(name, "gateway", written.gateway, findings),
            modem=_plain(name, "modem", written.modem, findings),
            pppoe_user=written.pppoe.user if written.pppoe else "",
            pppoe_secret=written.pppoe.password.name if written.pppoe else "",
            pppoe_service=(written.pppoe.service or "") if written.pppoe else "",
            mac=written.mac,
            mtu=_mtu(written),
            wireguard=_peer(written),
        )
    if all(written.tunnel or written.wireguard for written in home.uplinks.values()):
        findings.error(
            "uplink-missing",
            "The home has no way out that is no tunnel.",
            ("uplinks",) if home.uplinks else (),
            "declare one, as `uplinks: {wan: {interface: router/eth0, address: dhcp}}`",
        )
    return uplinks


def _mtu(written: schema.Uplink) -> int | None:
    if written.wireguard:
        return written.wireguard.mtu
    return written.tunnel.mtu if written.tunnel and written.tunnel.mtu else written.mtu


def _peer(written: schema.Uplink) -> WireguardPeer | None:
    if written.wireguard is None:
        return None
    peer = written.wireguard.peer
    return WireguardPeer(
        private_key=written.wireguard.private_key.name,
        public_key=peer.public_key,
        host=peer.endpoint.host,
        port=peer.endpoint.port,
        allowed=peer.allowed_addresses,
        keepalive=int(peer.keepalive),
        preshared_key=peer.preshared_key.name if peer.preshared_key else "",
    )


def _addressing(name: str, written: schema.Uplink, findings: Findings) -> Addressing | None:
    """Exactly one of ``address``, ``pppoe``, ``tunnel`` and ``wireguard`` says it."""
    said = [key for key in ("address", "pppoe", "tunnel", "wireguard") if getattr(written, key) is not None]
    if len(said) != 1:
        what = f"says both `{said[0]}` and `{said[1]}`" if said else "does not say how it gets its address"
        findings.error(
            "uplink-addressing",
            f"Uplink `{name}` {what}.",
            findings.spans.key("uplinks", name, *said[1:2]),
            "give it one of `address: dhcp`, `address: 203.0.113.2/30` with a gateway, `pppoe:`, `tunnel:` or "
            "`wireguard:`",
        )
        return None
    if written.pppoe:
        return Addressing.PPPOE
    if written.tunnel or written.wireguard:
        return Addressing.TUNNEL
    return Addressing.DHCP if written.address == "dhcp" else Addressing.STATIC


def _static(name: str, written: schema.Uplink, addressing: Addressing, findings: Findings) -> IPv4Interface | None:
    tunnel = written.tunnel or written.wireguard
    if addressing is Addressing.TUNNEL and tunnel:
        at: tuple[str, ...] = ("uplinks", name, "tunnel" if written.tunnel else "wireguard", "address")
        text = tunnel.address
    elif addressing is Addressing.STATIC and written.address:
        at, text = ("uplinks", name, "address"), written.address
        if written.gateway is None:
            findings.error(
                "uplink-gateway",
                f"Uplink `{name}` has a static address and no gateway.",
                at,
                "add `gateway:`, the provider's router",
            )
    else:
        return None
    try:
        address = whole(text.partition("/")[0])
    except Unclear as why:
        findings.error("address-unclear", f"{why}.", at, "write `dhcp`, or the address with its prefix")
        return None
    if "/" not in text and addressing is Addressing.STATIC:
        findings.error("address-unclear", f"`{text}` has no prefix length.", at, f"write it as `{text}/30`")
        return None
    return IPv4Interface(text if "/" in text else f"{address}/32")


def _plain(name: str, key: str, text: str | None, findings: Findings) -> IPv4Address | None:
    if text is None:
        return None
    try:
        return whole(text)
    except Unclear as why:
        findings.error("address-unclear", f"{why}.", ("uplinks", name, key))
        return None


def _port(name: str, text: str, router: str, findings: Findings) -> str:
    """The port's bare name: ``gate/eth0``, ``router/eth0`` and ``eth0`` are the same where ``gate`` is the router."""
    device, slash, port = text.rpartition("/")
    if slash and device not in {"router", router}:
        findings.error(
            "unknown-name",
            f"`{device}` is not the router: an uplink is on a port of the router.",
            ("uplinks", name, "interface"),
            f"write `{router}/{port}`",
        )
    return port
