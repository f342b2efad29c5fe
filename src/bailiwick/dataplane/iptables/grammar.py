"""The options of iptables(8) and iptables-extensions(8): which module knows which, and how many values each takes."""

from __future__ import annotations

from collections.abc import Mapping

OPTIONAL = -1
"""A value that may be left out."""


def _table(text: str) -> Mapping[str, int]:
    """``name`` takes one value, ``name:0`` none, ``name:2`` two, ``name:?`` one or none."""
    table = {}
    for word in text.split():
        name, _, arity = word.partition(":")
        table[name] = OPTIONAL if arity == "?" else int(arity or 1)
    return table


_PORTS = "source-port sport destination-port dport"

CORE: Mapping[str, str] = {
    "s": "source", "source": "source", "src": "source",
    "d": "destination", "destination": "destination", "dst": "destination",
    "i": "in", "in-interface": "in", "o": "out", "out-interface": "out",
    "p": "protocol", "protocol": "protocol", "proto": "protocol",
    "f": "fragment", "fragment": "fragment",
    "m": "match", "match": "match", "j": "jump", "jump": "jump", "g": "goto", "goto": "goto",
    "c": "counters", "set-counters": "counters",
    "4": "only4", "ipv4": "only4", "6": "only6", "ipv6": "only6",
}  # fmt: skip
CORE_ARITY = {"fragment": 0, "counters": 2, "only4": 0, "only6": 0}

MATCHES: Mapping[str, Mapping[str, int]] = {
    name: _table(text)
    for name, text in {
        "addrtype": "src-type dst-type limit-iface-in:0 limit-iface-out:0",
        "ah": "ahspi ahlen ahres:0",
        "bpf": "object-pinned bytecode",
        "cgroup": "path cgroup",
        "cluster": "cluster-total-nodes cluster-local-node cluster-local-nodemask cluster-hash-seed",
        "comment": "comment",
        "connbytes": "connbytes connbytes-dir connbytes-mode",
        "connlabel": "label set:0",
        "connlimit": "connlimit-upto connlimit-above connlimit-mask connlimit-saddr:0 connlimit-daddr:0",
        "connmark": "mark",
        "conntrack": (
            "ctstate ctproto ctorigsrc ctorigdst ctreplsrc ctrepldst ctorigsrcport ctorigdstport "
            "ctreplsrcport ctrepldstport ctstatus ctexpire ctdir"
        ),
        "cpu": "cpu",
        "dccp": f"{_PORTS} dccp-types dccp-option",
        "devgroup": "src-group dst-group",
        "dscp": "dscp dscp-class",
        "dst": "dst-len dst-opts",
        "ecn": "ecn-tcp-cwr:0 ecn-tcp-ece:0 ecn-ip-ect",
        "esp": "espspi",
        "eui64": "",
        "frag": "fragid fraglen fragres:0 fragfirst:0 fragmore:0 fraglast:0",
        "hashlimit": (
            "hashlimit hashlimit-upto hashlimit-above hashlimit-burst hashlimit-mode hashlimit-name "
            "hashlimit-srcmask hashlimit-dstmask hashlimit-htable-size hashlimit-htable-max "
            "hashlimit-htable-expire hashlimit-htable-gcinterval hashlimit-rate-match:0 hashlimit-rate-interval"
        ),
        "hbh": "hbh-len hbh-opts",
        "helper": "helper",
        "hl": "hl-eq hl-lt hl-gt",
        "icmp": "icmp-type",
        "icmp6": "icmpv6-type",
        "ipcomp": "ipcompspi compres:0",
        "iprange": "src-range dst-range",
        "ipv6header": "soft:0 header",
        "ipvs": "ipvs:0 vproto vaddr vport vdir vmethod vportctl",
        "length": "length",
        "limit": "limit limit-burst",
        "mac": "mac-source",
        "mark": "mark",
        "mh": "mh-type",
        "multiport": "source-ports sports destination-ports dports ports",
        "nfacct": "nfacct-name",
        "osf": "genre ttl log",
        "owner": "uid-owner gid-owner pid-owner sid-owner cmd-owner socket-exists:0 suppl-groups:0",
        "physdev": "physdev-in physdev-out physdev-is-in:0 physdev-is-out:0 physdev-is-bridged:0",
        "pkttype": "pkt-type",
        "policy": "dir pol strict:0 reqid spi proto mode tunnel-src tunnel-dst next:0",
        "quota": "quota",
        "rateest": (
            "rateest-delta:0 rateest-lt:0 rateest-gt:0 rateest-eq:0 rateest rateest1 rateest2 rateest-bps:? "
            "rateest-pps:? rateest-bps1:? rateest-bps2:? rateest-pps1:? rateest-pps2:?"
        ),
        "realm": "realm",
        "recent": "set:0 rcheck:0 update:0 remove:0 seconds reap:0 hitcount rttl:0 name rsource:0 rdest:0 mask",
        "rpfilter": "loose:0 validmark:0 accept-local:0 invert:0",
        "rt": "rt-type rt-segsleft rt-len rt-0-res:0 rt-0-addrs rt-0-not-strict:0",
        "sctp": f"{_PORTS} chunk-types:2",
        "set": (
            "match-set:2 set:2 return-nomatch:0 update-counters:0 update-subcounters:0 packets-eq packets-lt "
            "packets-gt bytes-eq bytes-lt bytes-gt"
        ),
        "socket": "transparent:0 nowildcard:0 restore-skmark:0",
        "srh": "",
        "state": "state",
        "statistic": "mode probability every packet",
        "string": "from to algo string hex-string icase:0",
        "tcp": f"{_PORTS} tcp-option tcp-flags:2 syn:0",
        "tcpmss": "mss",
        "time": ("datestart datestop timestart timestop monthdays weekdays contiguous:0 kerneltz:0 utc:0 localtz:0"),
        "tos": "tos",
        "ttl": "ttl-eq ttl-lt ttl-gt",
        "u32": "u32",
        "udp": _PORTS,
        "udplite": _PORTS,
    }.items()
}

TARGETS: Mapping[str, Mapping[str, int]] = {
    name: _table(text)
    for name, text in {
        "ACCEPT": "",
        "AUDIT": "type",
        "CHECKSUM": "checksum-fill:0",
        "CLASSIFY": "set-class",
        "CLUSTERIP": "new:0 hashmode clustermac total-nodes local-node hash-init",
        "CONNMARK": (
            "set-xmark set-mark and-mark or-mark xor-mark save-mark:0 restore-mark:0 nfmask ctmask mask "
            "left-shift-mark right-shift-mark"
        ),
        "CONNSECMARK": "save:0 restore:0",
        "CT": "notrack:0 helper timeout ctevents expevents zone zone-orig zone-reply",
        "DNAT": "to-destination random:0 persistent:0",
        "DNPT": "src-pfx dst-pfx",
        "DROP": "",
        "DSCP": "set-dscp set-dscp-class",
        "ECN": "ecn-tcp-remove:0 ecn-tcp-cwr ecn-tcp-ece ecn-ip-ect",
        "FLOWOFFLOAD": "hw:0",
        "HL": "hl-set hl-dec hl-inc",
        "HMARK": (
            "hmark-tuple hmark-mod hmark-offset hmark-src-prefix hmark-dst-prefix hmark-sport-mask "
            "hmark-dport-mask hmark-spi-mask hmark-sport hmark-dport hmark-spi hmark-proto-mask hmark-rnd"
        ),
        "IDLETIMER": "timeout label alarm:0",
        "LED": "led-trigger-id led-delay led-always-blink:0",
        "LOG": ("log-level log-prefix log-tcp-sequence:0 log-tcp-options:0 log-ip-options:0 log-uid:0 log-macdecode:0"),
        "MARK": "set-xmark set-mark and-mark or-mark xor-mark",
        "MASQUERADE": "to-ports random:0 random-fully:0",
        "NETMAP": "to",
        "NFLOG": "nflog-group nflog-prefix nflog-range nflog-size nflog-threshold",
        "NFQUEUE": "queue-num queue-balance queue-bypass:0 queue-cpu-fanout:0",
        "NOTRACK": "",
        "QUEUE": "",
        "RATEEST": "rateest-name rateest-interval rateest-ewmalog",
        "REDIRECT": "to-ports random:0",
        "REJECT": "reject-with",
        "RETURN": "",
        "SECMARK": "selctx",
        "SET": "add-set:2 del-set:2 map-set:2 timeout exist:0 map-mark:0 map-prio:0 map-queue:0",
        "SNAT": "to-source random:0 random-fully:0 persistent:0",
        "SNPT": "src-pfx dst-pfx",
        "SYNPROXY": "sack-perm:0 timestamp:0 wscale mss",
        "TCPMSS": "set-mss clamp-mss-to-pmtu:0",
        "TCPOPTSTRIP": "strip-options",
        "TEE": "gateway oif",
        "TOS": "set-tos and-tos or-tos xor-tos",
        "TPROXY": "on-port on-ip tproxy-mark",
        "TRACE": "",
        "TTL": "ttl-set ttl-dec ttl-inc",
        "ULOG": "ulog-nlgroup ulog-prefix ulog-cprange ulog-qthreshold",
    }.items()
}

MATCH_ALIASES = {"icmpv6": "icmp6", "ipv6-icmp": "icmp6", "ipv6-mh": "mh"}
IMPLIED = {
    1: "icmp", 6: "tcp", 17: "udp", 33: "dccp", 50: "esp", 51: "ah", 58: "icmp6", 108: "ipcomp", 132: "sctp",
    135: "mh", 136: "udplite",
}  # fmt: skip
"""The match that a protocol brings along where an option asks for it (iptables-extensions(8), first section)."""


def find(table: Mapping[str, int], name: str) -> str | None:
    """The option's full name: as written, or as the one that it shortens (getopt_long(3))."""
    if name in table:
        return name
    longer = [full for full in table if full.startswith(name)]
    return longer[0] if len(longer) == 1 else None
