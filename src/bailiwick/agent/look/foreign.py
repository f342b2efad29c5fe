"""Whose a link, a table, a chain or a routing rule is, where it is not ours: known by the names that programs give.

What belongs to these programs comes and goes as they like; it is named, and left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

OURS = frozenset({("inet", "bailiwick"), ("inet", "bailiwick_guard"), ("bridge", "bailiwick")})
"""Tables, with their families."""
PROTOCOLS = frozenset(str(number) for number in range(141, 150))
"""Of our routing rules and routes: each load takes a free one."""
UNKNOWN = "unknown"

_LINKS = (
    ("Docker", r"docker\d+|docker_gwbridge|br-[0-9a-f]{12}"),
    ("libvirt", r"virbr\d+(-nic)?|vnet\d+|macvtap\d+"),
    ("Tailscale", r"tailscale\d+"),
    ("Podman", r"podman\d+|cni-podman\d+"),
    ("LXC", r"lxcbr\d+|lxdbr\d+|incusbr\d+"),
    ("Kubernetes", r"cni\d+|flannel[.\d]*|cali[0-9a-f]{11}|kube-ipvs0|cilium_\w+"),
    ("systemd-nspawn", r"v[eb]-[\w.-]+|vz-[\w.-]+"),
    ("ZeroTier", r"zt\w{8,10}"),
    ("OpenVPN", r"ovpn\S*"),
)
_TABLES = (
    ("Bailiwick", r"bailiwick_ended"),  # conversations that were ended: it comes and goes (``ended``)
    ("Docker", r"docker\S*"),
    ("libvirt", r"libvirt_\w+"),
    ("wg-quick", r"wg-quick-\S+"),
    ("fail2ban", r"f2b-\S+"),
    ("Podman", r"netavark"),
    ("Kubernetes", r"kube-\S+|cali\S*"),
    ("LXC", r"lxc|lxd|incus"),
    ("CrowdSec", r"crowdsec6?"),
    ("SSHGuard", r"sshguard"),
    ("systemd", r"io\.systemd\.nat"),
    ("firewalld", r"firewalld"),
    ("MiniUPnPd", r"miniupnpd"),
)
_CHAINS = (
    ("Docker", r"DOCKER(-\S+)?"),
    ("libvirt", r"LIBVIRT_\w+"),
    ("Tailscale", r"ts-(input|forward|postrouting)"),
    ("fail2ban", r"f2b-\S+"),
    ("Podman", r"NETAVARK\S*|CNI-\S+"),
    ("Kubernetes", r"KUBE-\S+|cali-\S+"),
    ("MiniUPnPd", r"MINIUPNPD\S*"),
    ("ufw", r"ufw6?-\S+"),
    ("firewalld", r"(IN|FWDI|FWDO|PRE|POST|FWD|INPUT|FORWARD|OUTPUT)_(public|direct|ZONES|trusted|POLICIES)\S*"),
)
RIVALS = frozenset({"ufw", "firewalld"})
"""Others that hold the network still: what they made stays as it is while they run, so that a change of it is one."""


def _whose(names: tuple[tuple[str, str], ...], name: str) -> str:
    return next((owner for owner, pattern in names if re.fullmatch(pattern, name)), "")


def of_link(link: Mapping[str, Any]) -> str:
    """``link`` as ``ip -j -d`` lists it; "" for one that nobody is known to come and go with."""
    name = str(link["ifname"])
    if owner := _whose(_LINKS, name):
        return owner
    info = link.get("linkinfo", {})
    kind = info.get("info_kind", "")
    if owner := _whose(_LINKS, str(link.get("master", ""))):
        return owner
    if link.get("link_type") == "ppp" or kind == "ppp":
        return "a PPP session"
    if kind == "wireguard":
        return "WireGuard"
    if kind == "tun":
        guest = info.get("info_data", {}).get("type") == "tap"
        return "a virtual machine" if guest else "a tunnel's program"
    if kind == "veth" and "link_netnsid" in link and name.startswith("veth"):
        return "a container"
    return ""


def of_table(family: str, name: str) -> str:
    """ "" for ours, ``unknown`` for one that nobody here knows."""
    if (family, name) in OURS:
        return ""
    return _whose(_TABLES, name) or UNKNOWN


def of_chain(name: str) -> str:
    """By its name alone; "" for one that is anybody's (FORWARD, input)."""
    return _whose(_CHAINS, name)


def of_rule(text: str, links: Mapping[str, str]) -> str:
    """A rule in a chain that is anybody's: whose it is by where it jumps to, or by the links that it names.

    ``links``: name to owner. "" where nothing tells.
    """
    words = re.findall(r"[\w.-]+", text)
    for word, after in pairwise(words):
        if word in ("jump", "goto", "-j", "-g") and (owner := of_chain(after)):
            return owner
    return next((links[word] for word in words if links.get(word)), "")


def of_routing_rule(rule: Mapping[str, Any]) -> str:
    """wg-quick(8) with a default route: marked packets past its table, and the main table without its defaults.

    Tailscale's stand at 5210 to 5270 (its router for Linux) and look for marks of theirs, or in its table 52.
    """
    if rule.get("protocol") in PROTOCOLS:
        return ""
    mark, table, pref = rule.get("fwmark"), str(rule.get("table", "")), int(rule["priority"])
    if "not" in rule and mark is not None and table.isdecimal() and int(str(mark), 0) == int(table):
        return "wg-quick"
    selectors = {"fwmark", "iif", "oif", "ipproto", "sport", "dport", "not"} & set(rule)
    everything = rule.get("src") == "all" and "dst" not in rule and not selectors
    if everything and table == "main" and rule.get("suppress_prefixlen") == 0 and 32000 <= pref < 32766:
        return "wg-quick"
    if 5210 <= pref <= 5270 and (rule.get("fwmask") == "0xff0000" or table == "52"):
        return "Tailscale"
    return ""
