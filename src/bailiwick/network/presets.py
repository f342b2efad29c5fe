"""Presets: ready-made settings and sentences for the zones that most homes have. What a zone says itself wins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bailiwick.language import schema
from bailiwick.language.sentence import Name, Sentence, Side
from bailiwick.language.span import Span
from bailiwick.network.findings import Findings


@dataclass(frozen=True, slots=True)
class Setting:
    """Defaults of a zone, and its sentences as (target, services); a target ``*`` is every other zone."""

    isolate: bool = False
    force_dns: bool = False
    sentences: tuple[tuple[str, tuple[str, ...]], ...] = ()


NO_PRESET = Setting()

PRESETS = {
    # Visitors: the internet and nothing else, not even each other; their DNS questions are ours to answer.
    schema.Preset.GUEST: Setting(isolate=True, force_dns=True, sentences=(("internet", ("any",)),)),
    # Gear that nobody trusts: what its clouds usually need, and no talk among themselves.
    schema.Preset.IOT: Setting(
        isolate=True, force_dns=True, sentences=(("internet", ("web", "quic", "ntp", "mqtts")),)
    ),
    # Machines that face the public: updates and the time; whatever else they may open has to be said.
    schema.Preset.DMZ: Setting(sentences=(("internet", ("web", "ntp")),)),
    # Where the home is managed from: the router and every machine, by the services of administration.
    schema.Preset.MGMT: Setting(
        sentences=(("router", ("ssh", "icmp")), ("*", ("ssh", "https", "icmp")), ("internet", ("web", "ntp")))
    ),
}


def settings(preset: schema.Preset | None) -> Setting:
    """What a zone with this preset, or with none, starts from."""
    return PRESETS[preset] if preset else NO_PRESET


def sentences(home: schema.Home, findings: Findings) -> Iterator[tuple[str, Sentence]]:
    """The sentences of every zone's preset with their origin (``preset:guest``), placed at the preset's value."""
    for name, zone in home.zones.items():
        if not zone.preset:
            continue
        span = findings.spans.value("zones", name, "preset")
        for target, services in settings(zone.preset).sentences:
            others = tuple(other for other in home.zones if other != name)
            targets = others if target == "*" else (target,)
            if targets:
                yield f"preset:{zone.preset}", _sentence((name,), targets, services, span)


def _sentence(sources: tuple[str, ...], targets: tuple[str, ...], services: tuple[str, ...], span: Span) -> Sentence:
    def side(names: tuple[str, ...]) -> Side:
        return Side(tuple(Name(n, span) for n in names))

    return Sentence(side(sources), side(targets), side(services), span)
