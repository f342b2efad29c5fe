"""What is known while one rule is read, from left to right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bailiwick.dataplane.nft.errors import Unclear
from bailiwick.dataplane.nft.operands import Operand
from bailiwick.dataplane.nft.sets import Elements, elements
from bailiwick.dataplane.nft.words import words
from bailiwick.dataplane.rules import Among, Family, Test, Unknown
from bailiwick.packets import header
from bailiwick.packets.header import State
from bailiwick.packets.interval import NOTHING, IntervalSet

TRACKED = IntervalSet.of((int(one), int(one)) for one in (State.NEW, State.ESTABLISHED, State.RELATED))
NEVER = Among(header.PROTOCOL, NOTHING)
"""A test that no packet passes."""


@dataclass(slots=True)
class Context:
    """``family`` is the table's; ``version`` and ``protocols`` are what the rule has asked for so far."""

    family: str
    sets: Mapping[str, Elements]
    version: int | None = None
    protocols: IntervalSet | None = None
    tracked: bool = False
    unsure: list[str] = field(default_factory=list)
    """What was not understood, in words."""

    @classmethod
    def of(cls, family: str, sets: Mapping[str, Elements]) -> Context:
        return cls(family, sets, {"ip": 4, "ip6": 6}.get(family))

    def unknown(self, text: str, steady: bool = False, why: str = "") -> Unknown:
        """An unknown that is entered into the account; equal texts of steady ones are the same question."""
        self.unsure.append(f"{text}: {why}" if why else text)
        return Unknown(text, steady, text if steady else "")

    def needs(self, one: Operand) -> tuple[Test, ...]:
        """What must hold before the operand's field can be read, where the rule has not asked for it already."""
        return (
            *self.asks_version(one.version),
            *self.asks_protocols(one.protocols),
            *(self.asks_connection() if one.tracked else ()),
        )

    def asks_connection(self) -> tuple[Test, ...]:
        """The packet belongs to a connection, new or old: conntrack has no entry for invalid and untracked ones."""
        if self.tracked:
            return ()
        self.tracked = True
        return (Among(header.STATE, TRACKED),)

    def asks_version(self, version: int | None) -> tuple[Test, ...]:
        """The packet is of this IP version."""
        if version is None or version == self.version:
            return ()
        if self.version is not None:
            return (NEVER,)
        self.version = version
        return (Family(version),)

    def asks_protocols(self, protocols: IntervalSet | None) -> tuple[Test, ...]:
        """The packet is of one of these protocols."""
        if protocols is None or (self.protocols is not None and protocols.covers(self.protocols)):
            return ()
        self.learn(protocols)
        return (Among(header.PROTOCOL, protocols),)

    def learn(self, protocols: IntervalSet) -> None:
        """From here on the packet's protocol is one of these."""
        self.protocols = protocols if self.protocols is None else self.protocols & protocols

    def elements(self, value: object) -> Elements:
        """A set by its name (``@name``), or as it stands in the rule. Raises Unclear."""
        match value:
            case str() if value.startswith("@"):
                if value[1:] not in self.sets:
                    raise Unclear(f"{value} is not in this table")
                return self.sets[value[1:]]
            case {"set": inner}:
                return Elements(tuple(elements(inner)))
        raise Unclear(f"{words(value)} is no set")

    def forget(self, before: Context) -> None:
        """Back to what was known then; the account stays."""
        self.version, self.protocols, self.tracked = before.version, before.protocols, before.tracked

    def copy(self) -> Context:
        """For another way through the same rule; both write into one account."""
        return replace(self)
