"""Three ways to look at a device: what the confirmed generation says, what lies on the disk, what runs.

Each difference is told once, with the file that asks for it, and whose it is. Where a file was changed by hand, it is
read too: what runs may follow it, or not yet.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bailiwick.agent.disk.origin import Kept, Origin
from bailiwick.agent.disk.store import Store
from bailiwick.agent.look import foreign
from bailiwick.agent.look.aspects import machine
from bailiwick.agent.look.aspects.fact import Fact
from bailiwick.agent.look.listing import Unseen, listing
from bailiwick.agent.look.live import Difference, Live, compare, digest, of_listing
from bailiwick.agent.look.scope import NETWORK, SYSCTL, assignments, scope, slashed
from bailiwick.agent.look.wanted import FIREWALL, Seen, loaded, unmet
from bailiwick.agent.model import ORIGIN, Generation
from bailiwick.agent.places import Places

FOLLOWS = "so says the file on the disk, which was changed"
NOT_YET = "it was changed, and what runs does not follow it yet"
OTHERS = (NETWORK, "/run/systemd/network/", "/usr/local/lib/systemd/network/")
"""Where networkd reads files beside its distributor's (systemd.network(5))."""
_LEASED = ("a lease", "link-local", "router advertisements", "the protocol ", "nobody", "a PPP session")


@dataclass(frozen=True, slots=True)
class Drift:
    """``generation`` is the confirmed one's number; ``digest`` of the look that ``differences`` were found in."""

    generation: int
    digest: str
    differences: tuple[Difference, ...]

    @property
    def ours(self) -> tuple[Difference, ...]:
        """Without what is somebody else's and left alone."""
        return tuple(one for one in self.differences if one.ours)


def rules_of(store: Store, number: int) -> dict[str, str]:
    """What nft lists of a generation's rules, by their text: for ``drift`` where no namespace can be made to load them
    in. Raises Unseen, store.Damaged."""
    there = store.generation(number).file(FIREWALL) is not None
    texts = (_text(store.content(number, FIREWALL)),) if there else ()
    return {text: loaded(text) for text in texts}


def drift(places: Places, store: Store, origin: Origin, known: Mapping[str, str] = {}) -> Drift:
    """``known`` is of ``rules_of``. Raises Unseen where a tool does not tell, store.Damaged where the generation cannot
    be read."""
    number = store.confirmed()
    generation = store.generation(number)
    scope_ = scope(store, origin, number)
    told = listing(scope_.units, scope_.settings)
    seen = Seen(of_listing(places, scope_, told), told, scope_, known)
    meant = {file.path: _text(store.content(number, file.path)) for file in generation.files}
    asked = {key for path, text in meant.items() if path.startswith(SYSCTL) for key in assignments(text)}
    found = [*_files(generation, origin, seen.live), *_as_before(generation, origin, seen, asked)]
    if number == ORIGIN:
        found += [Difference("rules", fact.subject, None, fact.value) for fact in seen.live.aspects["rules"]]
    else:
        found = [*_explained(found, generation, meant, seen, places), *_theirs(seen.live)]
        found += _other_files(places, generation)
    return Drift(number, digest(seen.live), tuple(found))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _files(generation: Generation, origin: Origin, live: Live) -> Iterator[Difference]:
    """Each file as the generation has it, and as it was before where it has none."""
    for fact in live.aspects["files"]:
        file = generation.file(fact.subject)
        if file is not None:
            source = f"generation {generation.number}"
            wanted = (f"a file, mode {file.mode:04o}, owner {file.owner}", file.sha256)
        else:
            kept = origin.file(fact.subject)
            if kept is None:
                continue
            source, wanted = "what was there before", _kept(kept)
        yield from (replace(one, source=source) for one in compare("files", (Fact(fact.subject, *wanted),), (fact,)))


def _kept(kept: Kept) -> tuple[str, str]:
    if kept.target is not None:
        return f"a link to {kept.target}", ""
    if kept.content is None:
        return machine.ABSENT, ""
    return f"a file, mode {kept.mode:04o}, owner {kept.owner}", hashlib.sha256(kept.content).hexdigest()


def _as_before(generation: Generation, origin: Origin, seen: Seen, asked: set[str]) -> Iterator[Difference]:
    """Settings and units that an earlier generation changed, and this one does not ask for."""
    source = "what was there before"
    held = {fact.subject: fact for fact in seen.live.aspects["settings"]}
    for key, value in origin.settings().items():
        fact = held.get(slashed(key))
        if (
            fact is not None
            and fact.subject not in asked
            and value is not None
            and fact.value != " ".join(value.split())
        ):
            yield Difference("settings", fact.subject, value, fact.value, source)
    states = {fact.subject: fact.value.split(", ") for fact in seen.live.aspects["units"]}
    for name, unit in origin.units().items():
        if name in (*generation.enable, *generation.disable):
            continue
        state, *rest = states[name]
        before = "not there" if unit.enabled == "not-found" else unit.enabled
        if state != before:
            yield Difference("units", name, before, state, source)
        if (rest[:1] == ["running"]) is not unit.active:
            yield Difference("units", name, "running" if unit.active else "stopped", rest[0] if rest else state, source)


def _explained(
    files: list[Difference], generation: Generation, meant: Mapping[str, str], seen: Seen, places: Places
) -> Iterator[Difference]:
    """What runs beside what is meant; and where files on the disk say otherwise, whether it follows those."""
    running = unmet(generation, meant, seen)
    changed = {one.what for one in files if one.aspect == "files" and one.what in meant}
    if not changed:
        yield from (*files, *running)
        return
    lying = {path: _on_disk(places, path) for path in changed}
    texts = {path: lying.get(path, text) for path, text in meant.items()}
    try:
        after = unmet(generation, {path: text for path, text in texts.items() if text is not None}, seen)
    except Unseen as error:  # what lies there cannot even be loaded
        yield from (replace(one, why=str(error)) if one.what in changed else one for one in files)
        yield from running
        return
    now, then = {_bare(one) for one in running}, {_bare(one) for one in after}
    ahead = {one.source for one in after if _bare(one) not in now}
    for one in files:
        waits = one.what in ahead or (one.what.startswith(NETWORK) and "" in ahead)
        yield replace(one, why=NOT_YET) if waits else one
    for one in running:
        yield one if _bare(one) in then else replace(one, why=FOLLOWS)


def _bare(one: Difference) -> Difference:
    return replace(one, source="")


def _on_disk(places: Places, path: str) -> str | None:
    """Raises Unseen."""
    place = places.on_device(path)
    try:
        return _text(place.read_bytes()) if place.is_file() else None
    except OSError as error:
        raise Unseen(f"{path} cannot be read: {error.strerror}") from None


def _theirs(live: Live) -> Iterator[Difference]:
    """What belongs to others, once for each table, link and program."""
    rules: Counter[tuple[str, str]] = Counter()
    links = {fact.link: fact.whose for fact in live.beside.get("links", ())}
    for fact in (*live.aspects["other rules"], *live.beside.get("other rules", ())):
        words = (
            fact.subject.replace("rule in ", "rule ")
            .replace("element of ", "element ")
            .replace("elements of ", "elements ")
            .split()
        )
        owner = fact.whose or foreign.of_chain(words[-1]) or foreign.of_rule(fact.value, links) or foreign.UNKNOWN
        held = f"table {words[1]} {words[2]}", owner
        rules[held] += words[0] == "rule"
    known = {table for table, owner in rules if owner != foreign.UNKNOWN}
    for table, owner in sorted(rules):
        number = rules[table, owner]
        if not number and owner == foreign.UNKNOWN and table in known:
            continue  # a base chain of theirs, which has no name of its own
        yield Difference("other rules", table, None, f"{number} rule{'s' * (number != 1)}", whose=owner)
    for aspect in ("addresses", "routes", "policy routing", "vlans"):
        for fact in live.beside.get(aspect, ()):
            if not fact.whose.startswith(_LEASED):
                yield Difference(aspect, fact.subject, None, fact.value, whose=fact.whose)


def _other_files(places: Places, generation: Generation) -> Iterator[Difference]:
    """networkd takes the first file that fits a link, and adds to a file of ours what lies in its ``.d``."""
    ours = {file.path for file in generation.files}
    names = {Path(path).name for path in ours}
    for directory in OTHERS:
        place = places.on_device(directory)
        for path in sorted(place.rglob("*")) if place.is_dir() else ():
            on_device = directory + str(path.relative_to(place))
            if path.suffix not in (".network", ".netdev", ".link", ".conf") or on_device in ours:
                continue
            adds = path.parent.name.removesuffix(".d") in names or path.name in names
            owner = "netplan" if "netplan" in path.name else foreign.UNKNOWN
            yield Difference(
                "files", on_device, None, "read by systemd-networkd beside ours", whose="" if adds else owner
            )


def as_data(found: Drift) -> dict[str, Any]:
    """As the command answers."""
    return {
        "generation": found.generation,
        "digest": found.digest,
        "differences": [
            {
                "aspect": one.aspect,
                "what": one.what,
                "wanted": one.wanted,
                "found": one.found,
                "source": one.source,
                "ours": one.ours,
                "whose": one.whose,
                "text": one.sentence,
            }
            for one in found.differences
        ],
    }
