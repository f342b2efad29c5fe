"""Matches of the transport header: ports, flags, ICMP types (iptables-extensions(8); xt_tcpudp.c, xt_multiport.c)."""

from __future__ import annotations

from bailiwick.dataplane.iptables.arguments import Module, NotUnderstood, Option
from bailiwick.dataplane.iptables.names import ICMP, ICMP6, WITH_PORTS, icmp_name, protocol_number
from bailiwick.dataplane.iptables.values import Scene, any_of, inverted, ports, span, steady
from bailiwick.dataplane.rules import Among, Step, Test
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet

_FLAGS = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "URG": 32, "ALL": 63, "NONE": 0}
_SYN_MASK = _FLAGS["FIN"] | _FLAGS["SYN"] | _FLAGS["RST"] | _FLAGS["ACK"]
_SOURCE = ("sport", "source-port", "sports", "source-ports")
_EVERY_CODE = (0, 255)


def _of_protocol(scene: Scene, numbers: IntervalSet) -> tuple[Step, ...]:
    """The protocol's own test, where the rule does not have it already."""
    asked = scene.protocol is not None and scene.protocol in numbers
    return () if asked else (Among(header.PROTOCOL, numbers),)


def transport(module: Module, scene: Scene) -> tuple[Step, ...]:
    """``tcp``, ``udp``, ``udplite``, ``sctp``, ``dccp``."""
    number = protocol_number(module.name)
    if number is None:
        raise NotUnderstood(f"`{module.name}` is no protocol")
    steps = list(_of_protocol(scene, IntervalSet.single(number)))
    for option in module.options:
        if option.name == "syn":
            flags = Among(header.TCP_FLAGS, IntervalSet.single(_FLAGS["SYN"]), _SYN_MASK)
            steps.append(inverted(flags, option.negated))
        elif option.name == "tcp-flags":
            mask, wanted = (_flags(value) for value in option.values)
            steps.append(inverted(Among(header.TCP_FLAGS, IntervalSet.single(wanted), mask), option.negated))
        elif option.name in ("tcp-option", "chunk-types", "dccp-types", "dccp-option"):
            text = f"{module.name} --{option.name} {' '.join(option.values)}"
            steps.append(inverted(steady(text), option.negated))
        else:
            values = IntervalSet.of([ports(option.value)])
            steps.append(inverted(Among(_side(option), values), option.negated))
    return tuple(steps)


def _side(option: Option) -> str:
    return header.SOURCE_PORT if option.name in _SOURCE else header.DESTINATION_PORT


def _flags(text: str) -> int:
    total = 0
    for word in text.split(","):
        if word.upper() not in _FLAGS:
            raise NotUnderstood(f"`{word}` is no TCP flag of iptables")
        total |= _FLAGS[word.upper()]
    return total


def multiport(module: Module, scene: Scene) -> tuple[Step, ...]:
    """One list of ports: of the source, of the destination, or, as ``--ports``, of either."""
    if len(module.options) != 1:
        raise NotUnderstood("multiport takes one list of ports")
    option = module.options[0]
    values = IntervalSet.of(ports(part) for part in option.value.split(","))
    sides = (header.SOURCE_PORT, header.DESTINATION_PORT) if option.name == "ports" else (_side(option),)
    options: list[tuple[Test, ...]] = [(Among(side, values),) for side in sides]
    return (*_of_protocol(scene, WITH_PORTS), *any_of(options, option.negated))


def icmp(module: Module, scene: Scene) -> tuple[Step, ...]:
    """``--icmp-type`` and ``--icmpv6-type``: a number, ``type/code``, or a name; ``any`` and 255 are every type of
    ICMP for IPv4 (ip_tables.c, ``icmp_type_code_match``)."""
    steps = list(_of_protocol(scene, IntervalSet.single(ICMP if module.name == "icmp" else ICMP6)))
    for option in module.options:
        kinds, codes = icmp_type(option.value, 4 if module.name == "icmp" else 6)
        tests: list[Test] = []
        if kinds is not None:
            tests.append(Among(header.ICMP_TYPE, IntervalSet.single(kinds)))
        if codes != _EVERY_CODE:
            tests.append(Among(header.ICMP_CODE, IntervalSet.of([codes])))
        steps.extend(any_of([tuple(tests)], option.negated))
    return tuple(steps)


def icmp_type(text: str, family: int) -> tuple[int | None, tuple[int, int]]:
    """Type (None: any) and codes. Raises NotUnderstood."""
    kind, slash, code = text.partition("/")
    if family == 4 and text.lower() == "any":
        return None, _EVERY_CODE
    named = icmp_name(text, family)
    if named is not None:
        return named[0], _EVERY_CODE if named[1] is None else (named[1], named[1])
    number = span(kind, "-", 255)
    if number[0] != number[1]:
        raise NotUnderstood(f"`{text}`: a range of types")
    if family == 4 and number[0] == 255:
        return None, _EVERY_CODE
    return number[0], span(code, "-", 255) if slash else _EVERY_CODE
