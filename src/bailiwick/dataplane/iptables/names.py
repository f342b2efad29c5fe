"""Names for numbers that may stand in a dump: protocols, services, ICMP types (IANA; libxt_icmp.h of iptables)."""

from __future__ import annotations

from bailiwick.packets.interval import IntervalSet

ICMP, IGMP, TCP, UDP, DCCP, GRE, ICMP6, SCTP, UDPLITE = 1, 2, 6, 17, 33, 47, 58, 132, 136
WITH_PORTS = IntervalSet.of((number, number) for number in (TCP, UDP, DCCP, SCTP, UDPLITE))

_PROTOCOLS = {
    "ip": 0, "all": 0, "icmp": 1, "igmp": 2, "ggp": 3, "ipencap": 4, "ipip": 4, "ip-encap": 4, "st": 5, "tcp": 6,
    "egp": 8, "igp": 9, "pup": 12, "udp": 17, "hmp": 20, "xns-idp": 22, "rdp": 27, "iso-tp4": 29, "dccp": 33,
    "xtp": 36, "ddp": 37, "idpr-cmtp": 38, "ipv6": 41, "ipv6-route": 43, "ipv6-frag": 44, "idrp": 45, "rsvp": 46,
    "gre": 47, "esp": 50, "ipv6-crypt": 50, "ipsec-esp": 50, "ah": 51, "ipv6-auth": 51, "ipsec-ah": 51, "skip": 57,
    "icmpv6": 58, "ipv6-icmp": 58, "icmp6": 58, "ipv6-nonxt": 59, "ipv6-opts": 60, "rspf": 73, "vmtp": 81,
    "eigrp": 88, "ospf": 89, "ospfigp": 89, "ax.25": 93, "ipip-encap": 94, "etherip": 97, "encap": 98, "pim": 103,
    "ipcomp": 108, "vrrp": 112, "carp": 112, "l2tp": 115, "isis": 124, "sctp": 132, "fc": 133,
    "mobility-header": 135, "ipv6-mh": 135, "mh": 135, "udplite": 136, "mpls-in-ip": 137, "manet": 138, "hip": 139,
    "shim6": 140, "wesp": 141, "rohc": 142,
}  # fmt: skip

_SERVICES = {
    "echo": 7, "discard": 9, "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "mail": 25, "time": 37,
    "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69, "gopher": 70, "finger": 79, "http": 80, "www": 80,
    "kerberos": 88, "pop3": 110, "sunrpc": 111, "auth": 113, "ident": 113, "nntp": 119, "ntp": 123, "epmap": 135,
    "netbios-ns": 137, "netbios-dgm": 138, "netbios-ssn": 139, "imap2": 143, "imap": 143, "snmp": 161,
    "snmp-trap": 162, "snmptrap": 162, "bgp": 179, "irc": 194, "ldap": 389, "https": 443, "microsoft-ds": 445,
    "submissions": 465, "ssmtp": 465, "smtps": 465, "isakmp": 500, "syslog": 514, "printer": 515, "route": 520,
    "rtsp": 554, "dhcpv6-client": 546, "dhcpv6-server": 547, "submission": 587, "ipp": 631, "ldaps": 636,
    "domain-s": 853, "rsync": 873, "ftps-data": 989, "ftps": 990, "telnets": 992, "imaps": 993, "pop3s": 995,
    "socks": 1080, "openvpn": 1194, "ms-sql-s": 1433, "l2f": 1701, "l2tp": 1701, "pptp": 1723, "radius": 1812,
    "radius-acct": 1813, "nfs": 2049, "svn": 3690, "mysql": 3306, "ms-wbt-server": 3389, "postgresql": 5432,
    "ipsec-nat-t": 4500, "sip": 5060, "sip-tls": 5061, "xmpp-client": 5222, "xmpp-server": 5269, "mdns": 5353,
    "amqp": 5672, "x11": 6000, "git": 9418, "http-alt": 8080, "webcache": 8080,
}  # fmt: skip

_ICMP = {
    "echo-reply": (0, None), "pong": (0, None), "destination-unreachable": (3, None), "network-unreachable": (3, 0),
    "host-unreachable": (3, 1), "protocol-unreachable": (3, 2), "port-unreachable": (3, 3),
    "fragmentation-needed": (3, 4), "source-route-failed": (3, 5), "network-unknown": (3, 6), "host-unknown": (3, 7),
    "network-prohibited": (3, 9), "host-prohibited": (3, 10), "TOS-network-unreachable": (3, 11),
    "TOS-host-unreachable": (3, 12), "communication-prohibited": (3, 13), "host-precedence-violation": (3, 14),
    "precedence-cutoff": (3, 15), "source-quench": (4, None), "redirect": (5, None), "network-redirect": (5, 0),
    "host-redirect": (5, 1), "TOS-network-redirect": (5, 2), "TOS-host-redirect": (5, 3), "echo-request": (8, None),
    "ping": (8, None), "router-advertisement": (9, None), "router-solicitation": (10, None),
    "time-exceeded": (11, None), "ttl-exceeded": (11, None), "ttl-zero-during-transit": (11, 0),
    "ttl-zero-during-reassembly": (11, 1), "parameter-problem": (12, None), "ip-header-bad": (12, 0),
    "required-option-missing": (12, 1), "timestamp-request": (13, None), "timestamp-reply": (14, None),
    "address-mask-request": (17, None), "address-mask-reply": (18, None),
}  # fmt: skip

_ICMP6 = {
    "destination-unreachable": (1, None), "no-route": (1, 0), "communication-prohibited": (1, 1),
    "beyond-scope": (1, 2), "address-unreachable": (1, 3), "port-unreachable": (1, 4), "failed-policy": (1, 5),
    "reject-route": (1, 6), "packet-too-big": (2, None), "time-exceeded": (3, None), "ttl-exceeded": (3, None),
    "ttl-zero-during-transit": (3, 0), "ttl-zero-during-reassembly": (3, 1), "parameter-problem": (4, None),
    "bad-header": (4, 0), "unknown-header-type": (4, 1), "unknown-option": (4, 2), "echo-request": (128, None),
    "ping": (128, None), "echo-reply": (129, None), "pong": (129, None), "router-solicitation": (133, None),
    "router-advertisement": (134, None), "neighbour-solicitation": (135, None), "neighbor-solicitation": (135, None),
    "neighbour-advertisement": (136, None), "neighbor-advertisement": (136, None), "redirect": (137, None),
}  # fmt: skip


def protocol_number(text: str) -> int | None:
    """A protocol by name (in any case) or number, 0 being all of them; None when it is neither."""
    number = _PROTOCOLS.get(text.lower())
    return whole_number(text, 255) if number is None else number


def service_port(text: str) -> int | None:
    """A port by number or by the name of its service; None when it is neither."""
    number = whole_number(text, 65535)
    return _SERVICES.get(text.lower()) if number is None else number


def icmp_name(text: str, family: int) -> tuple[int, int | None] | None:
    """Type and code (None: every code) of a name; the names may be shortened as long as one is meant."""
    table = _ICMP if family == 4 else _ICMP6
    found = {value for name, value in table.items() if name.lower() == text.lower()} or {
        value for name, value in table.items() if text and name.lower().startswith(text.lower())
    }
    return found.pop() if len(found) == 1 else None


def whole_number(text: str, most: int) -> int | None:
    """An unsigned number as strtoul(3) reads it with base 0 (``0x`` hexadecimal, leading ``0`` octal), or None."""
    if not text or not text[0].isascii() or not text.isalnum():
        return None
    digits, base = text, 10
    if text[:2].lower() == "0x":
        digits, base = text[2:], 16
    elif text[0] == "0" and len(text) > 1:
        digits, base = text[1:], 8
    if not digits or not all(c in "0123456789abcdef"[:base] for c in digits.lower()) or len(digits) > 20:
        return None
    number = int(digits, base)
    return number if number <= most else None
