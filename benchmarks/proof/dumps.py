"""Made-up dumps of ``iptables-save`` in the shape of large real ones.

Those have one long base chain that jumps by subnet, chains of some thirty rules for each group of hosts, most rules
for one host and one port, some by MAC address, some that log, a few that nothing reaches.
"""

from __future__ import annotations

from random import Random

GROUP = 30
"""Rules of a chain."""
PORTS = ("22", "25", "53", "80", "443", "993", "3389", "8080", "5000:5100", "22,80,443")


def made_up_dump(rules: int, seed: int = 0) -> str:
    """A text with so many rules, the same for the same seed."""
    chance = Random(f"{rules}/{seed}")
    chains = max(1, rules // (GROUP + 2))
    lines = ["*filter", ":INPUT DROP [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]"]
    lines += [f":group{number} - [0:0]" for number in range(chains)]
    lines += ["-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "-A INPUT -i lo -j ACCEPT"]
    for number in range(chains):
        lines.append(f"-A FORWARD -d {_subnet(number)} -j group{number}")
        lines += [f"-A group{number} {_rule(chance, number, chains)}" for _ in range(GROUP)]
        lines.append(f"-A FORWARD -s {_subnet(number)} -p udp -m udp --dport 53 -j ACCEPT")
    missing = rules - sum(line.startswith("-A") for line in lines)
    lines += [f"-A FORWARD {_rule(chance, 0, chains)}" for _ in range(missing)]
    return "\n".join([*lines, "COMMIT", ""])


def _subnet(number: int) -> str:
    return f"10.{number >> 8 & 255}.{number & 255}.0/24"


def _rule(chance: Random, number: int, chains: int) -> str:
    host = f"{_subnet(number)[:-5]}.{chance.randint(2, 250)}"
    words = [f"-d {host}"]
    if chance.random() < 0.3:
        words.insert(0, f"-s {_subnet(chance.randrange(chains))}")
    draw = chance.random()
    if draw < 0.15:
        serial = ":".join(f"{chance.randrange(256):02x}" for _ in range(3))
        words.append(f"-m mac --mac-source 02:00:00:{serial}")
    if draw < 0.05:
        return " ".join([*words, "-j LOG"])
    port = chance.choice(PORTS)
    kind = f"-m multiport --dports {port}" if "," in port else f"-m tcp --dport {port}"
    return " ".join([*words, "-p tcp", kind, f"-j {chance.choice(['ACCEPT', 'ACCEPT', 'ACCEPT', 'DROP', 'RETURN'])}"])
