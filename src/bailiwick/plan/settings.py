"""Kernel settings of a router, each with its reason.

Sources: Documentation/networking/ip-sysctl.rst and nf_conntrack-sysctl.rst; BSI TR-03148, RFC 1812 and RFC 6092
for what a home router must not do; RFC 4787, RFC 5508 for the life of a translation.
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.plan.model import Interface, LinkKind, Setting

_PER_INTERFACE = (
    ("accept_redirects", "0", "a neighbour's ICMP redirect never changes a route"),
    ("accept_source_route", "0", "a packet does not choose its own way"),
    ("arp_announce", "2", "ARP never tells one network an address of another"),
    ("arp_ignore", "1", "ARP answers only for the address of the interface that was asked"),
    ("bc_forwarding", "0", "what is for a zone's broadcast address stays out of the zone (RFC 2644)"),
    ("rp_filter", "0", "the firewall checks sources at every zone; this check would drop the replies of an exit"),
    ("send_redirects", "0", "a zone is not told of ways around its filter"),
)
"""For IPv4, on every interface. The kernel combines ``all`` with each interface's own in three ways (and, or,
maximum), so both are written."""

_GLOBAL = (
    ("net/ipv4/icmp_echo_ignore_broadcasts", "1", "no part in a Smurf attack (CERT CA-1998-01)"),
    ("net/ipv4/icmp_ignore_bogus_error_responses", "1", "false error messages do not fill the log (RFC 1122 3.2.2)"),
    ("net/ipv4/ip_forward", "1", "this machine is a router"),
    ("net/ipv4/tcp_rfc1337", "1", "a reset cannot cut a connection's last wait short (RFC 1337)"),
    ("net/ipv4/tcp_syncookies", "1", "a flood of openings does not fill the backlog (RFC 4987)"),
    ("net/ipv4/conf/all/log_martians", "1", "impossible sources are seen in the log"),
    ("net/netfilter/nf_conntrack_icmp_timeout", "60", "a query may take a minute (RFC 5508 REQ-2)"),
    ("net/netfilter/nf_conntrack_tcp_loose", "1", "connections live through a restart of the router (RFC 6092 REC-32)"),
    ("net/netfilter/nf_conntrack_udp_timeout", "120", "two minutes at least (RFC 4787 REQ-5)"),
    ("net/netfilter/nf_conntrack_udp_timeout_stream", "300", "five minutes are recommended (RFC 4787 REQ-5)"),
)

_BRIDGE = ("arptables", "ip6tables", "iptables")


def settings(interfaces: tuple[Interface, ...]) -> tuple[Setting, ...]:
    """By key. ``all`` and ``default`` stand beside each interface, so that one that appears later has them too."""
    return tuple(sorted(_every(interfaces), key=lambda s: s.key))


def _every(interfaces: tuple[Interface, ...]) -> Iterator[Setting]:
    for key, value, reason in _GLOBAL:
        yield Setting(key, value, reason)
    for name in ("all", "default", *(i.name for i in interfaces)):
        for key, value, reason in _PER_INTERFACE:
            yield Setting(f"net/ipv4/conf/{name}/{key}", value, reason)
        yield Setting(f"net/ipv6/conf/{name}/disable_ipv6", "1", "the home says ipv6: off", optional=True)
    yield Setting("net/ipv6/conf/all/forwarding", "0", "the home says ipv6: off", optional=True)
    if any(i.kind is LinkKind.BRIDGE for i in interfaces):
        for family in _BRIDGE:
            yield Setting(
                f"net/bridge/bridge-nf-call-{family}",
                "0",
                "what stays inside a zone's bridge is not routed, and not the firewall's (module br_netfilter)",
                optional=True,
            )
