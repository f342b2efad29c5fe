"""A router's configuration to a first home file, which is then compiled and held against the original."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bailiwick.adopt import Adopted, Facts, NoHome, adopt
from bailiwick.adopt.ending import ending, uncompiled
from bailiwick.dataplane.model import Device
from bailiwick.intent.meant import Meant
from bailiwick.language.diagnostic import Diagnostic, Problems
from bailiwick.network.model import Network, Place
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.names import Names
from bailiwick.packets.space import Cube, PacketSet
from bailiwick.proof.audit.zones import BadZone, find_zones
from bailiwick.workflow.checking import check_read
from bailiwick.workflow.devices import Loaded, NftMissing, Unusable, load
from bailiwick.workflow.proving import Proven, prove_home
from bailiwick.workflow.reading import read_text

if TYPE_CHECKING:
    from bailiwick.proof.comparison import Comparison, Side
    from bailiwick.proof.entrances import Entrance

__all__ = ["Adoption", "BadZone", "NftMissing", "NoHome", "Unusable", "adopt_files", "compared", "entered"]


@dataclass(frozen=True)
class Adoption:
    """``text`` is the home file, with the differences at its end.

    ``comparison`` is of the packets that a sentence can speak of, ``kept`` of those that every home file shuts out
    (forged sources, private destinations on the internet, interfaces that nobody named). Where the text does not
    compile (``problems``) there is neither. ``warnings`` are what is odd about the text. ``before`` and ``after`` are
    the written files of either side.
    """

    text: str
    adopted: Adopted
    comparison: Comparison | None
    kept: Comparison | None
    problems: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    doors: tuple[Entrance, ...] = ()
    """What is sent to an uplink's address and comes in on one side alone."""

    @property
    def same(self) -> bool:
        """The file means what the router does, for every new connection."""
        return not self.doors and all(one is not None and one.same for one in (self.comparison, self.kept))


def adopt_files(
    paths: Sequence[Path],
    name: str,
    today: date,
    zones: tuple[tuple[str, str], ...] = (),
    outside: tuple[str, ...] = (),
) -> Adoption:
    """``name`` is what the home file will be called; ``zones`` and ``outside`` are as ``audit`` takes them.

    Nothing is written. Raises Unusable, BadZone, NoHome, NftMissing, OSError.
    """
    devices = load(paths)
    if len(devices) != 1:
        raise Unusable(f"The files tell of {len(devices)} devices: adopt one router at a time.")
    loaded = devices[0]
    found = find_zones(loaded.device, zones, outside)
    adopted = adopt(loaded.device, loaded.syntax, found, _facts(loaded), loaded.guessed)
    before = {str(path): path.read_text("utf-8", "replace") for path in paths if path.is_file()}
    try:
        read = read_text(name, adopted.text, today)
        proven = prove_home(check_read(read))
    except Problems as problems:
        found_ = tuple(problems.diagnostics)
        return Adoption(adopted.text + uncompiled(found_), adopted, None, None, found_, before=before)
    comparison, kept = compared(adopted, proven)
    doors = entered(adopted, proven)
    text = adopted.text + ending(comparison, kept, doors)
    return Adoption(text, adopted, comparison, kept, (), read.warnings, before, proven.texts, doors)


def _facts(loaded: Loaded) -> Facts:
    if loaded.syntax != "routeros":
        from bailiwick.adopt.listing_facts import listing_facts  # noqa: PLC0415 - of this form alone

        return listing_facts(loaded.device, [tally for _, tally in loaded.files])
    from bailiwick.adopt.routeros_facts import read_facts  # noqa: PLC0415 - of this form alone

    name, tally = loaded.files[0]
    return read_facts(Path(name).read_text("utf-8", "replace"), name, tally)


def compared(adopted: Adopted, proven: Proven) -> tuple[Comparison, Comparison]:
    """The packets that a sentence can speak of, and those that every home file shuts out: before and after."""
    from bailiwick.proof.comparison import compare  # noqa: PLC0415

    intent = proven.checked.intent
    old, new = _sides(adopted, proven)
    shut = _shut(intent.network, intent.hygiene)
    return compare(old, new, besides=shut), compare(old, new, among=shut)


def entered(adopted: Adopted, proven: Proven) -> tuple[Entrance, ...]:
    """Doors as they are knocked at, which the filter does not see."""
    from bailiwick.proof.entrances import entrances  # noqa: PLC0415

    return entrances(*_sides(adopted, proven))


def _sides(adopted: Adopted, proven: Proven) -> tuple[Side, Side]:
    from bailiwick.proof.comparison import Side  # noqa: PLC0415
    from bailiwick.proof.places import Places  # noqa: PLC0415

    intent = proven.checked.intent
    old = Side(adopted.device, Places(adopted.places, ()))
    return old, Side(_tunnelled(proven.device, intent.network), proven.proof.places, intent)


def _tunnelled(device: Device, network: Network) -> Device:
    """With the addresses of tunnels that other programs bring up: the files leave them to those."""
    own = {uplink.port: uplink.address for uplink in network.uplinks.values() if uplink.tunnel and uplink.address}
    interfaces = {
        name: replace(one, addresses=(own[name],), dynamic=False) if name in own else one
        for name, one in device.interfaces.items()
    }
    return replace(device, interfaces=interfaces)


def _shut(network: Network, hygiene: Iterable[Meant]) -> PacketSet:
    """What no sentence opens: what hygiene forbids, unknown interfaces, what a tunnel brings, a zone to itself
    and an uplink to an uplink."""
    tunnels = Names.of(*(uplink.id for uplink in network.uplinks.values() if uplink.tunnel))
    zones = Names.of(*(zone.id for zone in network.zones.values()))
    own = (Cube(Names.of(zone.id), Names.of(zone.id), translated=False) for zone in network.zones.values())
    nobody = Cube(zones, sources=IntervalSet.single(0))
    uplinks = Names.of(*(uplink.id for uplink in network.uplinks.values()))
    passing = Cube(uplinks, uplinks)
    cubes = (passing, Cube(Names.of(Place.UNKNOWN)), Cube(egress=Names.of(Place.UNKNOWN)), Cube(tunnels), nobody, *own)
    return PacketSet.union((PacketSet(cubes), *(one.packets for one in hygiene)))
