"""Services: their names to what they look like on the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bailiwick.language.guess import did_you_mean
from bailiwick.language.sentence import Name, Side
from bailiwick.network.catalogue import ANY, CATALOGUE, PROTOCOLS
from bailiwick.network.draft import Draft
from bailiwick.network.inline_services import Unmatched, inline
from bailiwick.network.matches import distinct, subtract
from bailiwick.network.model import Match
from bailiwick.network.nesting import unroll

FORMS = "a service's name, `tcp/8080`, `udp/5000-5010`, `icmp/echo-request`, a protocol (`esp`) or `proto/50`"


_PORT = re.compile(r"(?P<port>\d+(?:-\d+)?)")
_PORT_WITH = re.compile(
    r"(?:(?P<before>tcp|udp)[:.]?)?(?P<port>\d+(?:-\d+)?)(?:[/:.]?(?P<after>tcp|udp))?", re.IGNORECASE
)
_REFUSALS = frozenset({"deny", "drop", "block", "reject", "none"})
_EVERYTHING = frozenset({"all", "everything", "*"})


def _meant(text: str) -> str:
    """Help for how other tools write services."""
    if _PORT.fullmatch(text):
        return f"write `tcp/{text}` or `udp/{text}`"
    found = _PORT_WITH.fullmatch(text)
    if found and (found["before"] is None) != (found["after"] is None):
        return f"write `{(found['before'] or found['after']).lower()}/{found['port']}`"
    if text.lower() in _EVERYTHING:
        return f"write `{ANY}`"
    if text.lower() in _REFUSALS:
        return "a policy only accepts, and all else is dropped: leave the line out"
    if "," in text:
        return "name them together under `services:`, as `web-mail: [web, imaps]`, and write that name here"
    return ""


@dataclass(slots=True)
class Services:
    """Looks services up, each once. ``used`` gathers the home's own that something asked for."""

    draft: Draft
    used: set[str] = field(default_factory=set)
    _own: dict[str, tuple[Match, ...]] = field(default_factory=dict)
    _sides: dict[str, tuple[tuple[Match, ...], tuple[Match, ...]] | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Resolves the home's own services; refuses names that already mean something, and circles."""
        for name in self.draft.home.services:
            span = self.draft.findings.spans.key("services", name)
            if name in CATALOGUE or name in PROTOCOLS or name in {ANY, "proto"}:
                means = ", ".join(CATALOGUE.get(name, ("every service",) if name == ANY else ("a protocol",)))
                self.draft.findings.error(
                    "service-shadows",
                    f"`{name}` already names a service ({means}).",
                    span,
                    f"choose another name, as `{name}-own`, or use the service that is there",
                )
        order, circles = unroll(self.draft.home.services)
        for circle in circles:
            self.draft.findings.error(
                "service-cycle",
                f"Service `{circle[0]}` is made of itself: {' > '.join(circle)}.",
                self.draft.findings.spans.key("services", circle[-2]),
                "write its ports out once",
            )
        for name in order:
            parts = enumerate(self.draft.home.services[name])
            found = [self.find(Name(part, self.draft.findings.spans.value("services", name, i))) for i, part in parts]
            self._own[name] = distinct(match for matches in found for match in matches or ())

    def find(self, name: Name) -> tuple[Match, ...] | None:
        """What a word after the colon means; None when it means nothing, which has then been said."""
        text = name.text
        if text in self.draft.home.services:
            self.used.add(text)
            return self._own.get(text)
        if text == ANY:
            return (Match(),)
        if text in CATALOGUE:
            return tuple(match for part in CATALOGUE[text] for match in self.find(Name(part, name.span)) or ())
        try:
            return (inline(text),)
        except Unmatched as why:
            known = [*CATALOGUE, *self.draft.home.services, *PROTOCOLS, ANY]
            kind = self.draft.names.kinds.get(text)
            help = f"`{text}` is a {kind}; after the colon stand services" if kind else _meant(text)
            help = help or did_you_mean(text, known)
            self.draft.findings.error("unknown-service", f"{why}.", name.span, help or f"write {FORMS}")
            return None

    def of(self, side: Side) -> tuple[tuple[Match, ...], tuple[Match, ...]] | None:
        """A sentence's services and what is excepted from them; None when some could not be found."""
        words = str(side)
        if words not in self._sides or self._sides[words] is None:
            self._sides[words] = self._of(side)
        return self._sides[words]

    def _of(self, side: Side) -> tuple[tuple[Match, ...], tuple[Match, ...]] | None:
        matches = [self.find(name) for name in side.names]
        excepted = [self.find(name) for name in side.excepts]
        if None in matches or None in excepted:
            return None
        wanted = distinct(match for found in matches for match in found or ())
        but = distinct(match for found in excepted for match in found or ())
        if but and not subtract(wanted, but):
            self.draft.findings.error(
                "except-everything", f"`{side}` leaves no service.", side.excepts[0].span, "take out less"
            )
            return None
        for name, found in zip(side.excepts, excepted, strict=True):
            if found and subtract(wanted, found) == subtract(wanted, ()):
                self.draft.findings.warn(
                    "except-nothing",
                    f"`{name.text}` is not among the services before `except`.",
                    name.span,
                    "it takes nothing away: remove it, or see whether another was meant",
                )
        return wanted, but
