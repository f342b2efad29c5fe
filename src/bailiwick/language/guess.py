"""The word that was probably meant."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

SYNONYMS = {
    "dst": "to",
    "src": "from",
    "dest": "to",
    "destination": "to",
    "source": "from",
    "ip": "address",
    "ipv4": "address",
    "network": "subnet",
    "networks": "zones",
    "cidr": "subnet",
    "vlan-id": "vlan",
    "vlans": "zones",
    "vid": "vlan",
    "wan": "uplinks",
    "uplink": "uplinks",
    "zone": "zones",
    "host": "hosts",
    "mac-address": "mac",
    "hwaddr": "mac",
    "tagged": "trunk",
    "untagged": "native",
    "access": "zone",
    "pool": "range",
    "lease-time": "lease",
    "rules": "policy",
    "firewall": "policy",
    "allow": "policy",
    "policies": "policy",
    "nat": "forward",
    "dnat": "forward",
    "port-forward": "forward",
    "forwards": "forward",
    "router-address": "gateway",
    "nameservers": "upstreams",
    "servers": "upstreams",
    "forwarders": "upstreams",
    "tz": "timezone",
    "port": "services",
    "ports": "services",
    "service": "services",
    "expire": "expires",
    "until": "expires",
    "alias": "aliases",
    "nic": "interface",
    "device": "interface",
}
"""What other tools call our keys."""


def nearest(word: str, known: Collection[str]) -> str:
    """The likeliest of the known words; empty when none is near."""
    synonym = SYNONYMS.get(word.lower(), "")
    if synonym in known:
        return synonym
    spelled = {k.lower(): k for k in sorted(known)}
    near = get_close_matches(word[:80].lower().replace("_", "-"), spelled, n=1, cutoff=0.6)
    return spelled[near[0]] if near else ""


def did_you_mean(word: str, known: Collection[str]) -> str:
    """The same as a help line."""
    near = nearest(word, known)
    return f"did you mean `{near}`?" if near else ""
