"""Every object of a configuration, those too that decide no packet's fate, and what a script makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bailiwick.dataplane.routeros import menus
from bailiwick.dataplane.routeros.commands import Command, commands
from bailiwick.dataplane.routeros.item import Item
from bailiwick.dataplane.routeros.items import Configuration
from bailiwick.dataplane.routeros.ledger import Ledger
from bailiwick.dataplane.routeros.source import Source
from bailiwick.dataplane.tally import Line

_CHANGING = frozenset({"add", "set", "enable", "disable", "remove", "unset", "move"})
_HARDWARE = frozenset({"interface/ethernet", "ip/service"})
"""Menus whose items every device has, whether an export speaks of them or not."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A line whose effect on the objects cannot be told, and why."""

    line: Line
    why: str


class Objects(Configuration):
    """An export, menu by menu; then, with ``run``, what a script that is imported there leaves behind.

    Where ``Configuration`` keeps the menus that its readers ask for, this keeps all. An item is the same object before
    and after a script that only changes it. ``missing`` are things that the script speaks of and the export has not.
    """

    def __init__(self, source: Source) -> None:
        self.missing: list[Item] = []
        self._running = False
        super().__init__(source)
        self.unread = tuple(self._unread())

    def run(self, script: Source) -> tuple[Unread, ...]:
        """Take the script's commands in their order; what of it cannot be told is returned."""
        for _ in self.steps(script):
            pass
        return tuple(self._unread())

    def steps(self, script: Source) -> Iterator[Line]:
        """The same, one command at a time: its line, after it was taken."""
        self.ledger, self._source, self._running = Ledger(script), script, True
        for command in commands(script):
            self._take(command)
            yield command.line

    def every(self) -> Iterator[Item]:
        """Items menu by menu in the order of the text, then settings."""
        for menu in sorted(self.items):
            yield from self.items[menu]
        for menu in sorted(self.settings):
            yield self.settings[menu]

    def values(self) -> Mapping[int, dict[str, str]]:
        """A copy of each object's values, by its identity."""
        return {id(item): dict(item.values) for item in self.every()}

    def _unread(self) -> Iterator[Unread]:
        for line, why in self.ledger.tally().unknown:
            yield Unread(line, why)
        if not self._running:
            for item in self.every():
                yield from (Unread(item.line, doubt) for doubt in item.doubts)

    def _take(self, command: Command) -> None:
        duty, _ = menus.duty(command.menu)
        if command.note is not None or command.script or not command.verb or command.verb not in _CHANGING:
            super()._take(command)
        elif command.fault or duty == "none":
            self.ledger.spans(command.line, command.last)
            self.ledger.unknown(command.line, command.fault or f"there is no menu /{command.menu.replace('/', ' ')}")
        elif command.verb == "set" and not command.targets and command.menu not in menus.ITEMS:
            self.ledger.spans(command.line, command.last)
            self.ledger.understood(command.line)
            self._change(self.settings.setdefault(command.menu, Item(command.menu, command.line)), command)
        else:
            self.ledger.spans(command.line, command.last)
            self.ledger.understood(command.line)
            self._items(command)

    def _there_before(self, menu: str) -> bool:
        """An export's ``set`` is about something that is there, in whichever menu; a script's may be about nothing."""
        return not self._running or super()._there_before(menu)

    def _built_in(self, menu: str, values: dict[str, str], line: Line) -> Item:
        item = super()._built_in(menu, values, line)
        if self._running and menu not in _HARDWARE:
            self.missing.append(item)
        return item
