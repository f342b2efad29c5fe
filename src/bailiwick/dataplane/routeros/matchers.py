"""What a firewall rule asks of a packet: each matcher to tests of the one form.

Semantics after MikroTik's manual ("Firewall", "Common Firewall Matchers and Actions", CLI reference): every matcher of
a rule must hold; the values of a list are alternatives; a leading ``!`` negates the whole list.
"""

from __future__ import annotations

from dataclasses import dataclass

from bailiwick.dataplane.routeros.address_lists import AddressLists
from bailiwick.dataplane.routeros.interface_sets import InterfaceSet, InterfaceSets
from bailiwick.dataplane.routeros.marks import FIELDS, Marks
from bailiwick.dataplane.routeros.values import WITH_PORTS, addresses, protocol, ranges
from bailiwick.dataplane.routeros.words import words
from bailiwick.dataplane.rules import AddressType, Among, AnyOf, OnInterface, Test, Unknown
from bailiwick.packets import header
from bailiwick.packets.interval import NOTHING, IntervalSet
from bailiwick.packets.names import EVERYWHERE, Names

Tests = tuple[Test | AnyOf, ...]
NEVER = Among(header.PROTOCOL, NOTHING)
"""No packet at all."""

_STATES = {state.name.lower(): int(state) for state in header.State}
_NAT_STATES = {"srcnat": header.Status.SNAT, "dstnat": header.Status.DNAT}
_FLAGS = {name: 1 << bit for bit, name in enumerate(words("fin syn rst psh ack urg ece cwr"))}
_KINDS = frozenset(words("local unicast broadcast multicast anycast unspec blackhole unreachable prohibit"))

STEADY = frozenset(
    words("""
    src-mac-address packet-size ttl hop-limit dscp tos priority ingress-priority ipv4-options fragment tcp-mss
    connection-type realm per-connection-classifier in-bridge-port out-bridge-port in-bridge-port-list
    out-bridge-port-list headers ipsec-policy hotspot routing-table dst-prefix src-prefix""")
)
"""Matchers that are not read, but that give one answer for one packet."""
FICKLE = frozenset(
    words("""
    limit dst-limit random nth connection-limit connection-bytes connection-rate psd time content layer7-protocol
    tls-host p2p""")
)
"""Matchers whose answer hangs on time, chance, counters or what the packet carries."""


class InvalidRule(Exception):
    """RouterOS would not take this rule; ``args[0]`` says why."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the matchers of one IP version look things up in."""

    version: int
    lists: AddressLists
    interfaces: InterfaceSets
    marks: Marks
    ipsec: bool
    """Whether anything in the configuration sets up IPsec."""


@dataclass(frozen=True, slots=True)
class Matched:
    """The tests of one matcher, none where it always holds; ``doubt`` says why they are not the whole truth."""

    tests: Tests = ()
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """One matcher: its name, what it says without a leading ``!``, and all values of its rule."""

    name: str
    said: str
    negated: bool
    values: dict[str, str]
    around: Surroundings


def match(name: str, text: str, values: dict[str, str], around: Surroundings) -> Matched | None:
    """One matcher's tests, or None when ``name`` is no matcher. Raises InvalidRule for a value that cannot be.

    ``values`` are all of the rule's, for what one matcher asks of another.
    """
    known = name in _READERS or name in STEADY or name in FICKLE
    if not known:
        return None
    if text == "":
        return Matched((), f"`{name}` is empty; it is taken as not there")
    negated = text.startswith("!")
    said = text[1:] if negated else text
    if name in FICKLE:
        return Matched((Unknown(f"{name}={text}"),), f"what `{name}={text}` matches is known to the router alone")
    if name == "ipsec-policy" and not around.ipsec:
        return Matched((NEVER,) if said.endswith(",ipsec") else ())
    if name in STEADY:
        return _steady(name, text, said, negated)
    try:
        return _READERS[name](Ask(name, said, negated, values, around))
    except ValueError as error:
        raise InvalidRule(f"`{name}={text}` has no such value: {error}") from error


def _steady(name: str, text: str, said: str, negated: bool) -> Matched:
    doubt = f"what `{name}={text}` matches is not read"
    if name == "ipsec-policy":
        way, _, kind = said.partition(",")
        said, negated = way, kind == "none"
    one = Unknown(f"{name}={text}", True, f"{name}={said}")
    return Matched((AnyOf(((one,),), True) if negated else one,), doubt)


def _protocol(ask: Ask) -> Matched:
    return Matched((Among(header.PROTOCOL, IntervalSet.single(protocol(ask.said)), None, ask.negated),))


def _address(ask: Ask) -> Matched:
    return Matched((Among(_end(ask.name), addresses(ask.said, ask.around.version), None, ask.negated),))


def _address_list(ask: Ask) -> Matched:
    test, doubt = ask.around.lists.test(_end(ask.name), ask.said, ask.negated)
    return Matched((test,), doubt)


def _address_type(ask: Ask) -> Matched:
    kinds = frozenset(ask.said.split(","))
    if not kinds <= _KINDS:
        raise ValueError(", ".join(sorted(kinds - _KINDS)))
    return Matched((AddressType(_end(ask.name), kinds, ask.negated),))


def _interface(ask: Ask) -> Matched:
    if ask.said.startswith("*"):
        return Matched((NEVER,))  # a rule about an interface that is gone is invalid, ask.negated or not
    return _on(ask.name, ask.around.interfaces.interface(ask.said), ask.negated)


def _interface_list(ask: Ask) -> Matched:
    if ask.said.startswith("*"):
        return Matched((NEVER,))
    found = ask.around.interfaces.named(ask.said)
    if found is None:
        test = Unknown(f"{ask.name}={ask.said}", True, f"{ask.name}={ask.said}")
        doubt = f"no line defines the interface list `{ask.said}`"
        return Matched((AnyOf(((test,),), True) if ask.negated else test,), doubt)
    return _on(ask.name, found, ask.negated)


def _on(name: str, found: InterfaceSet, negated: bool) -> Matched:
    side = header.IIF if name.startswith("in-") else header.OIF
    certain = _patterns(side, found.certain, negated and not found.why)
    if not found.why:
        return Matched(certain)
    doubt = f"which interfaces `{name}` means is not certain: {found.why}"
    may = Unknown(f"{name}: {found.why}", True, f"{side} {found.why}")
    uncertain = tuple(test for test in _patterns(side, found.possible, False) if not isinstance(test, AnyOf))
    plain = tuple(test for test in certain if not isinstance(test, AnyOf))
    return Matched((AnyOf((plain, (*uncertain, may)), negated),), doubt)


def _patterns(side: str, names: Names, negated: bool) -> Tests:
    inverted = names.inverted is not negated
    if names == EVERYWHERE or names == Names():
        return () if inverted else (NEVER,)
    return (OnInterface(side, tuple(sorted(names.members)), inverted),)


def _ports(ask: Ask) -> Matched:
    wanted = ranges(ask.said)
    if not _one_of(ask.values.get("protocol", ""), WITH_PORTS):
        raise InvalidRule(f"`{ask.name}` needs a protocol with ports")
    if ask.name == "port":
        both = ((Among(header.SOURCE_PORT, wanted),), (Among(header.DESTINATION_PORT, wanted),))
        return Matched((AnyOf(both, ask.negated),))
    field = header.SOURCE_PORT if ask.name == "src-port" else header.DESTINATION_PORT
    return Matched((Among(field, wanted, None, ask.negated),))


def _one_of(said: str, protocols: IntervalSet) -> bool:
    return bool(said) and not said.startswith("!") and protocol(said) in protocols


def _icmp(ask: Ask) -> Matched:
    wanted = 1 if ask.around.version == 4 else 58
    kind, colon, code = ask.said.partition(":")
    tests: list[Test] = [Among(header.ICMP_TYPE, ranges(kind, 255))]
    if colon and code not in ("", "any"):
        tests.append(Among(header.ICMP_CODE, ranges(code, 255)))
    own = Among(header.PROTOCOL, IntervalSet.single(wanted))
    given = () if _one_of(ask.values.get("protocol", ""), IntervalSet.single(wanted)) else (own,)
    return Matched((*given, *((AnyOf((tuple(tests),), True),) if ask.negated else tests)))


def _tcp_flags(ask: Ask) -> Matched:
    """Each flag has a ``!`` of its own here: ``!fin,syn`` is "not FIN, and SYN"."""
    mask = value = 0
    for word in (("!" if ask.negated else "") + ask.said).split(","):
        bit = _FLAGS.get(word.removeprefix("!"))
        if bit is None:
            raise ValueError(word)
        mask |= bit
        value |= 0 if word.startswith("!") else bit
    tcp = IntervalSet.single(6)
    given = () if _one_of(ask.values.get("protocol", ""), tcp) else (Among(header.PROTOCOL, tcp),)
    return Matched((*given, Among(header.TCP_FLAGS, IntervalSet.single(value), mask)))


def _state(ask: Ask) -> Matched:
    wanted = {_STATES[word] if word in _STATES else _refuse(word) for word in ask.said.split(",")}
    return Matched((Among(header.STATE, IntervalSet.of((one, one) for one in wanted), None, ask.negated),))


def _nat_state(ask: Ask) -> Matched:
    words = ask.said.split(",")
    mask = 0
    for word in words:
        if word not in ("ein-snat", "ein-dnat"):
            mask |= _NAT_STATES[word] if word in _NAT_STATES else _refuse(word)
    known = Among(header.STATUS, IntervalSet.span(1, 7) if mask else NOTHING, mask or 7, False)
    if len(words) == mask.bit_count():
        return Matched((Among(known.field, known.values, known.mask, ask.negated),))
    may = Unknown(f"{ask.name}={ask.said}", True, f"{ask.name}=ein")
    return Matched((AnyOf(((known,), (may,)), ask.negated),), f"what `{ask.name}={ask.said}` matches is not read")


def _refuse(word: str) -> int:
    raise ValueError(word)


def _mark(ask: Ask) -> Matched:
    kind = ask.name.removesuffix("-mark")
    if kind == "routing" and ask.said == "main":
        test = Unknown(f"{ask.name}={ask.said}", True, f"{ask.name}={ask.said}")
        return Matched((AnyOf(((test,),), ask.negated),), "whether `main` means packets without a mark is not known")
    field, _, mask = FIELDS[kind]
    return Matched((Among(field, IntervalSet.single(ask.around.marks.value(kind, ask.said)), mask, ask.negated),))


def _end(name: str) -> str:
    return header.SOURCE if name.startswith("src-") else header.DESTINATION


_READERS = {
    "protocol": _protocol,
    "src-address": _address,
    "dst-address": _address,
    "src-address-list": _address_list,
    "dst-address-list": _address_list,
    "src-address-type": _address_type,
    "dst-address-type": _address_type,
    "in-interface": _interface,
    "out-interface": _interface,
    "in-interface-list": _interface_list,
    "out-interface-list": _interface_list,
    "src-port": _ports,
    "dst-port": _ports,
    "port": _ports,
    "icmp-options": _icmp,
    "tcp-flags": _tcp_flags,
    "connection-state": _state,
    "connection-nat-state": _nat_state,
    "connection-mark": _mark,
    "packet-mark": _mark,
    "routing-mark": _mark,
}
