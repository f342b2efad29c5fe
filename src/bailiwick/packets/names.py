"""Sets of place names that may be everything but a few, so that the complement of a set is a set."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """The ``members``, or, when ``inverted``, every name but the members.

    There is no last name, so an inverted set is never empty. Equal sets compare equal.
    """

    members: frozenset[str] = frozenset()
    inverted: bool = False

    @classmethod
    def of(cls, *names: str) -> Names:
        return cls(frozenset(names))

    @classmethod
    def but(cls, *names: str) -> Names:
        """Every name except these; ``Names.but()`` is every name."""
        return cls(frozenset(names), inverted=True)

    def __bool__(self) -> bool:
        return self.inverted or bool(self.members)

    def __contains__(self, name: str) -> bool:
        return (name in self.members) is not self.inverted

    def __invert__(self) -> Names:
        return Names(self.members, not self.inverted)

    def __and__(self, other: Names) -> Names:
        if self.inverted and other.inverted:
            return Names(self.members | other.members, inverted=True)
        if self.inverted:
            return Names(other.members - self.members)
        return Names(self.members - other.members if other.inverted else self.members & other.members)

    def __or__(self, other: Names) -> Names:
        return ~(~self & ~other)

    def __sub__(self, other: Names) -> Names:
        return self & ~other

    def first(self) -> str:
        """A member, the same on every run: the least one, or a name that is not excluded.

        Raises ValueError when the set is empty.
        """
        if not self:
            raise ValueError("an empty set has no first member")
        if not self.inverted:
            return min(self.members)
        name = "unknown"
        while name in self.members:
            name += "-other"
        return name


EVERYWHERE = Names.but()
