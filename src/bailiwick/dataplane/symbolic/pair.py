"""What a test holds for: certainly, and possibly."""

from __future__ import annotations

from dataclasses import dataclass

from bailiwick.packets.region import Region


@dataclass(frozen=True, slots=True)
class Pair:
    """``must`` is within ``may``; between the two lies what cannot be decided. Equal where nothing is unknown."""

    must: Region
    may: Region

    @classmethod
    def exactly(cls, region: Region) -> Pair:
        return cls(region, region)

    def __invert__(self) -> Pair:
        if self.must is self.may:
            return Pair.exactly(~self.may)
        return Pair(~self.may, ~self.must)

    def __and__(self, other: Pair) -> Pair:
        if self.must is self.may and other.must is other.may:
            return Pair.exactly(self.may & other.may)
        return Pair(self.must & other.must, self.may & other.may)

    def __or__(self, other: Pair) -> Pair:
        if self.must is self.may and other.must is other.may:
            return Pair.exactly(self.may | other.may)
        return Pair(self.must | other.must, self.may | other.may)

    @property
    def exact(self) -> bool:
        return self.must == self.may
