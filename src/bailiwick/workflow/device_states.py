"""A device as it stands, held in meaning against the files that are to be installed there."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bailiwick.workflow.diffing import Diffed, State
from bailiwick.workflow.nft_listing import NftMissing, NftRefused, nft_listing
from bailiwick.workflow.proving import Proven

if TYPE_CHECKING:
    from bailiwick.proof.comparison import Side
    from bailiwick.proof.places import Places


class NotComparable(Exception):
    """What stands there cannot be read as a whole; one plain sentence says why."""


def generation_against(name: str, texts: Mapping[str, str], proven: Proven) -> Diffed:
    """``texts`` are the router's files as they stand there, by path. Raises NotComparable."""
    from bailiwick.dataplane.linux import read_tree  # noqa: PLC0415
    from bailiwick.dataplane.linux.tree import rules  # noqa: PLC0415
    from bailiwick.dataplane.unreadable import Unreadable  # noqa: PLC0415
    from bailiwick.proof.comparison import Side  # noqa: PLC0415
    from bailiwick.proof.places import find_places  # noqa: PLC0415

    try:
        listing = nft_listing(rules(texts))
        device = read_tree(texts, listing.ruleset, proven.device.name, listing.places)
    except (NftRefused, NftMissing, Unreadable) as error:
        raise NotComparable(f"{name} cannot be read ({error}).") from error
    places = find_places(proven.checked.read.network, device)
    return _diffed(name, Side(device, places), texts, proven)


def live_against(name: str, listing: Mapping[str, str], proven: Proven) -> Diffed:
    """``listing`` is what the device's own tools print, name to text, as ``audit`` takes it. Raises NotComparable.

    An interface stands for what it will stand for: the card of the zone ``lan`` is the zone ``lan``, whatever it was.
    """
    from bailiwick.proof.comparison import Side  # noqa: PLC0415
    from bailiwick.proof.places import Places  # noqa: PLC0415
    from bailiwick.workflow.devices import NftMissing, Unusable, load  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="bailiwick-") as directory:
        paths = [Path(directory) / one.replace("/", "-") for one in sorted(listing)]
        for path, one in zip(paths, sorted(listing), strict=True):
            path.write_text(listing[one], encoding="utf-8")
        try:
            loaded = load(_known(paths))
        except (Unusable, NftMissing, OSError) as error:
            words = str(error).replace(f"{directory}/", "")
            raise NotComparable(f"{name} cannot be read ({words.rstrip('.')}).") from error
    if len(loaded) != 1:
        raise NotComparable(f"{name} cannot be read: it tells of {len(loaded)} devices.")
    device = loaded[0].device
    own = {interface: place for interface, place in _places(proven).items() if interface in device.interfaces}
    texts = {f"{directory}/{one}": text for one, text in listing.items()}
    return _diffed(name, Side(device, Places(own, ())), texts, proven)


def _known(paths: list[Path]) -> list[Path]:
    """Those that say something: an empty list of routes is no configuration, and sysctls are read by nobody here."""
    from bailiwick.workflow.recognition import recognise  # noqa: PLC0415

    return [path for path in paths if recognise(path.read_text(encoding="utf-8")) is not None]


def _places(proven: Proven) -> Mapping[str, str]:
    places: Places = proven.proof.places
    return places.by_interface


def _diffed(name: str, old: Side, texts: Mapping[str, str], proven: Proven) -> Diffed:
    from bailiwick.dataplane.symbolic.interfaces import TooMany  # noqa: PLC0415
    from bailiwick.proof.comparison import Side, compare  # noqa: PLC0415

    new = Side(proven.device, proven.proof.places, proven.checked.intent)
    try:
        comparison = compare(old, new)
    except TooMany as error:
        raise NotComparable(f"{name} and the new files have {error}: more than can be told apart.") from error
    sources = proven.checked.read.document.sources
    return Diffed(State(name, old, texts, {}), State("the home file", new, proven.texts, sources), comparison)
