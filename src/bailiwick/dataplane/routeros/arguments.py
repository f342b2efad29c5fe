"""The arguments that the menus read here take: names after MikroTik's CLI reference (v7) and manual (v6)."""

from __future__ import annotations

from bailiwick.dataplane.routeros.words import words

_ALWAYS = "comment copy-from disabled numbers place-before dynamic static all"

_RULE = """action address-list address-list-timeout chain content dscp dst-address dst-address-list dst-address-type
    dst-limit dst-port icmp-options in-bridge-port in-bridge-port-list in-interface in-interface-list ingress-priority
    ipsec-policy jump-target limit log log-prefix nth out-bridge-port out-bridge-port-list out-interface
    out-interface-list packet-mark packet-size per-connection-classifier port priority protocol random src-address
    src-address-list src-address-type src-mac-address src-port tcp-flags tcp-mss time tls-host tos"""
_FOUR = "fragment hotspot ipv4-options layer7-protocol p2p psd realm ttl"
_SIX = "headers hop-limit"
_CONNECTION = """connection-bytes connection-limit connection-mark connection-nat-state connection-rate
    connection-state connection-type routing-mark routing-table"""
_NAT = """randomise-ports same-not-by-dst socks5-port socks5-server socksify-service to-address to-addresses
    to-ports dst-prefix src-prefix"""
_MANGLE = """new-connection-mark new-dscp new-hop-limit new-mss new-packet-mark new-priority new-routing-mark new-ttl
    new-tos passthrough route-dst sniff-id sniff-target sniff-target-port dst-prefix src-prefix"""
_ROUTE = """blackhole check-gateway distance dst-address gateway pref-src routing-table scope suppress-hw-offload
    target-scope vrf-interface routing-mark type bgp-as-path bgp-communities bgp-local-pref bgp-med bgp-origin
    bgp-prepend route-tag vrf"""
_CLIENT = """add-default-route allow-reconfigure check-gateway default-route-distance default-route-tables dhcp-options
    dscp interface name script use-broadcast use-peer-dns use-peer-ntp vlan-priority"""

_TAKEN = {
    "ip/firewall/filter": f"{_RULE} {_FOUR} {_CONNECTION} reject-with hw-offload",
    "ip/firewall/nat": f"{_RULE} {_FOUR} {_CONNECTION} {_NAT}",
    "ip/firewall/mangle": f"{_RULE} {_FOUR} {_CONNECTION} {_MANGLE}",
    "ip/firewall/raw": f"{_RULE} {_FOUR}",
    "ipv6/firewall/filter": f"{_RULE} {_SIX} {_CONNECTION} reject-with",
    "ipv6/firewall/nat": f"{_RULE} {_SIX} {_CONNECTION} {_NAT}",
    "ipv6/firewall/mangle": f"{_RULE} {_SIX} {_CONNECTION} {_MANGLE}",
    "ipv6/firewall/raw": f"{_RULE} {_SIX}",
    "ip/firewall/address-list": "address list timeout creation-time",
    "ipv6/firewall/address-list": "address list timeout creation-time",
    "interface/list": "name include exclude",
    "interface/list/member": "list interface",
    "interface/bridge/port": """auto-isolate bpdu-guard bridge broadcast-flood edge fast-leave frame-types horizon hw
        ingress-filtering interface internal-path-cost learn multicast-router mvrp-applicant-state
        mvrp-registrar-state path-cost point-to-point priority pvid restricted-role restricted-tcn tag-stacking
        trusted trusted-dhcpv6 trusted-ra unknown-multicast-flood unknown-unicast-flood""",
    "interface/bridge/vlan": "bridge mvrp-forbidden tagged untagged vlan-ids",
    "interface/vlan": """arp arp-timeout interface l3-hw-offloading loop-protect loop-protect-disable-time
        loop-protect-send-interval mtu mvrp name use-service-tag vlan-id""",
    "ip/address": "address broadcast interface netmask network actual-interface",
    "ipv6/address": "address advertise auto-link-local eui-64 from-pool from-pool-policy interface no-dad",
    "ip/route": _ROUTE,
    "ipv6/route": _ROUTE,
    "routing/rule": "action chain dst-address interface min-prefix realm routing-mark src-address table vrf",
    "ip/route/rule": "action dst-address interface routing-mark src-address table",
    "routing/table": "fib name",
    "ip/dhcp-client": _CLIENT,
    "ip/service": "address available-from certificate max-sessions name port tls-version vrf",
}
TAKEN = {menu: frozenset(words(f"{names} {_ALWAYS}")) for menu, names in _TAKEN.items()}
"""Menu to the arguments that ``add`` and ``set`` take there; a menu that is not here is not checked."""
