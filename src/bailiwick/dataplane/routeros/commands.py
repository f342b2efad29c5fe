"""Statements to commands: which menu, which verb, on what, with which arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bailiwick.dataplane.routeros.menus import is_menu
from bailiwick.dataplane.routeros.source import Source
from bailiwick.dataplane.routeros.syntax import Part, Statement, statements
from bailiwick.dataplane.routeros.words import words
from bailiwick.dataplane.tally import Line

VERBS = frozenset(
    words("add set remove enable disable move comment unset reset edit print find get export monitor reset-counters")
)
_TO_MENU = 'a menu begins with "/"'


@dataclass(frozen=True, slots=True)
class Argument:
    """``value`` is None for ``!name``, which takes the value away; ``fixed`` False where only the router knows it."""

    name: str
    value: str | None
    fixed: bool = True


@dataclass(frozen=True, slots=True)
class Command:
    """``menu`` is a path without its first slash (``ip/firewall/filter``); ``verb`` empty where it only goes there.

    ``targets`` are the words after the verb (``set 0``, ``set [ find … ]``). ``last`` is the last physical line.
    ``fault`` says what is broken; the rest is then what could be read. ``script`` names a script's own command, and
    ``text`` is then all of it.
    """

    menu: str
    verb: str
    targets: tuple[Part, ...]
    arguments: tuple[Argument, ...]
    line: Line
    last: int
    fault: str = ""
    script: str = ""
    note: str | None = None
    text: str = ""


def commands(source: Source) -> Iterator[Command]:
    """Every command of a text in order, notes included: no line that is not blank is left out."""
    yield from _Walk(source).walk(statements(source), "")


class _Walk:
    def __init__(self, source: Source) -> None:
        self.source = source

    def walk(self, them: Iterator[Statement], menu: str) -> Iterator[Command]:
        for statement in them:
            if statement.note is not None:
                yield Command(menu, "", (), (), self._line(statement, ""), statement.last, note=statement.note)
                continue
            read = self._command(statement, menu)
            yield read
            block = next((part for part in statement.parts if part.kind == "block" and not part.name), None)
            if block is not None and not (read.script or read.verb or read.fault):
                # `/ip firewall { … }` or a bare `{ … }`: commands as ever, and the menu is as before after them.
                yield from self.walk(statements(self.source, block.start, block.end), read.menu)
            elif not (read.verb or read.script or read.fault):
                menu = read.menu

    def _line(self, statement: Statement, menu: str) -> Line:
        return self.source.line(statement.first, statement.start, statement.end, menu)

    def _command(self, statement: Statement, menu: str) -> Command:
        words = [part for part in statement.parts if part.kind == "word" and not part.name]
        leading = statement.parts[0] if statement.parts else None
        if leading is not None and leading in words and leading.value.startswith(":"):
            line = self._line(statement, "")
            text = self.source.text[statement.start : statement.end]
            script = leading.value[1:] or ":"
            return Command(menu, "", (), (), line, statement.last, statement.fault, script, text=text)
        path, rest, fault = _path(statement.parts, menu)
        verb = ""
        if rest and rest[0].kind == "word" and not rest[0].name and rest[0].value in VERBS:
            verb, rest = rest[0].value, rest[1:]
        elif any(part.kind != "block" for part in rest):
            fault = fault or _no_verb(rest)
        targets, arguments, doubled = _split(rest)
        return Command(
            path,
            verb,
            targets,
            arguments,
            self._line(statement, menu),
            statement.last,
            statement.fault or fault or doubled,
        )


def _path(parts: tuple[Part, ...], menu: str) -> tuple[str, tuple[Part, ...], str]:
    """The menu that leading words lead to, what follows them, and what is wrong with them."""
    path = menu
    for index, part in enumerate(parts):
        if part.kind != "word" or part.name or not part.value:
            return path, parts[index:], ""
        absolute = index == 0 and part.value.startswith("/")
        if absolute:
            path = ""
        for step in part.value.split("/"):
            if step in VERBS and (path or not absolute):
                return path, (Part(step, "word", part.start, part.end), *parts[index + 1 :]), ""
            if step == "..":
                path = path.rpartition("/")[0]
            elif step:
                going = f"{path}/{step}".strip("/")
                if not parts[0].value.startswith("/") and not is_menu(going):
                    return menu, parts[index:], f"`{step}` is neither a command nor a menu here; {_TO_MENU}"
                path = going
    return path, (), ""


def _no_verb(rest: tuple[Part, ...]) -> str:
    shown = rest[0].name or rest[0].value[:40]
    return f"there is no verb (add, set …) before `{shown}`"


def _split(parts: tuple[Part, ...]) -> tuple[tuple[Part, ...], tuple[Argument, ...], str]:
    """Words without a name, the arguments in order, and a fault where one name has two values.

    ``.ssid=`` repeats the prefix of the argument before it (``configuration.mode=ap .ssid=…``).
    """
    targets: list[Part] = []
    arguments: dict[str, Argument] = {}
    prefix = fault = ""
    for part in parts:
        name = part.name
        if not name and part.kind == "word" and part.value.startswith("!") and len(part.value) > 1:
            name, value = part.value[1:], None
        elif not name:
            targets.append(part)
            continue
        else:
            value = part.value
        if name.startswith("."):
            name = prefix + name
        elif "." in name:
            prefix = name.rpartition(".")[0]
        argument = Argument(name, value, part.kind in ("word", "string"))
        if name in arguments and arguments[name] != argument:
            fault = f"`{name}` is given twice with different values"
        arguments[name] = argument
    return tuple(targets), tuple(arguments.values()), fault
