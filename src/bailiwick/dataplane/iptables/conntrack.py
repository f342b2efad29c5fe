"""``conntrack``, ``state``, ``connmark`` and ``helper``: what conntrack knows of a packet's connection.

A connection's original tuple is the packet's own header, or its mirror in the reply direction, unless NAT came
between; where it did, and for ICMP errors (which belong to the connection that they report on), the answer is
unknown. A packet without connection (invalid, untracked) passes these tests only by a ``--ctstate`` that names its
state, and is then asked nothing else (xt_conntrack.c, ``conntrack_mt``).
"""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.dataplane.iptables.arguments import Module, NotUnderstood, Option
from bailiwick.dataplane.iptables.names import GRE, ICMP, ICMP6, WITH_PORTS, protocol_number
from bailiwick.dataplane.iptables.values import (
    NEVER,
    TRACKED,
    Scene,
    any_of,
    inverted,
    marked,
    networks_test,
    ports,
    steady,
)
from bailiwick.dataplane.rules import Among, Step, Test, Unknown
from bailiwick.packets import header
from bailiwick.packets.header import Direction, State, Status
from bailiwick.packets.interval import IntervalSet

Options = list[tuple[Test, ...]]

_STATES = {state.name: state for state in State}
_NATTED = {"DNAT": Status.DNAT, "SNAT": Status.SNAT}
_CONNECTED = frozenset({State.NEW, State.ESTABLISHED, State.RELATED})
_ERRORS = IntervalSet.of([(ICMP, ICMP), (ICMP6, ICMP6)])
_NO_PORTS = IntervalSet.span(0, 255) - WITH_PORTS
_ORIGINAL = Among(header.DIRECTION, IntervalSet.single(Direction.ORIGINAL))
_REPLY = Among(header.DIRECTION, IntervalSet.single(Direction.REPLY))
# Option: field in the original direction and the NAT that would make it another, then the same for replies.
_TUPLES: dict[str, tuple[str, Status | None, str, Status | None]] = {
    "ctorigsrc": (header.SOURCE, None, header.DESTINATION, Status.SNAT),
    "ctorigdst": (header.DESTINATION, Status.DNAT, header.SOURCE, Status.DNAT),
    "ctreplsrc": (header.DESTINATION, Status.DNAT, header.SOURCE, None),
    "ctrepldst": (header.SOURCE, Status.SNAT, header.DESTINATION, Status.SNAT),
    "ctorigsrcport": (header.SOURCE_PORT, None, header.DESTINATION_PORT, Status.SNAT),
    "ctorigdstport": (header.DESTINATION_PORT, Status.DNAT, header.SOURCE_PORT, Status.DNAT),
    "ctreplsrcport": (header.DESTINATION_PORT, Status.DNAT, header.SOURCE_PORT, None),
    "ctrepldstport": (header.SOURCE_PORT, Status.SNAT, header.DESTINATION_PORT, Status.SNAT),
}
# In these tables the packet already (or still) has the address of that tuple, NAT or not: they run after
# destination NAT and before source NAT.
_SETTLED = {"ctorigsrc", "ctreplsrc", "ctorigsrcport", "ctreplsrcport"}


def _states(values: frozenset[State], negated: bool = False) -> Among:
    return Among(header.STATE, IntervalSet.of((s, s) for s in values), None, negated)


def _with_status(bits: int) -> Among:
    """At least one of the bits is set."""
    return Among(header.STATUS, IntervalSet.of((v, v) for v in range(1, bits + 1) if v & bits == v), bits)


def _without(status: Status) -> Among:
    return Among(header.STATUS, IntervalSet.single(0), int(status))


def conntrack(module: Module, scene: Scene) -> tuple[Step, ...]:
    """The whole match, ``state`` being the part of it that only has ``--state``."""
    asked = module.get("ctstate", "state")
    steps: tuple[Step, ...] = (TRACKED,)
    possible, stateless = _CONNECTED, frozenset[State]()
    if asked is not None:
        steps, possible, stateless = _state(asked)
    protocol = _protocol(module, scene)
    for option in module.options:
        if option.name in ("ctstate", "state"):
            continue
        module.get(option.name)
        options = _options(option, scene, possible, protocol)
        if not stateless:
            steps += any_of(options, option.negated)
        elif option.negated:
            steps += any_of([(TRACKED, *tests) for tests in options], True)
        else:
            steps += any_of([(_states(stateless),), *options])
    return steps


def _state(option: Option) -> tuple[tuple[Step, ...], frozenset[State], frozenset[State]]:
    """The test; the states of connections that pass it; the states without connection that do."""
    states: set[State] = set()
    bits = 0
    for word in option.value.upper().split(","):
        if word in _STATES:
            states.add(_STATES[word])
        elif word in _NATTED:
            bits |= _NATTED[word]
        else:
            raise NotUnderstood(f"`{word}` is no state of conntrack")
    named = frozenset(states)
    passing = frozenset(State) - named if option.negated else named
    if not bits:
        return (_states(named, option.negated),), passing & _CONNECTED, passing - _CONNECTED
    options: Options = [(TRACKED, _with_status(bits))]
    if named:
        options.insert(0, (_states(named),))
    return any_of(options, option.negated), _CONNECTED, passing - _CONNECTED


def _protocol(module: Module, scene: Scene) -> int | None:
    """The one protocol that the connection has wherever the rule matches."""
    option = module.get("ctproto")
    if option is not None and not option.negated:
        return protocol_number(option.value)
    return scene.protocol


def _options(option: Option, scene: Scene, possible: frozenset[State], protocol: int | None) -> Options:
    """Where the option (without its ``!``) holds, for packets of a connection in one of the possible states."""
    if option.name == "ctdir":
        return [(_direction(option.value),)]
    if option.name == "ctstatus":
        return _status(option, possible)
    if option.name == "ctexpire":
        return [(Unknown(f"conntrack --ctexpire {option.value}"),)]
    found: Options = []
    own = _own(option, scene, possible, protocol)
    for guard in _guards(possible, scene):
        found += [(*guard, *tests) for tests in own]
    if State.RELATED in possible and scene.protocol in (None, 0, ICMP, ICMP6):
        error = (_states(frozenset({State.RELATED})), Among(header.PROTOCOL, _ERRORS), steady(_text(option)))
        found.append(error)
    return found


def _text(option: Option) -> str:
    return f"conntrack --{option.name} {option.value} (of the connection before NAT)"


def _guards(possible: frozenset[State], scene: Scene) -> Iterator[tuple[Test, ...]]:
    """Packets whose own header is that of their connection: all but ICMP errors."""
    if State.RELATED not in possible or scene.protocol not in (None, 0, ICMP, ICMP6):
        yield ()
        return
    if possible - {State.RELATED}:
        yield (_states(possible - {State.RELATED}),)
    yield (_states(frozenset({State.RELATED})), Among(header.PROTOCOL, _ERRORS, None, True))


def _own(option: Option, scene: Scene, possible: frozenset[State], protocol: int | None) -> Options:
    if option.name == "ctproto":
        number = protocol_number(option.value)
        if not number:
            raise NotUnderstood(f"`{option.value}` is no protocol")
        return [(Among(header.PROTOCOL, IntervalSet.single(number)),)]
    kept, kept_nat, swapped, swapped_nat = _TUPLES[option.name]
    if scene.table in ("filter", "security") and option.name in _SETTLED:
        kept_nat = swapped_nat = None
    found: Options = []
    directions = [(_ORIGINAL, kept, kept_nat)]
    if possible != {State.NEW}:
        directions.append((_REPLY, swapped, swapped_nat))
    for direction, field, nat in directions:
        certain: tuple[Test, ...] = (direction,) if nat is None else (direction, _without(nat))
        found += [(*certain, *tests) for tests in _leaf(option, field, scene, protocol)]
        if nat is not None:
            found.append((direction, _with_status(nat), steady(_text(option))))
    return found


def _leaf(option: Option, field: str, scene: Scene, protocol: int | None) -> Options:
    if not option.name.endswith("port"):
        return [networks_test(field, option.value, scene.family)]
    first, last = ports(option.value)
    ported = (Among(header.PROTOCOL, WITH_PORTS), Among(field, IntervalSet.span(first, last)))
    if protocol is not None and protocol in WITH_PORTS:
        return [ported]
    # ICMP has its type, code and identifier there, GRE its key, every other protocol 0 (nf_conntrack_tuple.h).
    others = _ERRORS | IntervalSet.single(GRE)
    found: Options = [ported, (Among(header.PROTOCOL, others), steady(_text(option)))]
    if first == 0:
        found.append((Among(header.PROTOCOL, _NO_PORTS - others),))
    return found


def _direction(text: str) -> Test:
    if text.upper() in ("ORIGINAL", "REPLY"):
        return _ORIGINAL if text.upper() == "ORIGINAL" else _REPLY
    raise NotUnderstood(f"`{text}` is no direction of a connection")


def _status(option: Option, possible: frozenset[State]) -> Options:
    """``NONE`` is no bit at all, and a test for none of no bits never holds (xt_conntrack.c)."""
    found: Options = []
    older = possible - {State.NEW}
    for word in option.value.upper().split(","):
        if word == "CONFIRMED":
            found.append((_with_status(Status.CONFIRMED),))
        elif word in ("EXPECTED", "ASSURED", "SEEN_REPLY"):
            if word == "SEEN_REPLY" and State.ESTABLISHED in older:
                found.append((_states(frozenset({State.ESTABLISHED})),))
            if older:
                found.append((_states(older), steady(f"conntrack --ctstatus {word}")))
        elif word != "NONE":
            raise NotUnderstood(f"`{word}` is no status of a connection")
    return found or [(NEVER,)]


def connmark(module: Module, _: Scene) -> tuple[Step, ...]:
    """Without a connection it never matches, ``!`` or not (xt_connmark.c)."""
    option = module.get("mark")
    if option is None:
        raise NotUnderstood("connmark without --mark")
    value, mask = marked(option.value)
    return TRACKED, inverted(Among(header.CT_MARK, IntervalSet.single(value), mask), option.negated)


def helper(module: Module, _: Scene) -> tuple[Step, ...]:
    """A connection that another one announced; the first packet of any other has no helper (xt_helper.c)."""
    option = module.get("helper")
    if option is None:
        raise NotUnderstood("helper without --helper")
    older = _states(frozenset({State.ESTABLISHED, State.RELATED}))
    return any_of([(older, steady(f"helper --helper {option.value}"))], option.negated)
