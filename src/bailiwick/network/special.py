"""Special-purpose IPv4 networks: addresses that are nobody's on the public internet.

Source: the IANA special-purpose address registry (RFC 6890, RFC 8190), entries that are not globally
reachable, with multicast (RFC 5771) and the limited broadcast.
"""

from __future__ import annotations

from ipaddress import IPv4Network

from bailiwick.packets.interval import EVERY_ADDRESS, IntervalSet

SPECIAL_NETWORKS = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)

SPECIAL = IntervalSet.networks(SPECIAL_NETWORKS)
PUBLIC = EVERY_ADDRESS - SPECIAL
"""What ``internet`` means as a destination, and who may speak from it as a source."""
