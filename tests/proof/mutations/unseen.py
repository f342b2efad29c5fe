"""Words of a RouterOS script that its reader does not look at, and why no packet and no client does either."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_network

from bailiwick.dataplane.routeros.defaults import default, plain
from tests.proof.mutations.mutant import Mutant
from tests.proof.mutations.script_boundary import pairs

_HEAD = re.compile(r"/([a-z0-9 -]+?) (add|set|remove)\b")

MENUS: Mapping[str, str] = {
    "system identity": "the device's name is for people",
    "system clock": "the time is no claim",
    "system ntp client": "the time is no claim",
    "system ntp client servers": "the time is no claim",
    "system logging": "what is logged is no claim",
    "system logging action": "what is logged is no claim",
    "user settings": "who may log in is the owner's to say",
    "tool romon": "off by itself; it speaks with other RouterOS devices alone",
    "tool mac-server ping": "answers a layer 2 ping, and does nothing",
}
ARGUMENTS: Mapping[str, str] = {
    "protocol-mode restricted-role restricted-tcn": "spanning tree finds loops; it opens nothing",
    "new-mss": "segment sizes are no claim",
    "mtu max-mtu max-mru": "sizes are no claim",
    "user password service-name": "the provider's account",
    "use-peer-ntp": "the time is no claim",
    "cache-size": "how many answers are remembered",
    "udp-timeout udp-stream-timeout icmp-timeout": "how long a silent connection is remembered",
    "log log-prefix": "what is logged is no claim",
    "persistent-keepalive": "how often an empty packet holds the way open",
    "listen-port": "a tunnel's own port, from which it speaks first",
    "distance default-route-distance": "the order stays",
    "update-time ddns-enabled ddns-update-interval": "a name in the vendor's DNS",
    "policy": "a script that is run by hand has the rights of who runs it",
}
_ARGUMENTS = {name: why for names, why in ARGUMENTS.items() for name in names.split()}


def unseen(mutant: Mutant, before: str, after: str) -> str:
    """Why nobody has to see this change of a line; empty: somebody should have."""
    head = _HEAD.match(before)
    if head is None:
        return ""
    menu, verb = head[1], head[2]
    if menu in MENUS:
        return MENUS[menu]
    if verb == "remove":
        return "nothing of this home is there, and what is was another home's"
    if menu.startswith("interface ethernet switch") and "=none" in before:
        return "what another home's script had copied, or what a later line says"
    if "action=change-mss" in before and mutant.kind != "menu":
        return _ARGUMENTS["new-mss"]
    old, new = pairs(before), pairs(after)
    changed = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    if changed and all(_same(menu.replace(" ", "/"), name, old, new) for name in changed):
        return "the same value"
    if changed == {"protocol"} and "icmp-options" in new and "protocol" not in new:
        return "only ICMP has such options: RouterOS refuses the line, or means the same"
    if reason := _settled(menu, verb, changed, new):
        return reason
    if menu.startswith("interface wireguard") and (reason := _of_a_tunnel(menu, verb, changed)):
        return reason
    reasons = [_ARGUMENTS[name] for name in sorted(changed) if name in _ARGUMENTS]
    return reasons[0] if changed and len(reasons) == len(changed) else ""


def _settled(menu: str, verb: str, changed: set[str], new: Mapping[str, str]) -> str:
    if menu == "ip service" and changed == {"port"}:
        return "the usual port, where nobody chose another"
    if menu == "ip service" and new.get("disabled", "yes") == "yes" and "address" not in new:
        return "off by itself"
    if menu in ("interface bridge", "interface pppoe-client"):
        if verb == "set" and changed == {"name"}:
            return "there is no other"
        if changed in ({"vlan-filtering"}, {"disabled"}):
            return "a later line says so, and nothing is forwarded before"
    return ""


def _of_a_tunnel(menu: str, verb: str, changed: set[str]) -> str:
    if verb == "set" and changed <= {"name"}:
        return "there is no other tunnel"
    if changed == {"name"} and menu.endswith("peers"):
        return "a peer's name is for people"
    return "up before it has an address, while nothing is forwarded" if changed == {"disabled"} else ""


def _same(menu: str, name: str, old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    was, will = (values.get(name, default(menu, name, values)) for values in (old, new))
    if was is None or will is None:
        return False
    return plain(name, was) == plain(name, will) or _nets(was) == _nets(will) != ""


def _nets(value: str) -> str:
    """A list of networks by their prefixes; empty where it is none."""
    try:
        return ",".join(_net(one) for one in value.split(","))
    except ValueError:
        return ""


def _net(text: str) -> str:
    sign, bare = ("!", text[1:]) if text.startswith("!") else ("", text)
    return f"{sign}{ip_network(bare, strict=False)}"
