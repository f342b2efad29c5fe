"""Packets between two places in few words: "udp/40000-49999", "from 192.168.40.7 to 192.168.20.5: tcp/445"."""

from __future__ import annotations

from collections.abc import Iterator

from bailiwick.network.special import PUBLIC
from bailiwick.packets import header
from bailiwick.packets.interval import IntervalSet
from bailiwick.packets.packet import ICMP, TCP, UDP
from bailiwick.packets.possible import loosened
from bailiwick.packets.region import Box, Region
from bailiwick.packets.region_wording import addresses
from bailiwick.packets.wording import numbers
from bailiwick.proof.universe import Universe

SERVICE = (header.PROTOCOL, header.DESTINATION_PORT, header.ICMP_TYPE)
FIELDS = (header.SOURCE, header.DESTINATION, *SERVICE)
_EVERY = IntervalSet.span(0, 255)
_NAMES = {ICMP: "icmp", TCP: "tcp", UDP: "udp"}


def spoken(universe: Universe, region: Region, ingress: str, egress: str, limit: int) -> tuple[str, ...]:
    """A line for each of a few boxes; "…" where there are more. A whole zone, or all of the internet, goes unsaid."""
    if short := _all_but(universe, region, ingress, egress):
        return (short,)
    grouped: dict[str, list[str]] = {}
    lines = 0
    for box in loosened(universe.space, region).boxes(FIELDS, limit=4 * limit):
        grouped.setdefault(_sides(universe, box, ingress, egress), []).append(_service(box))
        lines += 1
    said = [_line(sides, services) for sides, services in grouped.items()]
    return (*said[:limit], "…") if len(said) > limit or lines == 4 * limit else tuple(said)


def _all_but(universe: Universe, region: Region, ingress: str, egress: str) -> str:
    """ "any but tcp,udp/53", where that is shorter and holds for all whom the region is about."""
    others = [field for field in universe.space.widths if field not in SERVICE]
    services = region.without(*others)
    rest = loosened(universe.space, universe.possible.without(*others) - services)
    boxes = list(rest.boxes(SERVICE, limit=4))
    if not boxes or len(boxes) >= len(list(loosened(universe.space, services).boxes(SERVICE, limit=4))):
        return ""
    sides = list(region.boxes((header.SOURCE, header.DESTINATION), limit=2))
    if len(sides) != 1 or services & region.without(*SERVICE) & universe.possible != region & universe.possible:
        return ""
    return _line(_sides(universe, sides[0], ingress, egress), [f"any but {', '.join(map(_service, boxes))}"])


def _line(sides: str, services: list[str]) -> str:
    together = ", ".join(dict.fromkeys(services))
    return f"{sides}: {together}" if sides else together


def _sides(universe: Universe, box: Box, ingress: str, egress: str) -> str:
    words = []
    for field, place, word in ((header.SOURCE, ingress, "from"), (header.DESTINATION, egress, "to")):
        values = box.get(field)
        if values is not None and not values.covers(_usual(universe, place)):
            words.append(f"{word} {addresses(values, universe.space.widths[field])}")
    return " ".join(words)


def _usual(universe: Universe, place: str) -> IntervalSet:
    """Who is there: a zone's subnet but for the device's own address and the broadcast one; else the internet."""
    own = universe.pipeline.routes().addresses
    found = []
    for name in universe.places.interfaces(place):
        interface = universe.pipeline.device.interfaces.get(name)
        for address in interface.addresses if interface else ():
            if address.version == 4:
                found.append(IntervalSet.networks([address.network]))
    if place.startswith("zone:") and found:
        return IntervalSet.union(found) - own.local - own.shared
    return PUBLIC - own.subnets


def _service(box: Box) -> str:
    protocols = box.get(header.PROTOCOL, _EVERY)
    others = _EVERY - protocols
    if others.size() < protocols.size():
        word = "any" if not others else f"any but {', '.join(_protocols(others))}"
    else:
        word = ",".join(_protocols(protocols))
    if header.DESTINATION_PORT in box:
        word += f"/{numbers(box[header.DESTINATION_PORT])}"
    if header.ICMP_TYPE in box:
        word += f" type {numbers(box[header.ICMP_TYPE])}"
    return word


def _protocols(values: IntervalSet) -> Iterator[str]:
    for first, last in values.spans:
        if first == last:
            yield _NAMES.get(first, f"protocol {first}")
        else:
            yield f"protocols {first}-{last}"
