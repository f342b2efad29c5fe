"""What is ours on a device, and how it makes room for what takes its place.

Every object bears a comment that begins with ``bailiwick:`` and says which node of the plan it carries out. A script
takes all of them away before it adds any, whoever uses another first, so that it may run twice; what bears no such
comment is never touched. Meanwhile the uplinks are gone and nothing is forwarded.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.targets.lines import Line, comments
from bailiwick.targets.routeros.syntax import command

MARK = "bailiwick:"

LOG_ACTION = "bailiwick"
"""Of rows of the log, which bear a comment from 7.22 on only: ours are those that go by this action."""

_MENUS = (
    "/ip dhcp-client",
    "/interface pppoe-client",
    "/interface wireguard peers",
    "/interface wireguard",
    "/ip address",
    "/ip route",
    "/routing rule",
    "/ip dhcp-server lease",
    "/ip dhcp-server network",
    "/ip dhcp-server option",
    "/ip dhcp-server",
    "/ip pool",
    "/ip dns static",
    "/ip firewall filter",
    "/ip firewall nat",
    "/ip firewall mangle",
    "/ip firewall address-list",
    "/ipv6 firewall filter",
    "/interface list member",
    "/interface list",
    "/interface vlan",
    "/interface bridge vlan",
    "/interface bridge port",
    "/interface bridge",
    "/routing table",
    "/system ntp client servers",
    "/system logging action",
    "/system script",
)
"""Every menu with objects of ours, users of others before what they use; the uplinks and all addresses before the
filter, so that nobody reaches the device by them while it has none."""


def tag(*ids: str) -> dict[str, str]:
    """The comment of an object: the first node that it carries out, and how many more."""
    more = f" +{len(ids) - 1}" if len(ids) > 1 else ""
    return {"comment": f"{MARK}{ids[0]}{more}"}


def away() -> Iterator[Line]:
    """What an earlier script of ours left. First of all nothing is forwarded any more."""
    yield from comments("What an earlier run left goes first. Until the last lines nothing is forwarded.")
    yield command("/ip settings", "set", {"ip-forward": "no"})
    yield command("/system logging", "remove", {}, of=f"[ find action={LOG_ACTION} ]")
    for menu in _MENUS:
        yield command(menu, "remove", {}, of=f'[ find comment~"^{MARK}" ]')
