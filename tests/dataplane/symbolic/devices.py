"""Devices with random rules, and packets at the edges of what those rules name."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network, ip_interface, ip_network
from random import Random

from bailiwick.dataplane.interpreter.packet import Header
from bailiwick.dataplane.model import Device, Interface, Route, Routing, RoutingRule
from bailiwick.dataplane.rules import (
    Accept,
    AddressType,
    Among,
    AnyOf,
    Chain,
    Continue,
    CopyField,
    Drop,
    Goto,
    Hook,
    Jump,
    Key,
    Lookup,
    Note,
    NoTrack,
    OnInterface,
    Reject,
    Return,
    ReturnPath,
    Rule,
    SetField,
    Step,
    Table,
    Target,
    Test,
    Translate,
    Unknown,
    Verdict,
    VerdictMap,
)
from bailiwick.dataplane.tally import Line
from bailiwick.packets.interval import IntervalSet

LAN, IOT, WAN, VPN = "lan", "iot", "wan", "vpn"
NAMES = (LAN, IOT, WAN, VPN)
ADDRESSES = tuple(
    IPv4Address(text)
    for text in [
        "192.168.1.1",
        "192.168.1.5",
        "192.168.1.6",
        "192.168.1.255",
        "192.168.2.1",
        "192.168.2.7",
        "192.168.2.8",
        "10.9.0.1",
        "10.9.0.2",
        "8.8.8.8",
        "8.8.8.9",
        "1.1.1.1",
        "127.0.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.5",
        "192.168.1.0",
        "203.0.113.9",
    ]
)
PORTS = (22, 53, 80, 443, 8080)
PROTOCOLS = (1, 6, 17)


class Maker:
    """``unknowns``: tests that nobody can decide stand among the others."""

    def __init__(self, seed: int, unknowns: bool = False) -> None:
        self.random = Random(seed)
        self.unknowns = unknowns
        self._line = 0

    def line(self) -> Line:
        self._line += 1
        return Line("rules", self._line)

    def device(self) -> Device:
        """Two zones, an uplink with a changing address and a tunnel; filter, mangle, raw and NAT chains."""
        chance = self.random.random
        interfaces = {
            LAN: Interface(LAN, addresses=(ip_interface("192.168.1.1/24"),)),
            IOT: Interface(IOT, addresses=(ip_interface("192.168.2.1/24"),)),
            WAN: Interface(WAN, dynamic=True),
            VPN: Interface(VPN, addresses=(ip_interface("10.9.0.2/30"),)),
        }
        routes = [Route(IPv4Network("0.0.0.0/0"), interface=WAN, lasting=False)]
        rules = []
        if chance() < 0.6:
            routes.append(Route(IPv4Network("0.0.0.0/0"), interface=VPN, table="vpn", lasting=False))
            routes.append(Route(IPv4Network("0.0.0.0/0"), "unreachable", metric=9, table="vpn"))
            rules.append(RoutingRule(100, table="main", suppress_prefix=0))
            mark = (self.random.choice((1, 2)), self.random.choice((1, 3, 255)))
            rules.append(
                RoutingRule(200, table="vpn", mark=mark)
                if chance() < 0.7
                else RoutingRule(200, table="vpn", source=ip_network("192.168.1.5/32"), inverted=chance() < 0.2)
            )
        if chance() < 0.4:
            rules.append(RoutingRule(150, "unreachable", source=ip_network("192.168.2.8/31")))
        if rules:
            rules.append(RoutingRule(32766, table="main"))  # as a listing has it
        settings = {}
        if chance() < 0.3:
            settings["net.ipv4.conf.all.rp_filter"] = self.random.choice(("1", "2"))
        if chance() < 0.2:
            settings["net.ipv4.conf.lan.route_localnet"] = "1"
        return Device(
            "random",
            interfaces=interfaces,
            tables=self.tables(),
            settings=settings,
            routing=Routing(tuple(routes), tuple(rules)),
        )

    def tables(self) -> tuple[Table, ...]:
        """One with the filter, one with everything around it."""
        shared = [self.chain("one", jumps=("two", "three")), self.chain("two", jumps=("three",)), self.chain("three")]
        bases = [
            self.base(Hook("filter", hook, 0, self.policy()), ("one", "two")) for hook in ("input", "forward", "output")
        ]
        filter_ = Table("inet", "filter", {chain.name: chain for chain in (*shared, *bases)})
        marking = [self.chain("four", marks=True)]
        around = [self.base(Hook("filter", "prerouting", -150), ("four",), marks=True)]
        if self.random.random() < 0.5:
            around.append(self.base(Hook("filter", "prerouting", -300), (), raw=True))
        if self.random.random() < 0.5:
            around.append(self.base(Hook("route", "output", -150), ("four",), marks=True))
        if self.random.random() < 0.3:
            around.append(self.base(Hook("filter", "forward", -150), ("four",), marks=True))
        around.append(self.base(Hook("nat", "prerouting", -100), (), nat="dnat"))
        if self.random.random() < 0.3:
            around.append(self.base(Hook("nat", "output", -100), (), nat="dnat"))
        around.append(self.base(Hook("nat", "postrouting", 100), (), nat="snat"))
        if self.random.random() < 0.3:
            around.append(self.base(Hook("filter", "postrouting", 150, Accept()), ()))
        if self.random.random() < 0.3:
            around.append(
                self.base(Hook("filter", "ingress", 0, Accept(), self.random.choice((LAN, WAN, ""))), (), raw=True)
            )
        named = {f"{chain.name}{n}" if chain.hook else chain.name: chain for n, chain in enumerate((*marking, *around))}
        return filter_, Table("ip", "around", {name: replace(chain, name=name) for name, chain in named.items()})

    def policy(self) -> Accept | Drop:
        return Drop() if self.random.random() < 0.6 else Accept()

    def base(self, hook: Hook, jumps: tuple[str, ...], **what: object) -> Chain:
        return replace(self.chain(f"{hook.type}-{hook.name}", jumps, **what), hook=hook)  # type: ignore[arg-type]

    def chain(
        self, name: str, jumps: tuple[str, ...] = (), marks: bool = False, raw: bool = False, nat: str = ""
    ) -> Chain:
        rules = []
        for _ in range(self.random.randint(0, 6 if not nat else 4)):
            steps: list[Step] = [self.test(nat or raw) for _ in range(self.random.randint(0, 3))]
            if marks and self.random.random() < 0.7:
                steps.append(self.change())
            if raw and self.random.random() < 0.4:
                steps.append(NoTrack())
            if self.random.random() < 0.1:
                steps.append(Note("counter"))
            if nat:
                steps.append(self.translate(nat))
            elif self.random.random() < 0.15:
                steps.append(self.verdict_map(jumps))
            elif not marks or self.random.random() < 0.3:
                steps.append(self.verdict(jumps))
            rules.append(Rule(tuple(steps), self.line()))
        return Chain(name, tuple(rules))

    def change(self) -> Step:
        pick = self.random.choice
        if self.random.random() < 0.3:
            fields = ("mark", "ct_mark")
            return CopyField(*(fields if self.random.random() < 0.5 else reversed(fields)))
        if self.random.random() < 0.5:
            masks = (None, 1, 3) if self.unknowns else (None,)  # without a connection nft and iptables part here
            return SetField("ct_mark", pick((0, 1, 2, 3)), pick(masks))
        return SetField("mark", pick((0, 1, 2, 3)), pick((None, None, 1, 3, 0xFF)))

    def verdict(self, jumps: tuple[str, ...]) -> Verdict:
        options: list[Verdict] = [Accept(), Accept(), Drop(), Drop(), Reject(), Return(), Continue()]
        options += [Jump(name) for name in jumps] * 2 + [Goto(name) for name in jumps]
        return self.random.choice(options)

    def verdict_map(self, jumps: tuple[str, ...]) -> VerdictMap:
        if self.random.random() < 0.5:
            ports = self.random.sample(PORTS, 3)
            entries = tuple(((IntervalSet.single(port),), self.verdict(jumps)) for port in ports)
            return VerdictMap((Key("destination_port"),), entries)
        sides = self.random.sample([(a, b) for a in NAMES for b in (80, 443)], 4)
        return VerdictMap(
            (Key("iif"), Key("destination_port")),
            tuple((((name,), IntervalSet.single(port)), self.verdict(jumps)) for name, port in sides),
        )

    def translate(self, nat: str) -> Step:
        pick, chance = self.random.choice, self.random.random
        ports = pick((None, (80, 80), (8080, 8080)))
        if nat == "snat":
            if chance() < 0.6:
                return Translate("masquerade")
            return Translate("snat", Target(pick(ADDRESSES[:8])))
        if chance() < 0.3:
            return Translate("redirect", Target(ports=ports))
        if chance() < 0.2:
            some = self.random.sample(PORTS, 2)
            entries = tuple(((IntervalSet.single(port),), Target(pick(ADDRESSES[1:7]))) for port in some)
            return Translate("dnat", keys=(Key("destination_port"),), entries=entries)
        return Translate("dnat", Target(pick(ADDRESSES[1:7]), ports=ports))

    def test(self, early: object = "") -> Test | AnyOf:
        pick, chance = self.random.choice, self.random.random
        number = self.random.random()
        if self.unknowns and chance() < 0.15:
            return Unknown("limit") if chance() < 0.7 else Unknown("mac", steady=True, key=pick(("a", "b")))
        if number < 0.3:
            first, last = sorted(int(address) for address in self.random.sample(ADDRESSES[:12], 2))
            if chance() < 0.5:
                last = first
            return Among(pick(("source", "destination")), IntervalSet.span(first, last), negated=chance() < 0.2)
        if number < 0.45:
            return Among(
                "destination_port", IntervalSet.of((p, p) for p in self.random.sample(PORTS, 2)), negated=chance() < 0.2
            )
        if number < 0.55:
            return Among("protocol", IntervalSet.single(pick(PROTOCOLS)), negated=chance() < 0.2)
        if number < 0.7:
            sides = ("iif",) if early else ("iif", "oif")
            patterns = (pick(NAMES),) if chance() < 0.8 else (pick(("l*", "w*", "vp*", "*")),)
            return OnInterface(pick(sides), patterns, negated=chance() < 0.3)
        if number < 0.75:
            return Among("mark", IntervalSet.of((m, m) for m in self.random.sample(range(4), 2)), pick((None, 1, 3)))
        if number < 0.8:
            return Among(pick(("status", "ct_mark")), IntervalSet.single(1), pick((None, 1)), negated=chance() < 0.3)
        if number < 0.85:
            return Among("state", IntervalSet.span(0, pick((0, 1, 3))), negated=chance() < 0.2)
        if number < 0.9:
            kinds = frozenset({pick(("local", "unicast", "broadcast", "multicast"))})
            return AddressType("destination", kinds, chance() < 0.3, chance() < 0.2)
        if number < 0.93:
            return ReturnPath(chance() < 0.8, chance() < 0.3) if not early else Among("protocol", IntervalSet.single(6))
        if number < 0.97:
            sides2 = self.random.sample([(a, b) for a in ADDRESSES[:8] for b in PORTS], 5)
            entries = tuple((IntervalSet.single(int(a)), IntervalSet.single(b)) for a, b in sides2)
            return Lookup((Key("source"), Key("destination_port")), entries, chance() < 0.2)
        options = tuple((self.simple(), self.simple()) for _ in range(2))
        return AnyOf(options, chance() < 0.3)

    def simple(self) -> Test:
        if self.random.random() < 0.5:
            return Among("destination_port", IntervalSet.single(self.random.choice(PORTS)))
        return Among("source", IntervalSet.span(int(self.random.choice(ADDRESSES[:3])), int(ADDRESSES[3])))

    def packet(self, own: bool = False) -> Header:
        pick = self.random.choice
        protocol = pick(PROTOCOLS)
        has_ports = protocol != 1
        dynamic = WAN if self.random.random() < 0.1 else None
        return Header(
            source=pick(ADDRESSES),
            destination=IPv4Address("203.0.113.9") if dynamic else pick(ADDRESSES),
            iif=None if own else pick(NAMES),
            protocol=protocol,
            source_port=pick((1024, 50000)) * has_ports,
            destination_port=pick((*PORTS, 81)) * has_ports,
            icmp_type=pick((0, 8)) * (not has_ports),
            tcp_flags=2 * (protocol == 6),
            dynamic=dynamic,
        )
