"""Packet filters: tables of chains of rules, each rule a sequence of tests and actions in the order of its text.

The semantics are netfilter's, which RouterOS shares as far as it goes (its readers write out what differs):

- A rule's steps run from left to right; a test that fails ends the rule, what ran before has happened.
- ``Accept`` ends its base chain (the next base chain of the hook still runs), ``Drop`` and ``Reject`` end the packet.
- ``Jump`` comes back after the target's end or its ``Return``; ``Goto`` comes back where the chain that went would
  have come back. The end of a base chain, or ``Return`` in it, is its policy.
- A lookup that finds nothing fails as a test does, in a verdict map or a translation's map too.
- NAT chains see the first packet of a connection alone; conntrack stands at priority -200 of prerouting and output.
- Where conntrack has no entry (before it, and of an invalid or untracked packet) every test of status, direction or
  its mark fails, negated or not, and so does a copy from that mark or a masked change of it; the state before
  conntrack reads as invalid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

from bailiwick.dataplane.tally import Line
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet

# ---- tests: what a rule asks of a packet


@dataclass(frozen=True, slots=True)
class Among:
    """(field & mask) is one of the values; ``field`` is a name of ``packets.header``.

    Ports are asked of TCP, UDP, UDP-Lite, SCTP and DCCP alone, ICMP types of ICMP, flags of TCP: readers write the
    protocol's test out where the text leaves it to the kernel.
    """

    field: str
    values: IntervalSet
    mask: int | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """The packet's IP version is ``version`` (4 or 6)."""

    version: int
    negated: bool = False


@dataclass(frozen=True, slots=True)
class OnInterface:
    """``side`` is ``iif`` or ``oif``. A pattern may end in ``*`` (any tail). No interface at all matches no pattern.

    ``negated`` is "none of them": true, too, where the packet has no interface on that side.
    """

    side: str
    patterns: tuple[str, ...]
    negated: bool = False


Side = IntervalSet | tuple[str, ...]
"""One part of a key: numbers of a field, or patterns of interfaces."""


@dataclass(frozen=True, slots=True)
class Key:
    """One field of a concatenation: a field of ``packets.header``, masked or not; ``iif``/``oif`` take patterns."""

    field: str
    mask: int | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """The concatenated fields stand in a set: some entry holds every one of them."""

    keys: tuple[Key, ...]
    entries: tuple[tuple[Side, ...], ...]
    negated: bool = False
    name: str = ""
    """The set's name, for people."""
    lines: tuple[Line | None, ...] = ()
    """Where each entry is written; empty where that is the rule itself."""


@dataclass(frozen=True, slots=True)
class AddressType:
    """``fib daddr type local`` and ``-m addrtype``: what the device's own routing calls the address.

    ``key`` is ``source`` or ``destination``; ``kinds`` among ``local``, ``unicast``, ``broadcast``, ``multicast``,
    ``anycast``, ``unspec``, ``blackhole``, ``unreachable``, ``prohibit``. ``limit_iif``: of the interface it came by.
    """

    key: str
    kinds: frozenset[str]
    negated: bool = False
    limit_iif: bool = False


@dataclass(frozen=True, slots=True)
class ReturnPath:
    """``fib saddr . iif oif missing``: the source has (no) unicast way back by the interface that it came by.

    ``missing`` True matches where there is none. ``any_interface`` leaves the interface out (loose).
    """

    missing: bool = True
    any_interface: bool = False
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """May hold or not, whatever the packet. ``steady``: the same packet always gets the same answer (a MAC, a user),
    so two tests with one ``key`` agree; otherwise (a limit, chance, a list that fills) they do not."""

    text: str
    steady: bool = False
    key: str = ""


TAGGED = "a frame with a VLAN tag"
"""The ``key`` of what a bridge's own hook asks of frames (``ether type``): no header tells it."""

Test = Among | Family | OnInterface | Lookup | AddressType | ReturnPath | Unknown


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of several conjunctions holds (``--ports``: source or destination)."""

    options: tuple[tuple[Test, ...], ...]
    negated: bool = False


# ---- verdicts


@dataclass(frozen=True, slots=True)
class Accept:
    pass


@dataclass(frozen=True, slots=True)
class Drop:
    pass


@dataclass(frozen=True, slots=True)
class Reject:
    how: str = ""


@dataclass(frozen=True, slots=True)
class Jump:
    chain: str


@dataclass(frozen=True, slots=True)
class Goto:
    chain: str


@dataclass(frozen=True, slots=True)
class Return:
    pass


@dataclass(frozen=True, slots=True)
class Continue:
    """On to the next step (a verdict map's element, or the end of a rule without a verdict)."""


@dataclass(frozen=True, slots=True)
class Whatever:
    """A target that nobody here knows: the packet may be accepted, dropped, or go on."""

    text: str


Verdict = Accept | Drop | Reject | Jump | Goto | Return | Continue | Whatever


@dataclass(frozen=True, slots=True)
class VerdictMap:
    """The entry that holds the key says what to do; none: the rule does not match."""

    keys: tuple[Key, ...]
    entries: tuple[tuple[tuple[Side, ...], Verdict], ...]
    name: str = ""
    lines: tuple[Line | None, ...] = ()


# ---- what a rule does on the way


@dataclass(frozen=True, slots=True)
class Note:
    """No packet's fate hangs on it: a log line, a counter, a clamped segment size, a priority."""

    text: str


@dataclass(frozen=True, slots=True)
class SetField:
    """``field`` (``mark`` or ``ct_mark``): its bits in ``mask`` become ``value``; None is every bit."""

    field: str
    value: int
    mask: int | None = None


@dataclass(frozen=True, slots=True)
class CopyField:
    """``ct mark set mark`` and ``meta mark set ct mark``: ``field`` becomes what ``origin`` holds."""

    field: str
    origin: str


@dataclass(frozen=True, slots=True)
class NoTrack:
    """The packet's state is untracked from here on."""


@dataclass(frozen=True, slots=True)
class Scramble:
    """Each of the ``fields``, names of ``packets.header``, may be anything from here on; the rule goes on.

    A connection's mark stays as it is where there is no connection. An address that a NAT chain scrambles has perhaps
    been translated, and no further chain is asked then.
    """

    fields: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class FastTrack:
    """From the next packet on the connection passes by every later rule (flowtable, RouterOS fasttrack)."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What an address and a port become; None leaves them. A range may become any of it."""

    first: IPv4Address | IPv6Address | None = None
    last: IPv4Address | IPv6Address | None = None
    ports: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Translate:
    """``kind``: ``dnat``, ``snat``, ``masquerade`` (the egress interface's address), ``redirect`` (the device itself:
    the ingress interface's address, or loopback for its own packets). Ends the base chain as ``Accept`` does.

    With ``keys`` the target is looked up; nothing found: the rule does not match.
    """

    kind: str
    target: Target = field(default_factory=Target)
    keys: tuple[Key, ...] = ()
    entries: tuple[tuple[tuple[Side, ...], Target], ...] = ()
    lines: tuple[Line | None, ...] = ()


MARKS = (header.MARK, header.CT_MARK)
ENDS = (header.SOURCE, header.DESTINATION, header.SOURCE_PORT, header.DESTINATION_PORT)
ANYTHING = (*ENDS, header.PROTOCOL, header.ICMP_TYPE, header.ICMP_CODE, header.TCP_FLAGS, header.STATUS, *MARKS)
"""What a target that nobody here knows may change of a packet."""


def unknown_target(text: str) -> tuple[Scramble, Whatever]:
    """A target of which nobody here knows what it does: to the packet, and with it."""
    return Scramble(ANYTHING, text), Whatever(text)


Step = Test | AnyOf | Verdict | VerdictMap | Note | SetField | CopyField | NoTrack | Scramble | FastTrack | Translate


@dataclass(frozen=True, slots=True)
class Rule:
    """``remark`` is its comment: for our own rules the ids of the plan."""

    steps: tuple[Step, ...]
    line: Line
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Hook:
    """``type``: ``filter``, ``nat`` or ``route``; ``name``: ``prerouting``, ``input``, ``forward``, ``output``,
    ``postrouting``, ``ingress``, ``egress``. ``device`` for the last two; without it, they are of every interface."""

    type: str
    name: str
    priority: int
    policy: Accept | Drop = field(default_factory=Accept)
    device: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """``hook`` None: reached by jumps alone."""

    name: str
    rules: tuple[Rule, ...]
    hook: Hook | None = None
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """``family``: ``ip``, ``ip6``, ``inet``, ``bridge``, ``arp``, ``netdev``."""

    family: str
    name: str
    chains: Mapping[str, Chain]
    line: Line | None = None
