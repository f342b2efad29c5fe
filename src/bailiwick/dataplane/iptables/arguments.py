"""The words of a rule put in order: its chain, what the packet's header is asked, its matches, its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bailiwick.dataplane.iptables import grammar
from bailiwick.dataplane.iptables.names import protocol_number
from bailiwick.dataplane.iptables.tokens import Token


class NotUnderstood(ValueError):
    """Part of a rule has a form or a value that is not known here; the text says which."""


class Option(NamedTuple):
    """One option; ``negated`` by a ``!`` before it, or, as old dumps have it, before its value."""

    name: str
    values: tuple[str, ...] = ()
    negated: bool = False

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    def __str__(self) -> str:
        return " ".join(("!",) * self.negated + (f"--{self.name}", *self.values))


@dataclass(slots=True)
class Module:
    """A match or a target with its options in the order of the text; ``known`` is False for one not in ``grammar``."""

    name: str
    known: bool = True
    options: list[Option] = field(default_factory=list)

    def get(self, *names: str) -> Option | None:
        """The one option of these names; raises NotUnderstood where it is written twice."""
        found = [option for option in self.options if option.name in names]
        if len(found) > 1:
            raise NotUnderstood(f"--{found[0].name} is written more than once")
        return found[0] if found else None

    def has(self, *names: str) -> bool:
        return any(option.name in names for option in self.options)

    def __str__(self) -> str:
        return " ".join([self.name, *map(str, self.options)])


@dataclass(slots=True)
class Arguments:
    """A rule's words in order. ``faults`` are what no part could take: iptables-restore would refuse the line."""

    core: dict[str, Option] = field(default_factory=dict)
    matches: list[Module] = field(default_factory=list)
    target: Module | None = None
    goto: bool = False
    faults: list[str] = field(default_factory=list)

    def protocol(self) -> int | None:
        """The one protocol that the rule is about (``-p`` without ``!``), or None."""
        option = self.core.get("protocol")
        return None if option is None or option.negated else protocol_number(option.value)


class _Parser:
    def __init__(self, words: Sequence[Token]) -> None:
        self.words = words
        self.at = 0
        self.out = Arguments()

    def parse(self) -> Arguments:
        negated = False
        while self.at < len(self.words):
            word = self.words[self.at]
            self.at += 1
            if word.text == "!" and not word.quoted:
                negated = not negated
                continue
            if word.text.startswith("--") and len(word.text) > 2:
                name, given, value = word.text[2:].partition("=")
                self._option(name, negated, value if given else None)
            elif word.text.startswith("-") and len(word.text) > 1:
                self._option(word.text[1], negated, word.text[2:] or None)
            else:
                self.out.faults.append(f"a word out of place: {word.text}")
            negated = False
        if negated:
            self.out.faults.append("a ! with nothing after it")
        return self.out

    def _option(self, name: str, negated: bool, attached: str | None) -> None:
        core = grammar.CORE.get(name)
        if core is not None and len(name) == 1:
            return self._core(core, negated, attached)
        modules = [*self.out.matches]
        if self.out.target is not None:
            modules.append(self.out.target)
        # What was loaded last is asked first (xtables_merge_options).
        for module in reversed(modules):
            table = grammar.MATCHES if module is not self.out.target else grammar.TARGETS
            if module.known and name in table[module.name]:
                return self._take(module, name, table[module.name][name], negated, attached)
        if core is not None:
            return self._core(core, negated, attached)
        for module in reversed(modules):
            table = grammar.MATCHES if module is not self.out.target else grammar.TARGETS
            full = grammar.find(table[module.name], name) if module.known else None
            if full is not None:
                return self._take(module, full, table[module.name][full], negated, attached)
        protocol = self.out.protocol()
        implied = grammar.IMPLIED.get(protocol) if protocol is not None else None
        full = grammar.find(grammar.MATCHES[implied], name) if implied else None
        if implied and full:
            self.out.matches.append(Module(implied))
            return self._take(self.out.matches[-1], full, grammar.MATCHES[implied][full], negated, attached)
        stranger = next((module for module in reversed(modules) if not module.known), None)
        values = self._values_of_stranger(attached)
        if stranger is None:
            self.out.faults.append(f"an option that no part of the rule knows: --{name}")
        else:
            stranger.options.append(Option(name, values, negated))
        return None

    def _core(self, name: str, negated: bool, attached: str | None) -> None:
        option = self._read(name, grammar.CORE_ARITY.get(name, 1), negated, attached)
        if name == "match":
            known = grammar.MATCH_ALIASES.get(option.value, option.value)
            self.out.matches.append(Module(known, known in grammar.MATCHES))
        elif name in ("jump", "goto"):
            if self.out.target is not None:
                self.out.faults.append("more than one target")
            self.out.goto = name == "goto"
            self.out.target = Module(option.value, option.value in grammar.TARGETS)
        elif name in self.out.core:
            self.out.faults.append(f"--{name} is written more than once")
        else:
            self.out.core[name] = option
        if negated and name in ("match", "jump", "goto"):
            self.out.faults.append(f"a ! before --{name}")

    def _take(self, module: Module, name: str, arity: int, negated: bool, attached: str | None) -> None:
        module.options.append(self._read(name, arity, negated, attached))

    def _read(self, name: str, arity: int, negated: bool, attached: str | None) -> Option:
        values = [] if attached is None else [attached]
        if arity and not values and self._next_is("!"):
            negated = not negated
            self.at += 1
        if arity == grammar.OPTIONAL:
            if not values and self.at < len(self.words) and not self._next_is_option():
                values.append(self._pop())
        else:
            while len(values) < arity and self.at < len(self.words):
                values.append(self._pop())
            if len(values) != arity:
                self.out.faults.append(f"--{name} has {len(values)} values, not {arity}")
        return Option(name, tuple(values), negated)

    def _values_of_stranger(self, attached: str | None) -> tuple[str, ...]:
        values = [] if attached is None else [attached]
        while self.at < len(self.words) and not self._next_is_option():
            values.append(self._pop())
        return tuple(values)

    def _pop(self) -> str:
        self.at += 1
        return self.words[self.at - 1].text

    def _next_is(self, text: str) -> bool:
        return self.at < len(self.words) and self.words[self.at] == (text, False)

    def _next_is_option(self) -> bool:
        word = self.words[self.at]
        return not word.quoted and (word.text == "!" or word.text.startswith("-"))


def arguments(words: Sequence[Token]) -> Arguments:
    """The words after the chain's name. Raises nothing: what has no place is in ``faults``."""
    return _Parser(words).parse()
