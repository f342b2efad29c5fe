"""Values that RouterOS 7 has by itself, and leaves out of an export; and which spellings are one value.

Defaults after MikroTik's manual, the property tables of each menu. What changed between releases, or depends on the
device, is not here: then nobody knows what a value was that an export does not name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bailiwick.dataplane.service_ports import SERVICES

_RULE = {"action": "accept", "disabled": "no", "log": "no"}
_OFF = {"enabled": "no"}

DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "interface/bridge": {
        "frame-types": "admit-all", "ingress-filtering": "yes", "protocol-mode": "rstp", "vlan-filtering": "no",
    },
    "interface/bridge/port": {
        "frame-types": "admit-all", "ingress-filtering": "yes", "pvid": "1", "restricted-role": "no",
        "restricted-tcn": "no",
    },
    "interface/bridge/settings": {
        "use-ip-firewall": "no", "use-ip-firewall-for-vlan": "no", "use-ip-firewall-for-pppoe": "no",
    },
    "interface/detect-internet": {"detect-interface-list": "none"},
    "interface/l2tp-server/server": _OFF,
    "interface/pptp-server/server": _OFF,
    "interface/sstp-server/server": _OFF,
    "interface/pppoe-client": {
        "add-default-route": "no", "default-route-distance": "1", "use-peer-dns": "no", "disabled": "yes",
        "max-mtu": "auto", "max-mru": "auto",
    },
    "interface/vlan": {"mtu": "1500"},
    "interface/ethernet": {"mtu": "1500"},
    "interface/wireguard": {"mtu": "1420", "disabled": "no"},
    "ip/dhcp-client": {
        "add-default-route": "yes", "default-route-distance": "1", "use-peer-dns": "yes", "use-peer-ntp": "yes",
        "disabled": "no",
    },
    "ip/dhcp-server": {"address-pool": "static-only", "disabled": "no"},
    "ip/dhcp-server/lease": {"server": "all"},
    "ip/dhcp-server/option": {"force": "no"},
    "ip/dns": {"allow-remote-requests": "no", "cache-size": "2048KiB", "use-doh-server": "", "servers": ""},
    "ip/dns/static": {"type": "A"},
    "ip/firewall/filter": _RULE,
    "ip/firewall/nat": _RULE,
    "ip/firewall/mangle": {**_RULE, "passthrough": "yes"},
    "ip/firewall/raw": _RULE,
    "ip/route": {"distance": "1", "routing-table": "main", "disabled": "no"},
    "ip/service": {"disabled": "no", "address": ""},
    "ip/settings": {
        "ip-forward": "yes", "rp-filter": "no", "send-redirects": "yes", "accept-redirects": "no",
        "secure-redirects": "yes", "accept-source-route": "no", "tcp-syncookies": "no",
    },
    "ip/ssh": {"strong-crypto": "no", "forwarding-enabled": "no"},
    "ip/cloud": {"update-time": "yes"},
    "ip/nat-pmp": _OFF,
    "ip/neighbor/discovery-settings": {"discover-interface-list": "static"},
    "ip/proxy": _OFF,
    "ip/socks": _OFF,
    "ip/upnp": _OFF,
    "ipv6/firewall/filter": _RULE,
    "ipv6/settings": {"disable-ipv6": "no", "forward": "yes"},
    "radius/incoming": {"accept": "no"},
    "routing/rule": {"disabled": "no"},
    "snmp": _OFF,
    "system/ntp/client": _OFF,
    "system/ntp/server": _OFF,
    "tool/romon": _OFF,
    "system/clock": {"time-zone-autodetect": "yes"},
    "tool/bandwidth-server": {"enabled": "yes"},
    "tool/mac-server": {"allowed-interface-list": "all"},
    "tool/mac-server/mac-winbox": {"allowed-interface-list": "all"},
    "tool/mac-server/ping": {"enabled": "yes"},
}  # fmt: skip

_TIME = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(?:(\d+):(\d+):(\d+))|(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?)")
_SECONDS = (604800, 86400, 3600, 60, 1, 3600, 60, 1)
_TIMES = re.compile(r"(?:time|timeout|interval)$")
_SETS = frozenset({"tagged", "untagged", "address", "connection-state", "dst-port", "src-port"})
"""Arguments whose value is a list in any order."""


def default(menu: str, name: str, values: Mapping[str, str]) -> str | None:
    """What an argument is where nobody named it; None where that is not known."""
    if menu == "ip/service" and values.get("name") == "www-ssl" and name == "disabled":
        return "yes"
    if menu == "ip/service" and name == "port":
        port = SERVICES.get(values.get("name", ""))
        return None if port is None else str(port)
    return DEFAULTS.get(menu, {}).get(name)


def plain(name: str, value: str) -> str:
    """One spelling of a value: ``43200s``, ``12h`` and ``12:00:00`` are one time, ``true`` is ``yes``."""
    if _TIMES.search(name) and (time := seconds(value)) is not None:
        return f"{time}s"
    if name in _SETS and "," in value:
        return ",".join(sorted(value.split(",")))
    if name == "mac-address":
        return value.upper()
    return {"true": "yes", "false": "no"}.get(value, value)


def seconds(text: str) -> int | None:
    """``1d02:00:00``, ``26h`` or ``93600s``; None for what is no time."""
    found = _TIME.fullmatch(text) if text else None
    return sum(int(one) * size for one, size in zip(found.groups("0"), _SECONDS, strict=True)) if found else None
