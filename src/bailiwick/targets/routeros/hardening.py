"""The device itself: what it is called, the services that the policy asks for and no other, and how it forwards.

Sources: MikroTik's manual, "Securing your router", "SSH" and "User". What listens on hardware addresses is beyond the
filter, so it is off: the way in when all else fails is a port of its own (a zone without a VLAN id), which is in the
filter.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.packets.packet import TCP
from bailiwick.plan.model import Flow, Hook, Plan
from bailiwick.targets.lines import Line, comments
from bailiwick.targets.routeros.release import release
from bailiwick.targets.routeros.syntax import command

SERVICES = {
    "telnet": 23,
    "ftp": 21,
    "www": 80,
    "ssh": 22,
    "www-ssl": 443,
    "api": 8728,
    "winbox": 8291,
    "api-ssl": 8729,
}
"""Their usual ports, which are also set: a device may have had others. Whoever reads the script back has a table of
their own (``dataplane.service_ports``), so that a wrong one here is seen."""

OFF = (
    "/tool bandwidth-server",
    "/tool romon",
    "/ip proxy",
    "/ip socks",
    "/ip upnp",
    "/ip nat-pmp",
    "/ip smb",
    "/snmp",
    "/interface l2tp-server server",
    "/interface pptp-server server",
    "/interface sstp-server server",
    "/system ntp server",
)
"""What no home file asks for, of the menus that every device has."""

CIPHERS_SINCE, PASSWORD_AUTHENTICATION_SINCE = 17, 21
"""Releases 7.x from which on ``/ip ssh`` has these words in the place of older ones."""

PASSWORD_LEAST = "12"
"""Characters of a password, from the next that is set on. Who may log in is the owner's, and not written; nor from
where: services answer those of the policy alone, and the manual ("User") does not say whether a user with an
``address`` is let in at the console."""

CONFIDENTIAL = ("ssh", "winbox")
"""Those that are on where a sentence opens every port of the router's; others want to be named."""


def identity(plan: Plan) -> Iterator[Line]:
    """The name that the device bears, and its clock."""
    yield command("/system identity", "set", {"name": plan.router})
    yield command("/system clock", "set", {"time-zone-autodetect": "no", "time-zone-name": plan.timezone})


def forwarding(plan: Plan) -> Iterator[Line]:
    """As the Linux router's settings are (``plan.settings``), as far as RouterOS has them."""
    said = {
        "rp-filter": "no",
        "send-redirects": "no",
        "accept-redirects": "no",
        "secure-redirects": "no",
        "accept-source-route": "no",
        "tcp-syncookies": "yes",
    }
    if plan.fasttrack is not None:
        said |= {"allow-fast-path": "yes"}
    yield command("/ip settings", "set", said)
    tracking = {"enabled": "yes", "udp-timeout": "2m", "udp-stream-timeout": "5m", "icmp-timeout": "1m"}
    yield command("/ip firewall connection tracking", "set", tracking)
    bridged = {"use-ip-firewall": "no", "use-ip-firewall-for-vlan": "no", "use-ip-firewall-for-pppoe": "no"}
    yield command("/interface bridge settings", "set", bridged)


def services(plan: Plan) -> Iterator[Line]:
    """What the router offers, and to whom."""
    yield from comments("Services: those that the policy opens, for those to whom it does.")
    for name, port in SERVICES.items():
        asked = [flow for flow in plan.flows if _opens(flow, name, port)]
        if not asked:
            yield command("/ip service", "set", {"disabled": "yes"}, of=name)
            continue
        near = sorted({str(net) for flow in asked for net in _from(plan, flow)})
        said = {"disabled": "no", "port": str(port), "address": ",".join(near)}
        yield command("/ip service", "set", said, tuple(sorted(flow.id for flow in asked)), of=name)
    yield command("/ip ssh", "set", ssh(plan))
    yield command("/user settings", "set", {"minimum-password-length": PASSWORD_LEAST})
    yield command("/ip neighbor discovery-settings", "set", {"discover-interface-list": "none"})
    yield command("/tool mac-server", "set", {"allowed-interface-list": "none"})
    yield command("/tool mac-server mac-winbox", "set", {"allowed-interface-list": "none"})
    yield command("/tool mac-server ping", "set", {"enabled": "no"})
    yield command("/interface detect-internet", "set", {"detect-interface-list": "none"})
    for menu in OFF:
        yield command(menu, "set", {"enabled": "no"})
    yield command("/radius incoming", "set", {"accept": "no"})


def ssh(plan: Plan) -> dict[str, str]:
    """Strong ciphers, nothing tunnelled, and who has a key logs in by it; two of the words differ by release."""
    minor = release(plan.platform)
    none = {"allow-none-crypto": "no"} if minor < CIPHERS_SINCE else {"ciphers": "auto"}
    by_key = minor >= PASSWORD_AUTHENTICATION_SINCE
    keys = {"password-authentication": "yes-if-no-key"} if by_key else {"always-allow-password-login": "no"}
    return {"strong-crypto": "yes", "forwarding-enabled": "no", **none, **keys}


def _opens(flow: Flow, name: str, port: int) -> bool:
    if flow.hook is not Hook.INPUT or flow.ingress is None or flow.translated:
        return False
    for match in flow.matches:
        named = match.protocol == TCP and match.ports == (port, port)
        within = match.protocol in (None, TCP) and (match.ports is None or match.ports[0] <= port <= match.ports[1])
        if named or (within and name in CONFIDENTIAL):
            return True
    return False


def _from(plan: Plan, flow: Flow) -> list[str]:
    """The zone's subnet, or everybody where it is an uplink; the filter tells single addresses apart."""
    interface = plan.interface_of(flow.ingress or "")
    inside = interface.place is not None and interface.place.startswith("zone:")
    return [str(interface.address.network)] if inside and interface.address else ["0.0.0.0/0"]
