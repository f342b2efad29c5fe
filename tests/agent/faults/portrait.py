"""How the router looks, by the plainest tools and not by the agent's own eyes: what "one whole generation" is held to.

Left out is what empties by itself, the table of connections that a switch has ended, and what a fault itself put there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bailiwick.twin.stages.contained.box import Box

SCRIPT = r"""
cd /
echo '== rules'; nft -s list ruleset |
    awk '/^table (inet bailiwick_ended|ip docker_like)/ {gone = 1} !gone; /^}/ {gone = 0}'
echo '== links'; ip -o link show | sed 's/^[0-9]*: //; s/@[^ ]*//; s/ state .*//; s/link-netnsid.*//'
echo '== addresses'; ip -o address show | awk '{print $2, $3, $4}' | sort
echo '== routes'; ip route show table all | grep -v ^broadcast | sort
echo '== policy'; ip rule show
echo '== settings'; sysctl -a 2>/dev/null |
    grep -E '^net\.(ipv4|ipv6)\.(conf|ip|tcp_sync|icmp|neigh)|^net\.netfilter\.nf_conntrack_(tcp|udp|icmp)' |
    grep -vE 'fs\.|mc_forwarding|stable_secret|base_reachable|\.(delay|retrans)' | sort
echo '== units'; for unit in $1; do
    echo "$unit $(systemctl is-enabled "$unit" 2>&1) $(systemctl is-active "$unit" 2>&1)"; done
echo '== files'; find /etc /usr/lib/bailiwick \( -name '.filler*' -o -path /etc/ssl \) -prune -o \
    \( -type f -o -type l \) -printf '%p %m %u:%g %l\n' 2>/dev/null | sort
find /etc /usr/lib/bailiwick -type f ! -name '.filler*' -newer /etc/hostname -exec sha256sum {} + 2>/dev/null | sort -k2
sha256sum /etc/network/interfaces /etc/resolv.conf /etc/sysctl.conf 2>/dev/null
true
"""
UNMANAGED = re.compile(r"eth3 <|\.eth3\.(promote_secondaries|accept_ra|addr_gen_mode) ")
"""A port that only the new generation has. networkd leaves it up, without addresses, once it is nobody's again, and
with what it sets for itself; no packet goes by it."""
OWN = re.compile(r"/bailiwick-(boot|deadman)\.service")
"""The agent's own units, which stay until it is uninstalled."""
UNITS = (
    *(
        "bailiwick-firewall",
        "bailiwick-exits",
        "bailiwick-dnsmasq@main",
        "systemd-networkd",
        "networking",
        "ufw",
        "ssh",
    ),
    *("NetworkManager", "nftables", "dhcpcd"),
)


@dataclass(frozen=True, slots=True)
class Portrait:
    """Lines by heading."""

    parts: dict[str, tuple[str, ...]]

    def against(self, other: Portrait, but: str = "") -> list[str]:
        """What is here and not there, and the other way round; lines that match ``but`` are left out."""
        found: list[str] = []
        for name in sorted(self.parts.keys() | other.parts.keys()):
            mine, theirs = self.parts.get(name, ()), other.parts.get(name, ())
            found += [f"{name}: + {line}" for line in mine if line not in theirs]
            found += [f"{name}: - {line}" for line in theirs if line not in mine]
        return [line for line in found if not (but and re.search(but, line))]


def portrait(box: Box) -> Portrait:
    """Raises CommandFailed."""
    parts: dict[str, list[str]] = {}
    for line in box.run("sh", "-c", SCRIPT, "sh", " ".join(UNITS)).splitlines():
        if line.startswith("== "):
            here = parts.setdefault(line[3:], [])
        elif line.strip() and not UNMANAGED.search(line) and not OWN.search(line):
            here.append(line.rstrip())
    return Portrait({name: tuple(lines) for name, lines in parts.items()})
