"""Sentences to permissions: names looked up on both sides, and what no sentence can mean refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from bailiwick.language.sentence import Name, Sentence, Side
from bailiwick.language.span import Span
from bailiwick.network.areas import beyond
from bailiwick.network.model import Party, Permission, Place
from bailiwick.network.parties import Parties
from bailiwick.network.services import Services


@dataclass(slots=True)
class Sentences:
    """Resolves sentences of the policy, of presets and of ``tests``; the same words twice are refused."""

    parties: Parties
    services: Services
    today: date
    _seen: dict[str, Span] = field(default_factory=dict)

    def policy(self, sentences: Iterable[Sentence], presets: Iterable[tuple[str, Sentence]]) -> tuple[Permission, ...]:
        """In the file's order, presets after. What the policy says itself, a preset need not say again."""
        said = [self._resolve(sentence, "policy", "policy") for sentence in sentences]
        for origin, sentence in presets:
            if f"policy:{words(sentence)}" not in self._seen:
                said.append(self._resolve(sentence, origin, "preset"))
        return tuple(permission for permission in said if permission)

    def tests(self, sentences: Iterable[Sentence], verdict: str) -> tuple[Permission, ...]:
        """``verdict`` is "deny" or "accept", and starts the ids."""
        said = (self._resolve(sentence, "test", verdict) for sentence in sentences)
        return tuple(permission for permission in said if permission)

    def _resolve(self, sentence: Sentence, origin: str, prefix: str) -> Permission | None:
        id = f"{prefix}:{words(sentence)}"
        fresh = self._fresh(id, sentence)
        source = self.parties.source(sentence.source)
        target = self.parties.target(sentence.target)
        services = self.services.of(sentence.services)
        if not (fresh and source and target and services and self._means_something(sentence, source, target, origin)):
            return None
        if sentence.expires and sentence.expires < self.today:
            self.parties.areas.draft.findings.warn(
                "expired",
                f"`{sentence}` expired on {sentence.expires} and is left out.",
                sentence.span,
                "remove the line, or give it a later date",
            )
            return None
        return Permission(
            id=id,
            span=sentence.span,
            source=source,
            target=target,
            matches=services[0],
            but=services[1],
            log=sentence.log,
            expires=sentence.expires,
            comment=sentence.comment,
            origin=origin,
        )

    def _fresh(self, id: str, sentence: Sentence) -> bool:
        first = self._seen.setdefault(id, sentence.span)
        if first == sentence.span:
            return True
        self.parties.areas.draft.findings.error(
            "duplicate-sentence",
            f"`{sentence}` stands here twice.",
            sentence.span,
            "keep one of them",
            [(first, "the first")],
        )
        return False

    def _means_something(self, sentence: Sentence, source: Party, target: Party, origin: str) -> bool:
        froms = [extent.place for extent in source.extents]
        tos = [extent.place for extent in target.extents]
        if all(a == b for a in froms for b in tos):
            self.parties.areas.draft.findings.error(
                "same-place",
                f"`{sentence}` stays within one place: such traffic never passes the router's filter.",
                sentence.span,
                "name another zone; whether clients of one zone may meet is the zone's `isolate`",
            )
            return False
        return origin == "test" or self._may_be_accepted(sentence, froms, tos)

    def _may_be_accepted(self, sentence: Sentence, froms: list[str], tos: list[str]) -> bool:
        """What may stand in a test, and yet cannot be asked for."""
        if Place.ROUTER in froms:
            self.parties.areas.draft.findings.error(
                "router-source",
                "The router needs no permission: it may open connections to every zone and uplink.",
                sentence.span,
                "remove the line, or `router` from it",
            )
            return False
        if not any(beyond(place) for place in froms):
            return True
        tunnels = {uplink.id: uplink.name for uplink in self.parties.areas.draft.uplinks.values() if uplink.tunnel}
        if named := [tunnels[place] for place in froms if place in tunnels]:
            self.parties.areas.draft.findings.error(
                "tunnel-source",
                f"Nothing comes in by the tunnel `{named[0]}`: it is a way out alone.",
                sentence.span,
                "remove it from the sentence; what is open to `outside` is open on the uplinks that are no tunnel",
            )
            return False
        zones = [place.removeprefix("zone:") for place in tos if place.startswith("zone:")]
        if zones:
            self.parties.areas.draft.findings.error(
                "outside-needs-forward",
                f"Nothing from outside reaches zone `{zones[0]}` without a door: behind the router's one address a "
                "packet has to be sent on to some host.",
                sentence.span,
                "write it under `forward:`, as `web: {service: https, to: HOST}`, with `from:` a group if need be",
            )
            return False
        if any(place == Place.INTERNET or beyond(place) for place in tos):
            self.parties.areas.draft.findings.error(
                "transit",
                "The home does not carry traffic from outside to outside.",
                sentence.span,
                "remove the line",
            )
            return False
        return True


def words(sentence: Sentence) -> str:
    """The sentence's words, sorted and stripped: what its id is made of."""
    return f"{_side(sentence.source)}->{_side(sentence.target)}:{_side(sentence.services)}"


def _side(side: Side) -> str:
    def names(found: tuple[Name, ...]) -> str:
        return ",".join(sorted({name.text for name in found}))

    return f"{names(side.names)} except {names(side.excepts)}" if side.excepts else names(side.names)
