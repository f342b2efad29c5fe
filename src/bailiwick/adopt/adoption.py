"""The one call: a device and what is told beside it, to a draft and its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bailiwick.adopt.accepted import MODEM, Filter
from bailiwick.adopt.doors import doors
from bailiwick.adopt.facts import Facts, Left
from bailiwick.adopt.layout import Layout, lay_out
from bailiwick.adopt.naming import Taken, slug
from bailiwick.adopt.nouns import Nouns
from bailiwick.adopt.sentences import policy
from bailiwick.adopt.writing import Draft, written
from bailiwick.dataplane.model import Device
from bailiwick.proof.audit.view import View
from bailiwick.proof.audit.zones import Zones


class NoHome(ValueError):
    """Nothing that a home file needs can be told from the files; one sentence says what is missing."""


@dataclass(frozen=True)
class Adopted:
    """``places`` says what each interface of the device stands for, in the words of ``text``, the home file.

    ``device`` is the one that was given, with addresses that others give as symbols: a lease of today is none of
    tomorrow. ``left`` are the lines that it cannot say; they stand in the text as comments.
    """

    text: str
    device: Device
    places: Mapping[str, str]
    left: tuple[Left, ...]


def adopt(device: Device, syntax: str, zones: Zones, facts: Facts, guessed: bool = False) -> Adopted:
    """Pure. ``syntax`` and ``guessed`` are as ``audit`` takes them. Raises NoHome."""
    taken = Taken()
    layout = lay_out(device, zones, facts, taken)
    if not layout.zones:
        raise NoHome("No interface inside has an IPv4 subnet: give what `ip addr` prints beside the rules.")
    if not any(uplink.how != "tunnel" for uplink in layout.uplinks):
        raise NoHome("No interface that leads outside can be told: give what `ip addr` and `ip route` print.")
    device = _unleased(device, layout)
    view = View(device, 4, zones, syntax, guessed)
    filter_ = Filter(view, layout)
    nouns = Nouns(layout, facts, taken)
    accepted = tuple(filter_.all())
    if not any(one.target == MODEM for one in accepted):
        # Whoever names a modem opens the way between it and the router, so it stays unnamed where nobody may go there.
        layout = replace(layout, uplinks=tuple(replace(uplink, modem=None) for uplink in layout.uplinks))
    sentences = tuple(policy(accepted, nouns))
    routed = tuple(_routes(filter_, layout, nouns))
    found = doors(device, layout, filter_, nouns)
    left = (*layout.left, *found.left, *_tangled(filter_), *facts.left)
    draft = Draft(_name(facts), facts, layout, nouns, sentences, routed, found, left)
    return Adopted(written(draft), device, layout.places, left)


def _unleased(device: Device, layout: Layout) -> Device:
    """Without the addresses that the provider gave for now, and the routes to the networks that they are in."""
    interfaces, gone = dict(device.interfaces), set()
    for uplink in layout.exits:
        if uplink.how != "static":
            one = interfaces[uplink.interface]
            gone |= {(one.name, address.network) for address in one.addresses}
            interfaces[one.name] = replace(one, addresses=(), dynamic=True)
    routes = tuple(route for route in device.routing.routes if (route.interface, route.prefix) not in gone)
    return replace(device, interfaces=interfaces, routing=replace(device.routing, routes=routes))


def _name(facts: Facts) -> str:
    return slug(facts.name) or "home"


def _tangled(filter_: Filter) -> list[Left]:
    why = "it is in too many pieces to be said in sentences; what everybody may is said"
    return [Left("policy", 0, way, why) for way in filter_.tangled]


def _routes(filter_: Filter, layout: Layout, nouns: Nouns) -> list[tuple[str, str]]:
    """Who leaves by a tunnel alone, and by which."""
    return [
        (name, uplink.name)
        for zone in layout.zones
        for uplink, sources in filter_.routed(zone)
        for name in nouns.say(sources)
    ]
