"""What a RouterOS script would change on a device of which there is an export: object by object.

The script is carried out on the export as ``/import`` would: what bears a comment of ours goes, then the script's own
objects come. An object that goes and one that comes in its menu are the same object where their comment is the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bailiwick.dataplane.routeros import menus
from bailiwick.dataplane.routeros.defaults import default, plain
from bailiwick.dataplane.routeros.item import Item
from bailiwick.dataplane.routeros.objects import Objects, Unread
from bailiwick.dataplane.routeros.source import Source, hide, is_secret
from bailiwick.dataplane.tally import Line
from bailiwick.targets.routeros.ownership import MARK
from bailiwick.workflow.checking import Checked
from bailiwick.workflow.devices import Unusable, load

__all__ = ["Change", "Comparison", "Unusable", "Value", "against", "compare_export"]

COMMENT = "comment"
_ORDERED = frozenset({*menus.FIREWALL, "routing/rule"})
"""Menus where the first object that matches decides."""
_ALONE: Mapping[str, tuple[str, ...]] = {
    "interface/bridge/port": ("interface",),
    "interface/bridge/vlan": ("bridge", "vlan-ids"),
    "ip/address": ("address", "interface"),
    "ip/dhcp-client": ("interface",),
    "ip/dhcp-server": ("interface",),
}
"""Arguments of which RouterOS takes no second object with the same values."""


@dataclass(frozen=True, slots=True)
class Value:
    """One argument. ``before`` None: the export does not say, and RouterOS' own value is not known; ``after`` None:
    the script does not say. ``assumed``: ``before`` is RouterOS' own value. Secrets are neither shown nor compared."""

    name: str
    before: str | None
    after: str | None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """An object of a menu (``/ip pool``). ``before`` is its line in the export, ``after`` that in the script.

    ``values`` are those that differ; of an object that is added or removed, all of them.
    """

    menu: str
    name: str
    before: Line | None
    after: Line | None
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left`` are objects without a comment of ours, which stay; ``earlier`` those of them that are rules and stand
    before ours, so that they decide first. ``moved`` are menus whose objects of ours change their order.

    ``stops`` are what RouterOS would refuse, half-way through the script: a sentence, and the export's line.
    """

    added: tuple[Change, ...]
    changed: tuple[Change, ...]
    removed: tuple[Change, ...]
    left: tuple[Change, ...]
    same: int
    moved: tuple[str, ...]
    earlier: int
    stops: tuple[Unread, ...]
    unread: tuple[Unread, ...]
    release: tuple[int, int] | None

    @property
    def clean(self) -> bool:
        """The script would run to its end, and every line of the export could be read."""
        return not self.stops and not self.unread


def against(checked: Checked, export: Path, device: str = "") -> tuple[str, Comparison]:
    """The device's name, and what its script would change there; without a name, the router.

    Raises Unusable for a device without a script of RouterOS and for a file that is no export, and OSError.
    """
    name = device or checked.trees[0].device
    scripts = [one for tree in checked.trees if tree.device == name for one in tree.artifacts if _script(one.path)]
    if not scripts:
        raise Unusable(f"{name} is no device of the home file's that runs RouterOS.")
    if [one.syntax for one in load([export])] != ["routeros"]:
        raise Unusable(f"{export} is no export of RouterOS.")
    text = export.read_bytes().decode("utf-8", "surrogateescape")
    return name, compare_export(text, str(export), scripts[0].text, f"{name}:{scripts[0].path}")


def _script(path: str) -> bool:
    return path.endswith(".rsc")


def compare_export(export: str, file: str, script: str, path: str) -> Comparison:
    """``file`` and ``path`` are what the lines of the export and of the script are called by. Raises ExportError."""
    device = Objects(Source.of(file, export))
    before, order = device.values(), list(device.every())
    unread = device.unread
    unread += device.run(Source.of(path, script))
    after = list(device.every())
    stayed = {id(item) for item in after}
    gone = [item for item in order if id(item) not in stayed]
    come = [item for item in after if id(item) not in before and not item.built_in]
    pairs, removed, added = _paired(gone, come)
    changed = [_changed(old, old.values, new) for old, new in pairs]
    kept: list[Item] = []
    for item in after:
        if id(item) in before and item.values == before[id(item)]:
            kept.append(item)
        elif id(item) in before:
            changed.append(_changed(item, before[id(item)], item))
        elif item.built_in and item not in device.missing:
            changed.append(_changed(item, {"name": item.get("name")}, item))
        elif not item.built_in and item.menu in device.settings:
            changed.append(_changed(item, {}, item))
    settings = {id(item) for item in device.settings.values()}
    added = [item for item in added if id(item) not in settings]
    told = tuple(one for one in changed if one.values)
    left = [item for item in kept if all(line.file == file for line in item.lines)]
    return Comparison(
        tuple(_whole(item, added=True) for item in added),
        told,
        tuple(_whole(item, added=False) for item in removed),
        tuple(_left(item) for item in left),
        len(changed) - len(told) + len(kept) - len(left),
        tuple(_moved(pairs)),
        sum(item.menu in _ORDERED and not item.disabled for item in left),
        tuple(_stops(device, [item for item in after if id(item) in before], come)),
        unread,
        device.version,
    )


def ours(item: Item) -> bool:
    """Whether an object bears a comment of ours."""
    return item.get(COMMENT).startswith(MARK)


def _paired(gone: list[Item], come: list[Item]) -> tuple[list[tuple[Item, Item]], list[Item], list[Item]]:
    """Objects that are the same before and after, those that only go, and those that only come.

    First equal ones of one comment, then whichever of one comment have most in common, then equal ones whose comment
    alone is another.
    """
    pairs: list[tuple[Item, Item]] = []
    waiting: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in gone:
        waiting[item.menu, item.get(COMMENT)].append(item)
    rest: list[Item] = []
    for item in come:
        rows = waiting[item.menu, item.get(COMMENT)]
        same = next((row for row in rows if not _differing(row.menu, row.values, item.values)), None)
        if same is None:
            rest.append(item)
        else:
            rows.remove(same)
            pairs.append((same, item))
    added: list[Item] = []
    for item in rest:
        rows = waiting[item.menu, item.get(COMMENT)]
        near = max(rows, key=lambda row: _common(row, item), default=None)
        if near is None or _common(near, item) == 0:
            added.append(item)
        else:
            rows.remove(near)
            pairs.append((near, item))
    left = [item for rows in waiting.values() for item in rows]
    for item in tuple(added):
        others = (row for row in left if row.menu == item.menu)
        named = [one for one in others if [x.name for x in _differing(one.menu, one.values, item.values)] == [COMMENT]]
        if named:
            added.remove(item)
            left.remove(named[0])
            pairs.append((named[0], item))
    return pairs, left, added


def _common(old: Item, new: Item) -> int:
    names = set(old.values) & set(new.values) - {COMMENT}
    return sum(plain(name, old.values[name]) == plain(name, new.values[name]) for name in names)


def _differing(menu: str, old: Mapping[str, str], new: Mapping[str, str]) -> list[Value]:
    """Arguments that are otherwise, in the script's order; an argument that is not named has its default."""
    found = []
    for name in [*new, *(name for name in old if name not in new)]:
        if is_secret(name):
            continue
        was = old.get(name, default(menu, name, {**new, **old}))
        will = new.get(name, default(menu, name, new))
        unsaid = not will if was is None else will is None and not was
        if not unsaid and (was is None or will is None or plain(name, was) != plain(name, will)):
            found.append(Value(name, was, will, assumed=name not in old and was is not None))
    return found


def _changed(old: Item, was: Mapping[str, str], new: Item) -> Change:
    after = new.lines[-1]
    before = next((line for line in old.lines if line.file != after.file), None)
    return Change(_menu(new), _name(new), before, after, tuple(_differing(old.menu, was, new.values)))


def _whole(item: Item, added: bool) -> Change:
    values = [(name, hide(text)) for name, text in item.values.items() if not is_secret(name)]
    if added:
        return Change(
            _menu(item), _name(item), None, item.line, tuple(Value(name, None, text) for name, text in values)
        )
    return Change(_menu(item), _name(item), item.line, None, tuple(Value(name, text, None) for name, text in values))


def _left(item: Item) -> Change:
    return Change(_menu(item), _name(item), item.line, None)


def _menu(item: Item) -> str:
    return f"/{item.menu.replace('/', ' ')}"


def _name(item: Item) -> str:
    """What a person would call it: its name, or what its comment of ours says; nothing for settings."""
    said = item.get("name") or item.get("default-name")
    return said or (item.get(COMMENT).removeprefix(MARK) if ours(item) else item.get(COMMENT))


def _moved(pairs: Iterable[tuple[Item, Item]]) -> Iterator[str]:
    by_menu: dict[str, list[tuple[Item, Item]]] = defaultdict(list)
    for old, new in pairs:
        if old.menu in _ORDERED:
            by_menu[old.menu].append((old, new))
    for menu, rows in sorted(by_menu.items()):
        rows.sort(key=lambda pair: pair[1].line.number)
        numbers = [old.line.number for old, _ in rows]
        if numbers != sorted(numbers):
            yield f"/{menu.replace('/', ' ')}"


def _stops(device: Objects, stayed: list[Item], come: list[Item]) -> Iterator[Unread]:
    """Where the script would break off: a name that is taken, a port that is in use, a thing that is not there."""
    for item in device.missing:
        name = item.get("name") or item.get("default-name")
        sentence = f"the script sets {_menu(item)} {name}, and the export has none of that name"
        yield Unread(item.line, sentence)
    taken: dict[tuple[str, ...], Item] = {}
    for item in stayed:
        for key in _keys(item):
            taken.setdefault(key, item)
    for item in come:
        for key in _keys(item):
            if key in taken:
                other = taken[key]
                sentence = f"it is without a comment of ours, and in the way of {_menu(item)} {_said(item, key)}"
                yield Unread(other.line, sentence)
                break


def _keys(item: Item) -> Iterator[tuple[str, ...]]:
    if name := item.get("name"):
        yield ("interface" if item.menu in menus.KINDS else item.menu, name)
    if item.menu in _ALONE and all(item.get(one) for one in _ALONE[item.menu]):
        yield (item.menu, *(item.get(one) for one in _ALONE[item.menu]))


def _said(item: Item, key: tuple[str, ...]) -> str:
    names = ("name",) if key[1] == item.get("name") and len(key) == 2 else _ALONE[item.menu]
    return " ".join(f"{name}={item.get(name)}" for name in names)
