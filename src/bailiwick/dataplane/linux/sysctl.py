"""Settings of the kernel: sysctl.d(5), sysctl.conf(5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bailiwick.dataplane.linux.draft import Draft, spoken
from bailiwick.dataplane.tally import Line

_READ = frozenset(
    {"ip_forward", "forwarding", "mc_forwarding", "bc_forwarding", "rp_filter", "src_valid_mark", "route_localnet"}
    | {"accept_local", "accept_source_route", "accept_redirects", "secure_redirects", "disable_ipv6", "accept_ra"}
    | {"bridge-nf-call-iptables", "bridge-nf-call-ip6tables", "bridge-nf-call-arptables", "nf_conntrack_tcp_loose"}
    | {"nf_conntrack_tcp_be_liberal", "proxy_arp", "arp_ignore", "arp_announce", "icmp_echo_ignore_broadcasts"}
    | {"icmp_echo_ignore_all", "shared_media", "send_redirects", "autoconf", "arp_filter"}
)
"""They stay in the settings, where whoever follows a packet looks."""
_HARMLESS = (
    "tcp_",
    "udp_",
    "nf_conntrack_",
    "icmp_",
    "log_",
    "gc_",
    "neigh",
    "rmem",
    "wmem",
    "igmp_",
    "ipfrag_",
    "ip6frag_",
)
_HARMLESS_NAMES = frozenset(
    {
        "ip_local_port_range",
        "ip_local_reserved_ports",
        "ip_default_ttl",
        "hop_limit",
        "mtu",
        "use_tempaddr",
        "temp_valid_lft",
    }
    | {"default_qdisc", "somaxconn", "netdev_max_backlog", "bpf_jit_enable", "bpf_jit_harden", "netdev_budget"}
    | {
        "fib_multipath_hash_policy",
        "ip_no_pmtu_disc",
        "addr_gen_mode",
        "bindv6only",
        "drop_gratuitous_arp",
        "arp_notify",
    }
    | {"arp_accept", "arp_evict_nocarrier", "ndisc_notify", "dad_transmits", "router_solicitations", "flush"}
)
_FORWARD = ("net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding")


def dotted(name: str) -> str:
    """The name with dots, an interface's own dots included: either letter may part the words (sysctl(8))."""
    return name.replace("/", ".")


def read_sysctl(draft: Draft, files: Mapping[str, str]) -> None:
    """All files of a device; the last assignment of a name wins, and a name beats a pattern whenever it comes.

    A file in ``/etc`` hides one of its name in ``/run`` and ``/usr/lib``; ``/etc/sysctl.conf`` comes last.
    """
    patterns: list[tuple[str, str, Line]] = []
    exact: dict[str, str] = {}
    for file in ordered(files):
        for line, said in spoken(file, files[file], "#;"):
            text = said.removeprefix("-").strip()
            name, equals, value = (part.strip() for part in text.partition("="))
            if not equals and said.startswith("-"):
                exact.setdefault(dotted(name), "")
                draft.ledger.understood()
                continue
            if not equals or not name:
                draft.ledger.unknown(line, "no assignment")
                continue
            _account(draft, dotted(name), line)
            if "*" in name:
                patterns.append((dotted(name), value, line))
            else:
                exact.pop(dotted(name), None)
                exact[dotted(name)] = value
    for name, value, _ in patterns:
        for one in _expanded(name, draft):
            if one not in exact:
                draft.settings[one] = value
    draft.settings.update({name: value for name, value in exact.items() if value})
    forward = [value for name, value in exact.items() if name in _FORWARD and value]
    if forward:
        draft.forwarding = forward[-1] != "0"
        draft.settings.update(dict.fromkeys(_FORWARD, forward[-1]))


def ordered(files: Iterable[str]) -> list[str]:
    """By their base names, whatever their directory; ``sysctl.conf`` of ``/etc`` last."""
    by_name: dict[str, str] = {}
    rank = {"etc": 3, "run": 2, "usr": 1, "lib": 0}
    for file in files:
        base = file.rpartition("/")[2]
        old = by_name.get(base)
        top = file.strip("/").partition("/")[0]
        if old is None or rank.get(top, 0) >= rank.get(old.strip("/").partition("/")[0], 0):
            by_name[base] = file
    return [by_name[base] for base in sorted(by_name, key=lambda base: (base == "sysctl.conf", base))]


def _expanded(name: str, draft: Draft) -> list[str]:
    parts = name.split(".")
    if parts.count("*") != 1 or parts[:1] != ["net"]:
        return [name]
    at = parts.index("*")
    names = ["all", "default", *draft.interfaces]
    return [".".join([*parts[:at], one, *parts[at + 1 :]]) for one in names]


def _account(draft: Draft, name: str, line: Line) -> None:
    leaf = name.rpartition(".")[2]
    if leaf in _READ:
        draft.ledger.understood()
    elif not name.startswith("net."):
        draft.ledger.ignored(line, "no setting of the network")
    elif leaf.startswith(_HARMLESS) or leaf in _HARMLESS_NAMES or name.startswith("net.core."):
        draft.ledger.ignored(line, "changes how fast or how long, not whether a packet passes")
    else:
        draft.ledger.unknown(line, "a setting of the network that nobody here knows")
