"""The configuration that the commands leave behind: items of each menu in their order, and settings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from bailiwick.dataplane.routeros import menus
from bailiwick.dataplane.routeros.arguments import TAKEN
from bailiwick.dataplane.routeros.commands import Argument, Command, commands
from bailiwick.dataplane.routeros.item import Item
from bailiwick.dataplane.routeros.ledger import Ledger
from bailiwick.dataplane.routeros.source import Source
from bailiwick.dataplane.routeros.syntax import statements
from bailiwick.dataplane.routeros.words import words
from bailiwick.dataplane.tally import Line

_QUIET_SCRIPT = {
    "delay": "waits",
    "log": "writes to the log",
    "put": "prints",
    "error": "prints",
    "local": "names a value for a script",
    "global": "names a value for a script",
    "set": "names a value for a script",
    "beep": "beeps",
}
_QUIET_VERBS = frozenset({"print", "export", "monitor", "get", "find", "reset-counters", "comment"})
_ACTING = re.compile(
    r"(?:firewall|address-list|routing|/ ?(?:ip|ipv6)[ /]+(?:address|route|dhcp-client|service)|/ ?interface)"
    r"[^;\n]*\b(?:add|set|remove|enable|disable|move)\b"
)
_TABLES = re.compile(r"\b(ip|ipv6)[ /]+firewall[ /]+(filter|nat|mangle|raw)\b")
_SCRIPTED = frozenset(
    words("source on-event on-up on-down on-login on-logout up-script down-script script lease-script on-error")
)
_BEGINNING = re.compile(r"([a-z-]+)~\^([A-Za-z0-9:_-]+)")
"""What ``comment~"^mine:"`` asks for; any other regular expression is the router's to evaluate."""
_VERSION = re.compile(r"by RouterOS (\d+)\.(\d+)")


class _Aside(Ledger):
    """For lines whose fate is decided: what cannot be told of them goes to a list of its own."""

    def __init__(self, of: Ledger, doubts: list[tuple[Line, str]]) -> None:
        self.of, self.doubts = of, doubts

    def understood(self, line: Line) -> None:
        """It is ignored already."""

    def ignored(self, line: Line, why: str) -> None:
        """It is ignored already."""

    def unknown(self, line: Line, what: str) -> None:
        self.doubts.append((line, what))


class Configuration:
    """What an export says, menu by menu; ``ledger`` has its lines."""

    def __init__(self, source: Source) -> None:
        self.ledger = Ledger(source)
        self.items: dict[str, list[Item]] = defaultdict(list)
        self.settings: dict[str, Item] = {}
        self.version: tuple[int, int] | None = None
        self.active: dict[str, list[Line]] = defaultdict(list)
        """Prefix of an active menu to the lines in it that add or set something."""
        self.acting_scripts: list[str] = []
        """Texts that may change the firewall, addresses or routes while the router runs, or already did."""
        self.aside: list[tuple[Line, str]] = []
        """Lines of menus that decide no packet's fate and are kept all the same, where their effect cannot be told."""
        self._source = source
        for command in commands(source):
            self._take(command)

    def of(self, menu: str) -> Iterator[Item]:
        """A menu's items that are in force; those that are disabled are put down as such."""
        for item in self.items.get(menu, ()):
            if item.disabled:
                self.ignore(item, "disabled")
            else:
                yield item

    def setting(self, menu: str) -> Item:
        """A settings menu, empty where nothing is said of it."""
        return self.settings.get(menu) or Item(menu, Line(self._source.file, 1))

    def understand(self, item: Item) -> None:
        """Put an item down as understood, or its doubts as unknown."""
        for doubt in item.doubts:
            self.ledger.unknown(item.line, doubt)
        for line in item.lines:
            self.ledger.understood(line)

    def ignore(self, item: Item, why: str) -> None:
        for line in item.lines:
            self.ledger.ignored(line, why)

    def doubt(self, item: Item, what: str) -> None:
        self.ledger.unknown(item.line, what)

    # ---- commands

    def _take(self, command: Command) -> None:
        line, ledger = command.line, self.ledger
        ledger.spans(line, command.last)
        if command.note is not None:
            if self.version is None and (found := _VERSION.search(command.note)):
                self.version = int(found[1]), int(found[2])
            ledger.ignored(line, "a note")
            return
        if command.script:
            self._script(command)
            return
        duty, phrase = menus.duty(command.menu)
        if not command.verb:
            if command.fault:
                ledger.unknown(line, command.fault)
            elif command.menu and duty == "none" and not menus.is_menu(command.menu):
                ledger.unknown(line, f"there is no menu /{command.menu.replace('/', ' ')}")
            else:
                ledger.understood(line)
        elif command.verb in _QUIET_VERBS:
            ledger.ignored(line, "changes nothing")
        elif duty == "idle":
            self._idle(command, phrase)
        elif duty == "active" and Argument("disabled", "yes") in command.arguments:
            ledger.ignored(line, "disabled")
        elif duty == "active":
            ledger.unknown(line, f"this {phrase}")
            self.active[command.menu].append(line)
        elif duty == "none":
            ledger.unknown(line, f"`{command.verb}` is no command in /{command.menu.replace('/', ' ')}")
        elif duty == "settings" and not command.targets and command.verb == "set":
            self._change(self.settings.setdefault(command.menu, Item(command.menu, line)), command)
        elif duty == "settings" and command.verb in ("set", "reset"):
            ledger.unknown(line, command.fault or "what this sets cannot be told")
        elif duty == "items":
            self._items(command)
        else:
            ledger.unknown(line, f"`{command.verb}` is no command in /{command.menu.replace('/', ' ')}")

    def _script(self, command: Command) -> None:
        if command.fault or command.script not in _QUIET_SCRIPT:
            self.ledger.unknown(command.line, command.fault or f"the script command :{command.script} is not run here")
            self.acting_scripts.append(command.text)
            for ip, table in sorted(set(_TABLES.findall(command.text))):
                self.items[f"{ip}/firewall/{table}"].append(
                    Item(f"{ip}/firewall/{table}", command.line, lines=[command.line], broken=True)
                )
        else:
            self.ledger.ignored(command.line, _QUIET_SCRIPT[command.script])

    def _idle(self, command: Command, phrase: str) -> None:
        self.ledger.ignored(command.line, phrase)
        if command.menu in menus.HANDED_OUT:
            ledger, self.ledger = self.ledger, _Aside(self.ledger, self.aside)
            self._items(command)
            self.ledger = ledger
        for argument in command.arguments:
            idle, what = menus.SWITCHING.get(argument.name, (argument.value, ""))
            if idle != argument.value:
                self.ledger.unknown(command.line, what)
            if argument.name in _SCRIPTED and argument.value and _ACTING.search(argument.value):
                self.acting_scripts.append(argument.value)
                self.ledger.unknown(command.line, "its script may change the firewall, addresses or routes")

    def _items(self, command: Command) -> None:
        verb, menu = command.verb, command.menu
        if verb == "add":
            item = Item(menu, command.line)
            if any(argument.name == "copy-from" for argument in command.arguments):
                item.broken = True
            self._change(item, command)
            for flag in command.targets:
                item.values.setdefault(flag.value, "yes")
                if flag.value.startswith("="):
                    item.doubts.append(f"`{flag.value}` gives a value to nothing: RouterOS stops here")
            self._place(item)
            return
        if verb == "set" and menu in menus.ONE_OR_MANY and not command.targets:
            if not self.items[menu]:
                self.items[menu].append(Item(menu, command.line))
            self._change(self.items[menu][0], command)
            return
        found = self._found(command)
        if found is None or verb not in ("set", "enable", "disable", "remove"):
            self.ledger.unknown(command.line, command.fault or f"which items this is about (`{verb}`) cannot be told")
            for item in self.items[menu]:
                item.doubts.append(f"line {command.line.number} may change this")
            return
        if verb == "remove":
            self.ledger.understood(command.line)
            for item in found:
                self.items[menu].remove(item)
                self.ignore(item, f"removed on line {command.line.number}")
            return
        if not found:
            self.ledger.ignored(command.line, "there is no such item in this text")
        for item in found:
            self._change(item, command)
            if verb != "set":
                item.values["disabled"] = "no" if verb == "enable" else "yes"

    def _change(self, item: Item, command: Command) -> None:
        item.lines.append(command.line)
        if command.fault:
            item.doubts.append(command.fault)
            item.broken = True
        taken = TAKEN.get(item.menu)
        for argument in command.arguments:
            if taken is not None and argument.name not in taken and argument.value is not None:
                item.doubts.append(f"/{item.menu.replace('/', ' ')} has no argument `{argument.name}`")
                item.unsure.add(argument.name)
            self._put(item, argument)

    def _put(self, item: Item, argument: Argument) -> None:
        if argument.value is None:
            item.values.pop(argument.name, None)
            item.unsure.discard(argument.name)
            return
        item.values[argument.name] = argument.value
        if not argument.fixed:
            item.unsure.add(argument.name)
            item.doubts.append(f"the value of `{argument.name}` is known to the router alone")
        if argument.name in _SCRIPTED and _ACTING.search(argument.value):
            self.acting_scripts.append(argument.value)
            item.doubts.append("its script may change the firewall, addresses or routes")

    def _place(self, item: Item) -> None:
        rows = self.items[item.menu]
        place = item.values.pop("place-before", None)
        if place is None:
            rows.append(item)
        elif place.isdigit() and int(place) < len(rows) and "place-before" not in item.unsure:
            rows.insert(int(place), item)
        else:
            found = self._matching(item.menu, place, item.line) if "place-before" in item.unsure else None
            item.unsure.discard("place-before")
            item.doubts = [doubt for doubt in item.doubts if "`place-before`" not in doubt]
            if found:
                rows.insert(rows.index(found[0]), item)
            else:
                item.doubts.append("where among the others this stands cannot be told")
                rows.append(item)

    # ---- targets

    def _found(self, command: Command) -> list[Item] | None:
        """The items that a command is about; None where that cannot be told."""
        if len(command.targets) != 1:
            return None
        target = command.targets[0]
        if target.kind == "command":
            return self._matching(command.menu, target.value, command.line)
        if target.kind not in ("word", "string"):
            return None
        found: list[Item] = []
        for name in target.value.split(",") if target.kind == "word" else [target.value]:
            one = self._named(command.menu, name, command.line)
            if one is None:
                return None
            found.append(one)
        return found

    def _named(self, menu: str, name: str, line: Line) -> Item | None:
        rows = self.items[menu]
        for item in rows:
            if name and name in (item.get("name"), item.get("default-name"), item.get(".id")):
                return item
        if name.isdigit() and int(name) < len(rows) and menu not in menus.BUILT_IN:
            return rows[int(name)]
        if self._there_before(menu) and name:
            key = ".id" if name.startswith("*") or name.isdigit() else "name"
            return self._built_in(menu, {key: name}, line)
        return None

    def _there_before(self, menu: str) -> bool:
        """Whether the menu may hold items that no line of the text has added."""
        return menu in menus.BUILT_IN

    def _built_in(self, menu: str, values: dict[str, str], line: Line) -> Item:
        item = Item(menu, line, dict(values), built_in=True)
        self.items[menu].append(item)
        return item

    def _matching(self, menu: str, expression: str, line: Line) -> list[Item] | None:
        """The items that ``find name=value …`` finds; None for what only the router can evaluate."""
        wanted: dict[str, str] = {}
        like: dict[str, str] = {}
        said = list(statements(Source.of(self._source.file, expression)))
        if len(said) != 1 or said[0].fault or not said[0].parts or said[0].parts[0].value != "find":
            return None
        for part in said[0].parts[1:]:
            if part.kind == "word" and not part.name and (begins := _BEGINNING.fullmatch(part.value)):
                like[begins[1]] = begins[2]
                continue
            if part.kind not in ("word", "string") or (not part.name and part.value != "where"):
                return None
            if part.name.endswith(("!", "<", ">")):
                return None
            if part.name:
                wanted[part.name] = part.value
        found = [
            item
            for item in self.items[menu]
            if all(item.get(key) == value for key, value in wanted.items())
            and all(item.get(key).startswith(value) for key, value in like.items())
        ]
        if found or not self._there_before(menu) or not wanted:
            return found
        return [self._built_in(menu, wanted, line)]
