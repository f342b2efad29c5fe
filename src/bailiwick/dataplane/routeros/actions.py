"""What a firewall rule does with a packet that it matches.

Which actions end the table and which let the packet go on: MikroTik's manual, "Filter", "NAT", "Mangle", "Raw".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address

from bailiwick.dataplane.routeros.marks import FIELDS, Marks
from bailiwick.dataplane.routeros.matchers import InvalidRule
from bailiwick.dataplane.routeros.values import bounds, number
from bailiwick.dataplane.routeros.words import words
from bailiwick.dataplane.rules import (
    ENDS,
    Accept,
    Continue,
    Drop,
    FastTrack,
    Jump,
    Note,
    NoTrack,
    Reject,
    Return,
    Scramble,
    SetField,
    Step,
    Target,
    Translate,
    Unknown,
    Whatever,
    unknown_target,
)
from bailiwick.packets import header

_EVERY_TABLE = {"accept", "jump", "return", "log", "passthrough", "add-src-to-address-list", "add-dst-to-address-list"}
ACTIONS = {
    "filter": _EVERY_TABLE | {"drop", "reject", "tarpit", "fasttrack-connection"},
    "raw": _EVERY_TABLE | {"drop", "notrack"},
    "nat": _EVERY_TABLE
    | {"dst-nat", "src-nat", "masquerade", "redirect", "netmap", "same", "endpoint-independent-nat", "socksify"},
    "mangle": _EVERY_TABLE
    | {"drop", "mark-connection", "mark-packet", "mark-routing", "change-mss", "change-dscp", "change-ttl",
       "change-hop-limit", "change-tos", "set-priority", "strip-ipv4-options", "clear-df", "sniff-tzsp", "sniff-pc",
       "fasttrack-connection", "route", "snpt", "dnpt"},
}  # fmt: skip
"""Table to the actions that rules in it can have."""

_ALTERS = frozenset(
    words("change-mss change-dscp change-ttl change-hop-limit change-tos set-priority strip-ipv4-options clear-df")
)


@dataclass(frozen=True, slots=True)
class Acted:
    """Steps that end a rule, and what of them is not certain."""

    steps: tuple[Step, ...]
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule stands: ``nat`` chains see ``srcnat`` or ``dstnat``, whichever base chains lead here."""

    table: str
    version: int
    bases: frozenset[str]
    last: bool
    """Whether no rule of its chain comes after it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One rule's action with the rule's values, where it stands, and the marks that it may name."""

    action: str
    values: Mapping[str, str]
    place: Place
    marks: Marks


def act(action: str, values: Mapping[str, str], place: Place, marks: Marks) -> Acted:
    """The steps of an action. Raises InvalidRule for one that RouterOS would not take in this place."""
    if action not in ACTIONS[place.table]:
        raise InvalidRule(f"`{action}` is no action in the table {place.table}")
    if action in _ACTS:
        return _ACTS[action](Turn(action, values, place, marks))
    changed = _CHANGED.get(action)
    steps = unread(place, action) if changed is None else (Scramble(changed, action), Whatever(action))
    return Acted(steps, f"what `{action}` does with a packet is not read")


_CHANGED = {
    "snpt": (header.SOURCE,),
    "dnpt": (header.DESTINATION,),
    "route": (header.MARK, header.DESTINATION),  # it leaves by a gateway of the rule's, whatever the tables say
    "socksify": (*ENDS, header.STATUS),
}
"""What actions may change of a packet, where no step says it better."""


def unread(place: Place, text: str) -> tuple[Step, ...]:
    """A rule's action of which nobody here knows which it is. Those of ``filter`` and ``raw`` change no packet."""
    return unknown_target(text) if place.table in ("nat", "mangle") else (Whatever(text),)


def _plain(*steps: Step) -> Callable[[Turn], Acted]:
    return lambda _: Acted(steps)


def _jump(turn: Turn) -> Acted:
    if not turn.values.get("jump-target"):
        raise InvalidRule("a jump needs a `jump-target`")
    return Acted((Jump(turn.values["jump-target"]),))


def _reject(turn: Turn) -> Acted:
    return Acted((Reject(turn.values.get("reject-with", "icmp-network-unreachable")),))


def _note(turn: Turn) -> Acted:
    return Acted((Note(f"{turn.action} {turn.values.get('address-list', '')}".strip()), Continue()))


def _onward(values: Mapping[str, str]) -> Step:
    """``passthrough`` is yes unless the rule says no; no ends the table for the packet."""
    return Accept() if values.get("passthrough") in ("no", "false") else Continue()


def _alter(turn: Turn) -> Acted:
    return Acted((Note(turn.action), _onward(turn.values)))


def _mark(turn: Turn) -> Acted:
    kind = turn.action.removeprefix("mark-")
    name = turn.values.get(f"new-{kind}-mark")
    if not name:
        raise InvalidRule(f"`{turn.action}` needs a `new-{kind}-mark`")
    if kind == "routing" and not turn.place.bases <= {"prerouting", "output"}:
        raise InvalidRule("`mark-routing` is for the chains prerouting and output")
    field, _, mask = FIELDS[kind]
    return Acted((SetField(field, turn.marks.value(kind, name), mask), _onward(turn.values)))


def _no_track(turn: Turn) -> Acted:
    if turn.place.last:
        return Acted((NoTrack(), Accept()))
    doubt = "whether the rules after `notrack` still see the packet is not documented"
    return Acted((NoTrack(), Unknown("notrack ends the table", True, "notrack"), Accept()), doubt)


def _translate(turn: Turn) -> Acted:
    sides = {"srcnat": "snat", "input": "snat", "dstnat": "dnat", "output": "dnat"}
    ways = {sides[base] for base in turn.place.bases}
    kind = {
        "src-nat": "snat",
        "same": "snat",
        "dst-nat": "dnat",
        "masquerade": "masquerade",
        "redirect": "redirect",
    }.get(turn.action, next(iter(ways)) if len(ways) == 1 else "")
    if not kind:
        return Acted(
            unread(turn.place, turn.action), f"whether `{turn.action}` is about source or destination cannot be told"
        )
    if ways - {"dnat" if kind in ("dnat", "redirect") else "snat"}:
        raise InvalidRule(f"`{turn.action}` stands in the wrong chain")
    to = turn.values.get("to-addresses") or turn.values.get("to-address", "")
    if kind in ("masquerade", "redirect"):
        to = ""
    try:
        first, last = bounds(to, turn.place.version) if to else (None, None)
        ports = _stretch(turn.values.get("to-ports", ""))
    except ValueError as error:
        doubt = f"where `{turn.action}` leads is known to the router alone: {error}"
        return Acted((Translate(kind, _anywhere(turn.place.version)),), doubt)
    return Acted((Translate(kind, Target(first, last, ports)),))


def _independent(turn: Turn) -> Acted:
    """Endpoint-independent NAT: out by one address and port for all peers, and whoever answers there comes in."""
    doubt = (
        "which connections `endpoint-independent-nat` takes, and where inwards they lead, is known to the router alone"
    )
    may = Unknown(turn.action, True, turn.action)
    if turn.place.bases <= {"srcnat"}:
        return Acted((may, Translate("masquerade")), doubt)
    return Acted((may, Translate("dnat", replace(_anywhere(turn.place.version), ports=None))), doubt)


def _anywhere(version: int) -> Target:
    size = 4 if version == 4 else 16
    first, last = (ip_address(byte * size) for byte in (b"\0", b"\xff"))
    return Target(first, last, (0, 65535))


def _stretch(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    first, dash, last = text.partition("-")
    return number(first, 65535), number(last if dash else first, 65535)


_ACTS: dict[str, Callable[[Turn], Acted]] = {
    "accept": _plain(Accept()),
    "drop": _plain(Drop()),
    "tarpit": _plain(Drop()),
    "reject": _reject,
    "jump": _jump,
    "return": _plain(Return()),
    "log": _note,
    "passthrough": _note,
    "add-src-to-address-list": _note,
    "add-dst-to-address-list": _note,
    "sniff-tzsp": _note,
    "sniff-pc": _note,
    "fasttrack-connection": _plain(FastTrack("fasttrack-connection"), Continue()),
    "notrack": _no_track,
    "endpoint-independent-nat": _independent,
    **dict.fromkeys(("mark-connection", "mark-packet", "mark-routing"), _mark),
    **dict.fromkeys(_ALTERS, _alter),
    **dict.fromkeys(("src-nat", "dst-nat", "masquerade", "redirect", "netmap", "same"), _translate),
}
