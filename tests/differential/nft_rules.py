"""Random rule sets in nft's own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from random import Random

from tests.differential.constants import ROUTER, ZONES, Constants

L4 = ("tcp", "udp")
HOOKS = {
    "raw": ("prerouting", -300),
    "before": ("prerouting", -310),
    "mangle": ("prerouting", -150),
    "filter-pre": ("prerouting", 0),
    "input": ("input", 0),
    "forward": ("forward", 0),
    "forward-late": ("forward", 10),
    "output": ("output", 0),
    "raw-output": ("output", -300),
    "route": ("output", -150),
    "post": ("postrouting", 0),
    "post-late": ("postrouting", 150),
}
NAT = {"dstnat": ("prerouting", -100), "srcnat": ("postrouting", 100), "own": ("output", -100), "in": ("input", 100)}


@dataclass(slots=True)
class Texts:
    """Writes one table's words; ``family`` is the packets' (4 or 6), ``table`` the table's."""

    random: Random
    constants: Constants
    table: str
    sets: Sequence[tuple[str, str]] = ()
    """Name and expression of the named sets that rules may ask."""
    negated: bool = False
    """Whether it has a negated port or type already: nft 1.0.6 loads two that lie side by side as "not both"."""
    asked: bool = False
    """Whether it has a test of ports already."""
    protocol: str = "tcp"
    """The one protocol that the rule at hand speaks of: nft refuses two."""

    @property
    def ports(self) -> str:
        """What to write before a port; a protocol without ports has none of its own to ask."""
        return self.protocol if self.protocol in L4 else "meta l4proto { tcp, udp } th"

    @property
    def ip(self) -> str:
        return "ip" if self.constants.family == 4 else "ip6"

    def pick(self, *options: str) -> str:
        return self.random.choice(options)

    def address(self) -> str:
        kind = self.random.random()
        if kind < 0.5:
            return self.random.choice(self.constants.hosts)
        if kind < 0.8:
            return self.random.choice(self.constants.networks)
        return self.range()

    def range(self) -> str:
        first, last = sorted(self.random.sample(self.constants.hosts, 2), key=lambda host: int(ip_address(host)))
        return f"{first}-{last}" if first != last else first

    def port(self) -> str:
        if self.random.random() < 0.7:
            return str(self.random.choice(self.constants.ports))
        first, last = sorted(self.random.sample(self.constants.ports, 2))
        return f"{first}-{last}"

    def several(self, one: str, others: Sequence[str]) -> str:
        """A literal set, or one value; elements that overlap are left out."""
        return "{ " + ", ".join(dict.fromkeys(others)) + " }" if self.random.random() < 0.4 else one

    def test(self, hook: str, priority: int) -> str:
        random, no = self.random, self.pick("", "", "!= ")
        kind = random.randrange(22)
        hosts = random.sample(self.constants.hosts, min(3, len(self.constants.hosts)))
        ports = [str(port) for port in random.sample(self.constants.ports, 3)]
        match kind:
            case 0 | 1 | 2:
                return f"{self.ip} {self.pick('saddr', 'daddr')} {no}{self.several(self.address(), hosts)}"
            case 3 | 4 | 5 if "icmp" not in self.protocol and self.lone():
                side = self.pick("dport", "dport", "sport")
                return f"{self.ports} {side} {self.once(no)}{self.several(self.port(), ports)}"
            case 6:
                return f"meta l4proto != {self.pick('tcp', 'udp', 'gre', '{ udp, gre }')}"
            case 7:
                return f"meta l4proto {self.pick('1-16', '7-58', '!= 6-17')}"
            case 8 | 9:
                side = self.side(hook)
                names = [f'"{name}"' for name in random.sample(ZONES, 2)]
                one = self.pick(*names, '"l*"', '"nobody"')
                return f"{side}name {no}{self.several(one, names)}"
            case 10:
                return f'{self.side(hook)} {no}"{self.pick(*ZONES)}"'
            case 11:
                mark = random.choice(self.constants.marks)
                return self.pick(
                    f"meta mark {no}{mark:#x}",
                    f"meta mark and {self.pick('0xf', '0xff', '0x10')} {no or '== '}{mark & 0xF:#x}",
                )
            case 12:
                mark = random.choice((0, *self.constants.marks))
                return self.pick(f"ct mark {no}{mark:#x}", f"ct mark and 0xf {no or '== '}{mark & 0xF:#x}")
            case 13 | 14:
                states = random.sample(("new", "established", "related", "invalid", "untracked"), 2)
                return f"ct state {no}{self.pick(states[0], ','.join(states))}"
            case 15:
                return f"ct status {self.pick('dnat', 'snat', 'confirmed')}"
            case 16:
                return f"ct direction {no}{self.pick('original', 'reply')}"
            case 17 if self.protocol in ("icmp", "icmpv6"):
                other = self.pick("timestamp-request" if self.ip == "ip" else "nd-neighbor-solicit")
                kinds = self.pick("echo-request", "echo-reply", f"{{ echo-request, {other} }}")
                return f"{self.protocol} type {self.once(no)}{kinds}"
            case 18 if self.protocol == "tcp":
                return self.pick(
                    "tcp flags syn",
                    "tcp flags & (fin|syn|rst|ack) == syn",
                    "tcp flags & (syn|ack) != syn",
                    "tcp flags == syn",
                    "tcp flags != ack",
                    "tcp flags & fin == 0",
                )
            case 19:
                return self.fib(hook)
            case 20 | 21 if self.sets:
                name, expression = random.choice(self.sets)
                if "port" in expression and "icmp" in self.protocol:
                    return f"{self.ip} saddr @hosts"
                if "port" in expression and self.protocol not in L4:
                    expression = expression.replace("tcp", "th").replace("udp", "th")
                    return f"meta l4proto {{ tcp, udp }} {expression} {no}@{name}"
                expression = expression.replace("tcp", self.protocol).replace("udp", self.protocol)
                return f"{expression} {no}@{name}"
        if self.table == "inet":
            own, other = ("ipv4", "ipv6") if self.ip == "ip" else ("ipv6", "ipv4")
            return f"meta nfproto {self.pick(own, f'!= {own}', f'!= {other}')}"
        return f"{self.ip} {self.pick('saddr', 'daddr')} {self.random.choice(self.constants.networks)}"

    def once(self, no: str) -> str:
        if not no or self.negated:
            return ""
        self.negated = True
        return no

    def lone(self) -> bool:
        """Whether a test of ``th`` ports may stand here: nft lists two side by side as a piece of the header."""
        alone, self.asked = self.protocol != "th" or not self.asked, True
        return alone

    def fib(self, hook: str) -> str:
        which = self.pick("saddr", "daddr")
        kinds = self.pick("local", "unicast", "{ local, broadcast }", "{ broadcast, multicast }")
        if hook in ("prerouting", "input", "forward") and self.random.random() < 0.5:
            return self.pick(
                "fib saddr . iif oif missing",
                "fib saddr . iif oif exists",
                "fib saddr oif exists",
                "fib saddr . mark . iif oif missing",
            )
        if hook in ("prerouting", "input") and self.random.random() < 0.3:
            return f"fib {which} . iif type {self.pick('', '!= ')}{kinds}"
        return f"fib {which} type {self.pick('', '!= ')}{kinds}"

    def side(self, hook: str) -> str:
        if hook in ("prerouting", "input"):
            return self.pick("iif", "iif", "iif", "iif", "oif") if hook == "prerouting" else "iif"
        return self.pick("iif", "oif") if hook in ("forward", "postrouting") else self.pick("oif", "oif", "iif")

    def action(self, hook: str, priority: int) -> str:
        mark = self.random.choice(self.constants.marks)
        options = [
            "counter",
            f"meta mark set {mark:#x}",
            f"meta mark set meta mark | {mark:#x}",
            "meta mark set meta mark & 0xff",
            f"meta mark set meta mark and 0xfffffff0 or {mark & 0xF:#x}",
        ]
        if priority > -200:
            options += [
                f"ct mark set {mark:#x}",
                "ct mark set meta mark",
                "meta mark set ct mark",
                f"ct mark set ct mark | {mark:#x}",
            ]
        elif hook in ("prerouting", "output"):
            options += ["notrack"] * 2
        return self.random.choice(options)

    def verdict(self, hook: str, chains: Sequence[str], *, nat: bool) -> str:
        options = ["accept", "drop", "return", "continue", ""]
        options += ["reject"] if hook in ("input", "forward", "output") and not nat else []
        options += [f"{self.pick('jump', 'jump', 'goto')} {chain}" for chain in chains for _ in range(2)]
        return self.random.choice(options)

    def map(self, hook: str, chains: Sequence[str], *, nat: bool) -> str:
        def verdict() -> str:
            return self.verdict(hook, chains, nat=nat).replace("reject", "drop") or "accept"

        random = self.random
        ports = random.sample(self.constants.ports, 3)
        hosts = list(dict.fromkeys(random.sample(self.constants.hosts, 3)))
        match random.randrange(4):
            case 0 if "icmp" not in self.protocol:
                body = ", ".join(f"{port} : {verdict()}" for port in ports)
                return f"{self.ports} dport vmap {{ {body} }}"
            case 1:
                body = ", ".join(f"{host} : {verdict()}" for host in hosts)
                return f"{self.ip} {self.pick('saddr', 'daddr')} vmap {{ {body} }}"
            case 2:
                body = ", ".join(f'"{zone}" . {host} : {verdict()}' for zone, host in zip(ZONES, hosts, strict=False))
                return f"{self.side(hook)}name . {self.ip} daddr vmap {{ {body} }}"
        return f"ct state vmap {{ new : {verdict()}, invalid : {verdict()}, established : {verdict()} }}"

    def translation(self, hook: str) -> str:
        random = self.random
        destination = hook in ("prerouting", "output")
        host, port = random.choice(self.constants.hosts), random.choice(self.constants.ports)
        where = host if self.ip == "ip" else f"[{host}]"
        kind = f"{'dnat' if destination else 'snat'} {self.ip + ' ' if self.table == 'inet' else ''}to"
        l4 = self.protocol
        proto = f"meta l4proto {l4}" if random.random() < 0.5 else f"{l4} dport {self.port()}"
        options = [f"{kind} {host}", f"{proto} {kind} {where}:{port}", f"{kind} {host}"]
        if destination:
            options += [f"{proto} redirect to :{port}", "redirect"]
            ports = random.sample(self.constants.ports, 3)
            to = random.sample(self.constants.hosts, 3)
            body = ", ".join(f"{one} : {other}" for one, other in zip(ports, to, strict=True))
            options += [f"dnat {self.ip + ' ' if self.table == 'inet' else ''}to {l4} dport map {{ {body} }}"]
            if hook == "prerouting":
                options += [f"{proto} {kind} {where}:{min(port, 65000)}-{min(port, 65000) + 3}"]
        elif hook == "postrouting":
            options += ["masquerade", "masquerade", f"{kind} {random.choice(ROUTER[self.constants.family])}"]
        return random.choice(options)

    def rule(self, hook: str, priority: int, chains: Sequence[str], *, nat: bool) -> str:
        random = self.random
        self.protocol = self.pick("tcp", "tcp", "udp", "udp", "th", "icmp" if self.ip == "ip" else "icmpv6")
        self.negated = self.asked = False
        if nat and self.protocol not in L4:
            self.protocol = "udp"
        parts = [self.test(hook, priority) for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3)))]
        kind = random.random()
        if nat and kind < 0.55:
            return " ".join((*parts, self.translation(hook)))
        if kind < 0.75:
            verdict = self.verdict(hook, chains, nat=nat)
            if not parts and verdict in ("accept", "drop", "reject", "return") and random.random() < 0.8:
                parts = [self.test(hook, priority)]
            return " ".join((*parts, verdict)).strip() or "counter"
        if kind < 0.88:
            parts.insert(random.randint(0, len(parts)), self.action(hook, priority))
            return " ".join((*parts, random.choice(("", "", "accept"))))
        return " ".join((*parts, self.map(hook, chains, nat=nat)))


def ruleset(random: Random, constants: Constants) -> str:
    """One to three tables, with user chains that are reached from base chains of one hook alone."""
    ip = "ip" if constants.family == 4 else "ip6"
    families = random.sample((ip, "inet", "inet", ip), random.choice((1, 1, 2, 3)))
    return "\n".join(
        _table(random, constants, family, f"t{number}") for number, family in enumerate(families)
    ) + _netdev(random, constants)


def _table(random: Random, constants: Constants, family: str, name: str) -> str:
    sets, names = _sets(random, constants)
    text = Texts(random, constants, family, names)
    lines = []
    hooks = {**{key: HOOKS[key] for key in random.sample(list(HOOKS), random.randint(2, 5))}}
    nats = {key: NAT[key] for key in random.sample(list(NAT), random.choice((0, 0, 1, 2, 3)))}
    for key, (hook, priority) in (hooks | nats).items():
        nat, label = key in nats, key.replace("-", "_")
        under = [f"{label}_{number}" for number in range(random.choice((0, 0, 1, 2, 3)))]
        for number in reversed(range(len(under))):
            body = [text.rule(hook, priority, under[number + 1 :], nat=nat) for _ in range(random.randint(0, 4))]
            lines += [f"\tchain {under[number]} {{", *(f"\t\t{one}" for one in body), "\t}"]
        shift = random.choice((0, 0, 0, -1, 1)) if priority != -200 else 0
        policy = random.choice(("accept", "accept", "drop")) if not nat else "accept"
        kind = "nat" if nat else ("route" if key == "route" else "filter")
        body = [text.rule(hook, priority, under, nat=nat) for _ in range(random.randint(1, 7))]
        head = f"\t\ttype {kind} hook {hook} priority {priority + shift}; policy {policy};"
        lines += [f"\tchain {label} {{", head, *(f"\t\t{one}" for one in body), "\t}"]
    return "\n".join((f"table {family} {name} {{", *sets, *lines, "}"))


def _sets(random: Random, constants: Constants) -> tuple[list[str], list[tuple[str, str]]]:
    ip = "ip" if constants.family == 4 else "ip6"
    kind = "ipv4_addr" if constants.family == 4 else "ipv6_addr"
    hosts, ports = list(dict.fromkeys(random.sample(constants.hosts, 3))), random.sample(constants.ports, 3)
    net, low = (
        random.choice(constants.networks),
        sorted(random.sample([port for port in constants.ports if port < 65535], 2)),
    )
    proto = random.choice(L4)
    nets = ", ".join(dict.fromkeys((net, *hosts)))
    pairs = f"{net} . {low[0]}-{low[1]}, {hosts[0]} . {_other(ports, low)}"
    lines = [
        f"\tset hosts {{ type {kind}; elements = {{ {', '.join(hosts)} }}; }}",
        f"\tset nets {{ type {kind}; flags interval; auto-merge; elements = {{ {nets} }}; }}",
        f"\tset pairs {{ type {kind} . inet_service; flags interval; elements = {{ {pairs} }}; }}",
        f'\tset ways {{ type ifname . {kind}; elements = {{ "lan" . {hosts[0]}, "dmz" . {hosts[1 % len(hosts)]} }}; }}',
    ]
    names = [
        ("hosts", f"{ip} saddr"),
        ("hosts", f"{ip} daddr"),
        ("nets", f"{ip} daddr"),
        ("nets", f"{ip} saddr"),
        ("pairs", f"{ip} daddr . {proto} dport"),
        ("pairs", f"{ip} saddr . {proto} dport"),
        ("ways", f"iifname . {ip} saddr"),
        ("ways", f"iifname . {ip} daddr"),
    ]
    return lines, names


def _other(ports: Sequence[int], span: Sequence[int]) -> int:
    """A port beyond the span, so that no two elements hold the same."""
    outside = [port for port in ports if not span[0] <= port <= span[1]]
    return outside[0] if outside else 65535


def _netdev(random: Random, constants: Constants) -> str:
    if random.random() < 0.7:
        return ""
    ip = "ip" if constants.family == 4 else "ip6"
    first, second = (random.choice(("drop", "accept", f"meta mark set {mark}")) for mark in (1, 3))
    body = [
        f"\t\t{ip} saddr {random.choice(constants.hosts)} {first}",
        f"\t\t{random.choice(L4)} dport {random.choice(constants.ports)} {second}",
    ]
    head = (
        f"\t\ttype filter hook ingress device {random.choice(ZONES)} priority {random.choice((0, 5))}; policy accept;"
    )
    return "\n".join(("\ntable netdev n0 {", "\tchain in {", head, *body, "\t}", "}"))
