"""DHCP options by name and number, as dnsmasq spells them (``dnsmasq --help dhcp``; RFC 2132 and later)."""

from __future__ import annotations

NAMES = {
    1: "netmask",
    2: "time-offset",
    3: "router",
    6: "dns-server",
    7: "log-server",
    9: "lpr-server",
    13: "boot-file-size",
    15: "domain-name",
    16: "swap-server",
    17: "root-path",
    18: "extension-path",
    19: "ip-forward-enable",
    20: "non-local-source-routing",
    21: "policy-filter",
    22: "max-datagram-reassembly",
    23: "default-ttl",
    26: "mtu",
    27: "all-subnets-local",
    31: "router-discovery",
    32: "router-solicitation",
    33: "static-route",
    34: "trailer-encapsulation",
    35: "arp-timeout",
    36: "ethernet-encap",
    37: "tcp-ttl",
    38: "tcp-keepalive",
    40: "nis-domain",
    41: "nis-server",
    42: "ntp-server",
    44: "netbios-ns",
    45: "netbios-dd",
    46: "netbios-nodetype",
    47: "netbios-scope",
    48: "x-windows-fs",
    49: "x-windows-dm",
    60: "vendor-class",
    64: "nis+-domain",
    65: "nis+-server",
    66: "tftp-server",
    67: "bootfile-name",
    68: "mobile-ip-home",
    69: "smtp-server",
    70: "pop3-server",
    71: "nntp-server",
    74: "irc-server",
    77: "user-class",
    80: "rapid-commit",
    93: "client-arch",
    94: "client-interface-id",
    97: "client-machine-id",
    100: "posix-timezone",
    101: "tzdb-timezone",
    119: "domain-search",
    120: "sip-server",
    121: "classless-static-route",
    125: "vendor-id-encap",
    150: "tftp-server-address",
}
"""What dnsmasq 2.90 and 2.91 both know. A name gives the value its type; a bare number leaves dnsmasq to guess it."""

_NUMBERS = {name: number for number, name in NAMES.items()}


def code(name: str) -> int:
    """The number of an option given by name or number; raises ValueError for a name that dnsmasq does not know."""
    if name.isdigit():
        return int(name)
    try:
        return _NUMBERS[name]
    except KeyError:
        raise ValueError(f"dnsmasq knows no DHCP option called {name!r}; give its number") from None


def spelling(number: int) -> str:
    """As ``dhcp-option`` takes it: ``option:mtu``, or the bare number of an option without a name."""
    return f"option:{NAMES[number]}" if number in NAMES else str(number)
