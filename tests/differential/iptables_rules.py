"""Random rule sets in iptables-save's own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from random import Random

from tests.differential.constants import ZONES, Constants

TABLES = {
    "raw": ("PREROUTING", "OUTPUT"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
}
ENTERING = frozenset({"PREROUTING", "INPUT", "FORWARD"})
LEAVING = frozenset({"FORWARD", "OUTPUT", "POSTROUTING"})


@dataclass(slots=True)
class Words:
    """Writes one rule of ``table``, reached from the base chain ``hook``."""

    random: Random
    constants: Constants
    table: str
    hook: str
    protocol: str = ""
    """The one that ``-p`` names, empty: none."""

    def pick(self, *options: str) -> str:
        return self.random.choice(options)

    def port(self) -> str:
        if self.random.random() < 0.7:
            return str(self.random.choice(self.constants.ports))
        first, last = sorted(self.random.sample(self.constants.ports, 2))
        return f"{first}:{last}"

    def mark(self) -> str:
        mark = self.random.choice(self.constants.marks)
        return self.pick(f"{mark:#x}", f"{mark & 0xFF:#x}/0xff", f"{mark & 0xF:#x}/0xf")

    def tests(self) -> list[str]:
        random, no = self.random, self.pick("", "", "! ")
        found = []
        if random.random() < 0.5:
            found.append(f"{no}-{self.pick('s', 'd')} {self.address()}")
        if self.hook in ENTERING and random.random() < 0.3:
            found.append(f"{self.pick('', '', '! ')}-i {self.pick(*ZONES, 'l+', 'lo')}")
        if self.hook in LEAVING and random.random() < 0.3:
            found.append(f"{self.pick('', '', '! ')}-o {self.pick(*ZONES, 'w+', 'lo')}")
        found += self.protocols()
        for _ in range(random.choice((0, 0, 1, 1, 2))):
            found.append(self.match())
        return found

    def address(self) -> str:
        return self.random.choice((*self.constants.hosts, *self.constants.networks))

    def protocols(self) -> list[str]:
        random = self.random
        icmp = "icmp" if self.constants.family == 4 else "ipv6-icmp"
        self.protocol = self.pick("tcp", "tcp", "udp", "udp", icmp, "", "", "gre")
        if not self.protocol:
            return []
        if random.random() < 0.1:
            protocol, self.protocol = self.protocol, ""
            return [f"! -p {protocol}"]
        found = [f"-p {self.protocol}"]
        if self.protocol in ("tcp", "udp") and random.random() < 0.75:
            if random.random() < 0.5:
                side = self.pick("dport", "dport", "sport")
                found.append(f"-m {self.protocol} {self.pick('', '', '! ')}--{side} {self.port()}")
            else:
                ports = ",".join(str(port) for port in sorted(random.sample(self.constants.ports, 3)))
                ports = self.pick(ports, f"{ports},{self.port()}")
                side = self.pick("dports", "sports", "ports")
                found.append(f"-m multiport {self.pick('', '', '! ')}--{side} {ports}")
        if self.protocol == "tcp" and random.random() < 0.3:
            found.append(
                self.pick(
                    "-m tcp --tcp-flags FIN,SYN,RST,ACK SYN",
                    "-m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN",
                    "-m tcp --tcp-flags SYN,ACK NONE",
                    "-m tcp --tcp-flags FIN,SYN FIN,SYN",
                )
            )
        if self.protocol == "icmp" and random.random() < 0.6:
            found.append(
                f"-m icmp {self.pick('', '! ')}--icmp-type {self.pick('8', '0', '13', '8/0', 'any')}".replace(
                    "! --icmp-type any", "--icmp-type any"
                )
            )
        if self.protocol == "ipv6-icmp" and random.random() < 0.6:
            found.append(f"-m icmp6 {self.pick('', '! ')}--icmpv6-type {self.pick('128', '129', '128/0')}")
        return found

    def match(self) -> str:
        random, no = self.random, self.pick("", "", "! ")
        match random.randrange(8):
            case 0 | 1:
                states = random.sample(("NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"), 2)
                states += random.sample(("DNAT", "SNAT"), 1) if random.random() < 0.25 else []
                return f"-m conntrack {no}--ctstate {self.pick(states[0], ','.join(states))}"
            case 2:
                return f"-m mark {no}--mark {self.mark()}"
            case 3:
                return f"-m connmark {no}--mark {self.mark()}"
            case 4:
                first, last = sorted(random.sample(self.constants.hosts, 2), key=lambda host: int(ip_address(host)))
                return f"-m iprange {no}--{self.pick('src', 'dst')}-range {first}-{last}"
            case 5:
                kinds = self.pick(
                    "LOCAL",
                    "LOCAL",
                    "UNICAST",
                    "LOCAL,BROADCAST" if self.constants.family == 4 else "LOCAL",
                    "MULTICAST",
                )
                return f"-m addrtype {no}--{self.pick('src', 'dst')}-type {kinds}"
            case 6:
                return f"-m conntrack --ctdir {self.pick('ORIGINAL', 'REPLY')}"
        states = random.sample(("NEW", "ESTABLISHED", "RELATED", "INVALID"), 2)
        return f"-m state {no}--state {','.join(states)}"

    def target(self, chains: Sequence[str]) -> str:
        random = self.random
        if chains and random.random() < 0.3:
            return f"-{self.pick('j', 'j', 'g')} {random.choice(chains)}"
        options = ["-j ACCEPT", "-j RETURN", ""]
        if self.table == "filter":
            reject = "icmp-port-unreachable" if self.constants.family == 4 else "icmp6-port-unreachable"
            options += ["-j DROP", "-j DROP", f"-j REJECT --reject-with {reject}", "-j ACCEPT", "-j ACCEPT"]
        if self.table == "raw":
            options += ["-j CT --notrack", "-j DROP"]
        if self.table == "mangle":
            options += [
                f"-j MARK --set-xmark {self.mark()}",
                f"-j MARK --set-mark {self.mark()}",
                f"-j MARK --or-mark {random.choice(self.constants.marks):#x}",
                "-j MARK --and-mark 0xff",
                f"-j MARK --xor-mark {random.choice(self.constants.marks):#x}",
                f"-j CONNMARK --set-mark {self.mark()}",
                "-j CONNMARK --save-mark",
                "-j CONNMARK --restore-mark",
                "-j DROP",
            ]
        if self.table == "nat":
            options += [self.nat() for _ in range(6)]
        return random.choice(options)

    def nat(self) -> str:
        random = self.random
        host, port = random.choice(self.constants.hosts), random.choice(self.constants.ports)
        where = host if self.constants.family == 4 else f"[{host}]"
        ports = self.protocol in ("tcp", "udp")
        if self.hook in ("PREROUTING", "OUTPUT"):
            options = [
                f"-j DNAT --to-destination {host}",
                "-j REDIRECT" if ports else f"-j DNAT --to-destination {host}",
            ]
            if ports:
                options += [f"-j DNAT --to-destination {where}:{port}", f"-j REDIRECT --to-ports {port}"]
            return random.choice(options)
        if self.hook == "INPUT":
            return f"-j SNAT --to-source {host}"
        options = ["-j MASQUERADE", f"-j SNAT --to-source {host}"]
        return random.choice([*options, f"-j SNAT --to-source {where}:{port}"] if ports else options)


def ruleset(random: Random, constants: Constants) -> str:
    """Some of the four tables, with user chains that are reached from base chains of one hook alone."""
    tables = ["filter", *random.sample(["raw", "mangle", "nat"], random.randint(0, 3))]
    return "".join(_table(random, constants, table) for table in tables)


def _table(random: Random, constants: Constants, table: str) -> str:
    heads, rules = [], list[str]()
    for hook in TABLES[table]:
        policy = random.choice(("ACCEPT", "ACCEPT", "DROP")) if table == "filter" else "ACCEPT"
        heads.append(f":{hook} {policy} [0:0]")
        if table != "filter" and random.random() < 0.4:
            continue
        under = [f"{hook.lower()}_{number}" for number in range(random.choice((0, 1, 2, 3)))]
        heads += [f":{name} - [0:0]" for name in under]
        for number, name in enumerate((hook, *under)):
            words = Words(random, constants, table, hook)
            for _ in range(random.randint(0 if number else 1, 7)):
                tests = words.tests()
                target = words.target(under[number:])
                if target in ("-j ACCEPT", "-j DROP") and not tests and random.random() < 0.8:
                    tests = [f"-s {words.address()}"]
                rules.append(" ".join((f"-A {name}", *tests, target)).strip())
    return "\n".join((f"*{table}", *heads, *rules, "COMMIT", ""))
