"""nftables: the listing of the real ``nft`` read into the common form."""

from __future__ import annotations

from bailiwick.dataplane.nft.places import Places, scan
from bailiwick.dataplane.nft.reader import read
from bailiwick.dataplane.unreadable import Unreadable

__all__ = ["Places", "Unreadable", "read", "scan"]
