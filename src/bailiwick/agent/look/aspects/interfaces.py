"""Links, their addresses, and the VLANs of a bridge's ports: what ``ip -j -d address`` and ``bridge -j vlan`` list.

A link that a program makes and takes away (a PPP session, a tunnel, a container's) is named with its addresses, and
not compared. Carriers, counters, timers and numbers that the kernel gives are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface
from typing import Any

from bailiwick.agent.look import foreign
from bailiwick.agent.look.aspects.fact import Fact, Side, flags

Json = Mapping[str, Any]
_FOREVER = 0xFFFFFFFF
"""Seconds of a lifetime without an end (INFINITY_LIFE_TIME of if_addr.h)."""
_SPECIAL = {"vlan": ("protocol", "id"), "bond": ("mode",), "vrf": ("table",), "vxlan": ("id", "port", "local")}
_SPECIAL |= {"bridge": ("vlan_filtering", "vlan_default_pvid", "vlan_protocol", "stp_state", "mcast_snooping")}
_SPECIAL |= {"macvlan": ("mode",), "tun": ("type", "user", "group")}
_PORT = ("isolated", "hairpin", "learning", "flood", "bcast_flood", "mcast_flood", "guard", "root_block", "locked")
Address = IPv4Address | IPv6Address


def owners(listed: list[Json], ours: Collection[str], made: Collection[str]) -> dict[str, str]:
    """Who makes a link come and go; "" for those that stay. ``ours`` are configured, ``made`` also made, by a file."""
    found: dict[str, str] = {}
    for link in listed:
        name = str(link["ifname"])
        owner = "" if name in made else foreign.of_link(link)
        passing = link.get("link_type") == "ppp" or link.get("linkinfo", {}).get("info_kind") in ("wireguard", "tun")
        found[name] = "" if name in ours and not passing else owner
    return found


def links(listed: list[Json], whose: Mapping[str, str]) -> Side:
    """A fact for each link. ``whose`` is of ``owners``."""
    side = Side()
    for link in listed:
        name = str(link["ifname"])
        side.add(Fact(name, _described(link), link=name, whose=whose[name]))
    return side.sort()


def _described(link: Json) -> str:
    info = link.get("linkinfo", {})
    kind = info.get("info_kind") or link.get("link_type", "")
    data, port = info.get("info_data", {}), info.get("info_slave_data", {})
    bridged = info.get("info_slave_kind") == "bridge"
    above = "down" if "UP" not in link["flags"] else "up"
    carrier = str(link.get("link", "")) if kind != "veth" else ""  # a veth's other end may be anywhere
    return flags(
        (
            ("", kind),
            ("", above),
            ("mtu", link.get("mtu")),
            ("over", carrier),
            ("port of", link.get("master")),
            *((key.replace("_", " "), data.get(key)) for key in _SPECIAL.get(kind, ())),
            *(
                ("", key.replace("_", " ") if port[key] else f"no {key.replace('_', ' ')}")
                for key in _PORT
                if bridged and _odd(key, port.get(key))
            ),
        ),
        ", ",
    )


def _odd(key: str, value: object) -> bool:
    """Whether a port's flag is not as the kernel sets it for a new port."""
    return value is not None and value is not (key in ("learning", "flood", "bcast_flood", "mcast_flood"))


def addresses(listed: list[Json], whose: Mapping[str, str], leases: Collection[str]) -> Side:
    """A fact for each address. ``leases`` are addresses that networkd was given, whatever lifetime they have."""
    side = Side()
    for link in listed:
        name = str(link["ifname"])
        for one in link.get("addr_info", ()):
            if not one.get("local"):
                continue
            extra = (("peer", one.get("address")), ("scope", one.get("scope") if one.get("scope") != "global" else ""))
            value = flags(
                (*extra, ("", "noprefixroute" if one.get("noprefixroute") and one.get("scope") != "host" else ""))
            )
            owner = whose[name] or _given(one, leases)
            side.add(Fact(f"{name} {one['local']}/{one['prefixlen']}", value, link=name, whose=owner))
    return side.sort()


def _given(one: Json, leases: Collection[str]) -> str:
    """Who gave an address that ends by itself, or that the kernel makes of the link."""
    address = ip_address(one["local"])
    if one.get("dynamic") or one.get("valid_life_time", _FOREVER) != _FOREVER or str(address) in leases:
        return "a lease"
    if one.get("temporary") or one.get("mngtmpaddr") or one.get("protocol") == "kernel_ra":
        return "router advertisements"
    return "link-local" if address.is_link_local and one.get("scope") == "link" else ""


def static(listed: list[Json], whose: Mapping[str, str], leases: Collection[str]) -> dict[str, frozenset[str]]:
    """Of each link its lasting addresses, and the networks that they bring."""
    found: dict[str, frozenset[str]] = {}
    for link in listed:
        name = str(link["ifname"])
        texts: set[str] = set()
        for one in link.get("addr_info", ()):
            if one.get("local") and not (whose[name] or _given(one, leases)):
                texts |= _texts(one)
        found[name] = frozenset(texts)
    return found


def _texts(one: Json) -> set[str]:
    near = ip_interface(f"{one['local']}/{one['prefixlen']}")
    far = ip_interface(f"{one.get('address', one['local'])}/{one['prefixlen']}")
    return {str(near.ip), str(near.network), str(far.network)}


def vlans(listed: list[Json], whose: Mapping[str, str]) -> Side:
    """A fact for each VLAN of each port, so that one more or less shows as one."""
    side = Side()
    for port in listed:
        name = str(port["ifname"])
        for vlan in port.get("vlans", ()):
            for number in range(vlan["vlan"], vlan.get("vlanEnd", vlan["vlan"]) + 1):
                value = ", ".join(sorted(vlan.get("flags", ()))) or "tagged"
                side.add(Fact(f"{name} VLAN {number}", value, link=name, whose=whose.get(name, "")))
    return side.sort()


def silent(listed: list[Json]) -> frozenset[str]:
    """Links that are up and hear nobody: what hangs on a carrier is not there now."""
    return frozenset(
        str(link["ifname"]) for link in listed if "NO-CARRIER" in link["flags"] or "LOWER_UP" not in link["flags"]
    )
