"""The permissions of ``benchmarks.ruleset`` in the forms of those who are compared."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.ruleset.lab import OUTSIDE
from benchmarks.ruleset.rules import ZONES, Permit, permits

INTERFACES = (*(f"zone{index}" for index in range(ZONES)), OUTSIDE)


def pairs(number: int) -> dict[tuple[str, str], list[Permit]]:
    """Permissions by the interfaces that they lead from and to."""
    found: dict[tuple[str, str], list[Permit]] = {}
    for one in permits(number):
        found.setdefault((one.ingress, one.egress), []).append(one)
    return found


def _filter(number: int) -> Iterator[str]:
    yield "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
    yield "-A FORWARD -m conntrack --ctstate INVALID -j DROP"
    for (a, b), members in pairs(number).items():
        yield f"-N {a}-{b}"
        yield f"-A FORWARD -i {a} -o {b} -j {a}-{b}"
        for one in members:
            yield f"-A {a}-{b} -s {one.source} -d {one.destination} -p udp --dport {one.port} -j ACCEPT"


def restore(number: int) -> str:
    """For iptables-restore."""
    rules = [rule for rule in _filter(number) if not rule.startswith("-N")]
    chains = [f":{a}-{b} - [0:0]" for a, b in pairs(number)]
    base = [":INPUT ACCEPT [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]"]
    nat = ["*nat", f"-A POSTROUTING -o {OUTSIDE} -j MASQUERADE", "COMMIT"]
    return "\n".join(["*filter", *base, *chains, *rules, "COMMIT", *nat]) + "\n"


def script(number: int, *, opening: bool) -> str:
    """As articles have it: everything away, then rule by rule. ``opening``: it accepts by default meanwhile."""
    first, last = ("ACCEPT", "DROP") if opening else ("DROP", "DROP")
    lines = ["set -e", f"iptables -P FORWARD {first}", "iptables -F", "iptables -X", "iptables -t nat -F"]
    lines += [f"iptables -t nat -A POSTROUTING -o {OUTSIDE} -j MASQUERADE"]
    lines += [f"iptables {rule}" for rule in _filter(number)]
    return "\n".join([*lines, f"iptables -P FORWARD {last}"]) + "\n"


def firewalld(number: int) -> dict[str, str]:
    """Files below /etc/firewalld: a zone for each interface, and a policy for each pair that something is allowed."""
    files: dict[str, str] = {}
    for name in INTERFACES:
        masquerade = "<masquerade/>" if name == OUTSIDE else ""
        files[f"zones/{name}.xml"] = f'<zone target="DROP"><interface name="{name}"/>{masquerade}</zone>\n'
    for at, ((a, b), members) in enumerate(pairs(number).items()):
        rules = "".join(
            f'<rule family="ipv4"><source address="{one.source}"/><destination address="{one.destination}"/>'
            f'<port port="{one.port}" protocol="udp"/><accept/></rule>'
            for one in members
        )
        files[f"policies/p{at}.xml"] = (
            f'<policy target="DROP"><ingress-zone name="{a}"/><egress-zone name="{b}"/>{rules}</policy>\n'
        )
    return files
