"""From where a packet was seen to its fate."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address

from bailiwick.claims.wording import place_words
from bailiwick.network.model import Place
from bailiwick.twin.layout import ROUTER, Layout
from bailiwick.twin.result import Check, Fate, Observation, Wrong, agree
from bailiwick.twin.script import Probe, Sighting


def _places(layout: Layout) -> dict[str, str]:
    return {station.name: station.place for station in layout.stations} | {ROUTER: Place.ROUTER}


def source_expected(probe: Probe, place: str, layout: Layout) -> IPv4Address:
    """What leaves by an uplink bears the uplink's address; what a hairpin brings back into its own zone bears the
    gateway's, or the answer would not pass the router. Between zones nothing is hidden."""
    if place.startswith("uplink:"):
        return layout.line(place).address.ip
    if place == probe.packet.ingress:
        gateway = next((station.gateway for station in layout.at(place)), None)
        return gateway or probe.packet.source
    return probe.packet.source


def _strayed(probe: Probe, sighting: Sighting, layout: Layout) -> tuple[Wrong, str]:
    """In what it is not as it was meant, with a sentence on where; nothing, of one that came out rightly."""
    if not sighting.places:
        return Wrong.NOTHING, ""
    places = _places(layout)
    wanted = probe.packet.egress
    for station, source, destination, port in sighting.places:
        place = places[station]
        where = f"seen at {place} by {station}, from {source} to {destination}"
        if place != wanted:
            return Wrong.PLACE, where
        if place != Place.ROUTER and destination != probe.packet.destination:
            return Wrong.DESTINATION, f"{where}, not to {probe.packet.destination}"
        if place != Place.ROUTER and port != probe.packet.destination_port:
            return Wrong.DESTINATION, f"{where} port {port}, not {probe.packet.destination_port}"
        if source != source_expected(probe, place, layout):
            return Wrong.SOURCE, f"{where}, not from {source_expected(probe, place, layout)}"
    return Wrong.NOTHING, ""


def fate(probe: Probe, sighting: Sighting, layout: Layout) -> tuple[Fate, str]:
    """The fate of one probe, and one sentence on where it was seen."""
    return _fate(sighting, *_strayed(probe, sighting, layout))


def _fate(sighting: Sighting, wrong: Wrong, where: str) -> tuple[Fate, str]:
    if wrong:
        return Fate.STRAYED, where
    if sighting.places:
        station, source, destination, _ = sighting.places[0]
        return Fate.ARRIVED, f"seen by {station}, from {source} to {destination}"
    if sighting.refused:
        return Fate.REFUSED, "the sender was told that it is prohibited"
    if sighting.unseen:
        return Fate.LOST, "not seen to enter the router"
    return Fate.DROPPED, sighting.error or "entered the router, seen nowhere else"


def surprising(probe: Probe, sighting: Sighting, layout: Layout) -> bool:
    """Whether it is worth trying again."""
    return not agree(probe.expected, fate(probe, sighting, layout)[0])


def refusals_told(observations: Iterable[Observation]) -> tuple[Check, ...]:
    """Two checks for each place whose refusals are answered, one for each hook: the kernel may leave one out, but
    never all of them."""
    fates: dict[tuple[str, str], list[Fate]] = {}
    for one in observations:
        if one.expected is Fate.REFUSED:
            towards = "the router" if one.packet.egress == Place.ROUTER else "others"
            fates.setdefault((one.packet.ingress, towards), []).append(one.seen)
    return tuple(
        Check(
            f"refusals told to {place_words(place)}, of packets for {towards}",
            "some",
            f"{seen.count(Fate.REFUSED)} of {len(seen)}",
            Fate.REFUSED in seen,
        )
        for (place, towards), seen in fates.items()
    )


def observation(probe: Probe, sighting: Sighting, layout: Layout) -> Observation:
    """One probe's fate beside the one that was meant."""
    wrong, where = _strayed(probe, sighting, layout)
    seen, detail = _fate(sighting, wrong, where)
    places = _places(layout) if sighting.places else {}
    same = probe.destination == probe.packet.destination and probe.port == probe.packet.destination_port
    return Observation(
        packet=probe.packet,
        row=probe.row,
        column=probe.column,
        expected=probe.expected,
        seen=seen,
        detail=detail,
        claims=probe.claims,
        serial=probe.serial,
        station=probe.station,
        places=tuple(dict.fromkeys(places[station] for station, *_ in sighting.places)),
        wrong=wrong,
        sent_to="" if same else f"{probe.destination}:{probe.port}" if probe.port else str(probe.destination),
    )
