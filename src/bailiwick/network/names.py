"""The names of a home and what each is. One name means one thing, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bailiwick.language import schema
from bailiwick.language.guess import did_you_mean
from bailiwick.network.findings import Findings

KEYWORDS = {
    "router": "the router itself",
    "internet": "what lies beyond an uplink",
    "outside": "whatever enters by no zone",
    "modem": "the page of an uplink's modem",
    "any": "every service",
    "all": "every zone",
}

FEW = 5
"""As many names as a message can list."""

SECTIONS = {"uplinks": "uplink", "zones": "zone", "hosts": "host", "devices": "device", "groups": "group"}


@dataclass(frozen=True, slots=True)
class Names:
    """Every declared name and its kind, whether or not the thing itself could be resolved."""

    kinds: dict[str, str]

    def of(self, *kinds: str) -> Iterator[str]:
        return (name for name, kind in self.kinds.items() if kind in kinds)

    def is_kind(self, name: str, *kinds: str) -> bool:
        return self.kinds.get(name) in kinds

    def suggest(self, name: str, kinds: Iterable[str], also: Iterable[str] = ()) -> str:
        """A "did you mean"; where nothing is near and there is little to choose from, the whole choice."""
        known = [*self.of(*kinds)]
        near = did_you_mean(name, [*known, *also])
        few = known if len(known) <= FEW else []
        return near or ("the home has " + ", ".join(f"`{k}`" for k in few) if few else "")


def gather(home: schema.Home, findings: Findings) -> Names:
    """Refuses keywords and second uses of a name; the first use stands."""
    kinds: dict[str, str] = {}
    sections: dict[str, str] = {}
    for section, kind in SECTIONS.items():
        for name in getattr(home, section):
            span = findings.spans.key(section, name)
            if name in KEYWORDS and not (name == "router" and kind == "host" and home.hosts[name].router):
                findings.error(
                    "reserved-name",
                    f"No {kind} can be called `{name}`: the word means {KEYWORDS[name]}.",
                    span,
                    f"choose another name, as `{name}-1`",
                )
            elif name in kinds:
                findings.error(
                    "duplicate-name",
                    f"`{name}` is already the name of a {kinds[name]}.",
                    span,
                    "sentences know things by their names alone: give each its own",
                    [(findings.spans.key(sections[name], name), f"the {kinds[name]}")],
                )
            else:
                kinds[name], sections[name] = kind, section
    return Names(kinds)
