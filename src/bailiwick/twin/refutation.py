"""Why a packet went otherwise than meant: the line of a rendered file to look at, and the lines that asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bailiwick.claims.claim import Claim, Evidence, Outcome
from bailiwick.claims.wording import place_words
from bailiwick.dataplane.interpreter import End, Walk
from bailiwick.dataplane.linux import GUARD
from bailiwick.dataplane.tally import Line
from bailiwick.language.span import Span
from bailiwick.network.model import Place
from bailiwick.targets.artifact import Tree
from bailiwick.twin.foretelling import Foreteller, Stop, path_of
from bailiwick.twin.result import Fate, Followed, Observation, Refutation, Wrong
from bailiwick.twin.script import Probe

SETTINGS = {"the device does not forward": "ip_forward", "rp_filter": "rp_filter"}
"""What a packet that was not routed hangs on: the setting, as the files name it."""

NOT_AGAIN = "seen while an uplink was away, and not sent again"
REFUSED = re.compile(r"/dev/stdin:(\d+):\d+-\d+: Error: (.*)")
"""What nft says of a text that it was given."""


@dataclass(frozen=True, slots=True)
class Blame:
    """``lines`` of rendered files, the likeliest first; ``why`` is one plain sentence."""

    lines: tuple[Line, ...]
    why: str


def blamed(foreteller: Foreteller, probe: Probe, seen: Observation, took: Sequence[Stop] | None) -> Blame:
    """Where to look. What the files say is told apart from what the kernel made of it."""
    walk = foreteller.walk(probe)
    foretold = path_of(walk)
    if took is not None and tuple(took) != foretold:
        return _parted(foreteller, foretold, took)
    place, by = foreteller.routed(walk)
    if place != probe.packet.egress and seen.wrong is not Wrong.DESTINATION:
        return _astray(foreteller, probe, walk, place, by)
    if seen.wrong is Wrong.SOURCE:
        return _last(walk, "postrouting", "source NAT")
    if seen.wrong is Wrong.DESTINATION:
        return _last(walk, "output" if probe.packet.ingress == Place.ROUTER else "prerouting", "destination NAT")
    if walk.end is End.UNROUTABLE:
        return Blame(_setting(foreteller, walk) or _some(walk.decided), f"not routed: {walk.reason}")
    if walk.accepted and seen.seen in (Fate.DROPPED, Fate.REFUSED):
        return Blame(_some(walk.decided), "every rule lets it pass, and it comes out nowhere")
    verb = "lets it pass" if walk.accepted else "drops it"
    what = "policy of the chain" if walk.by is not None and walk.by.rule is None else "rule"
    return Blame(_some(walk.decided), f"the {what} written there {verb}")


def unread(tree: Tree, error: str) -> tuple[tuple[Line, ...], str]:
    """The lines that nft refuses, and what it says: nothing of the file is then loaded."""
    whole = [
        Line(artifact.path, number, text.strip())
        for artifact in tree.artifacts
        if artifact.path.endswith(".nft") and artifact.path != GUARD
        for number, text in enumerate(artifact.text.splitlines(), 1)
    ]
    found = REFUSED.search(error)
    if found is None or int(found[1]) > len(whole):
        return (), f"the files cannot be read: {error}"
    return (whole[int(found[1]) - 1],), f"nft refuses the rules: {found[2]}"


def _some(*lines: Line | None) -> tuple[Line, ...]:
    return tuple(dict.fromkeys(line for line in lines if line is not None))


def _parted(foreteller: Foreteller, foretold: Sequence[Stop], took: Sequence[Stop]) -> Blame:
    at = next((n for n, pair in enumerate(zip(foretold, took, strict=False)) if pair[0] != pair[1]), None)
    at = min(len(foretold), len(took)) if at is None else at
    lines = [foreteller.line_of(path[at]) if at < len(path) else None for path in (foretold, took)]
    return Blame(_some(*lines), "the kernel does not do what the files say")


def _astray(foreteller: Foreteller, probe: Probe, walk: Walk, place: str | None, by: Line | None) -> Blame:
    wanted = place_words(probe.packet.egress)
    where = place_words(place) if place else "nowhere"
    return Blame(_some(by, walk.decided) or _setting(foreteller, walk), f"it is routed to {where}, not to {wanted}")


def _last(walk: Walk, hook: str, what: str) -> Blame:
    """The last rule of a hook's NAT chain that did something, or its policy where none did."""
    there = [step for step in walk.matched if step.hook == hook]
    acting = [step for step in there if step.rule is not None] or there
    if not acting:
        return Blame((), f"there is no {what}")
    found = acting[-1]
    return Blame(_some(found.line), f"{what} by this rule" if found.rule else f"no rule of {what} takes it")


def _setting(foreteller: Foreteller, walk: Walk) -> tuple[Line, ...]:
    names = (name for reason, name in SETTINGS.items() if walk.reason.startswith(reason))
    return tuple(line for name in names for line in foreteller.setting_lines(name))


def refutations(
    claims: Iterable[Claim],
    evidence: Iterable[Evidence],
    observations: Iterable[Observation],
    followed: Mapping[int, Followed],
    tree: Tree,
) -> Iterator[Refutation]:
    """One for each refuted claim, in their order."""
    by_id = {claim.id: claim for claim in claims}
    seen = {(one.packet, one.detail): one for one in reversed(tuple(observations)) if one.differs}
    for one in evidence:
        if one.outcome is not Outcome.REFUTED or one.packet is None:
            continue
        claim, shown = by_id[one.claim], seen[one.packet, one.note]
        more = followed.get(shown.serial, Followed(shown.serial, "", why=NOT_AGAIN))
        spans = (claim.span, *(span for line in more.lines for span in _behind(tree, line)))
        yield Refutation(
            claim=claim,
            observation=shown,
            asked=tuple(dict.fromkeys(spans)),
            lines=more.lines,
            why=more.why,
            foretold=more.foretold,
            took=more.took,
            station=more.station,
            frames=more.frames,
        )


def _behind(tree: Tree, line: Line) -> Iterator[Span]:
    """The home file's lines for which a rendered line was written."""
    for artifact in tree.artifacts:
        if artifact.path == line.file:
            for ident in artifact.lines.get(line.number, ()):
                yield from tree.spans.get(ident, ())
