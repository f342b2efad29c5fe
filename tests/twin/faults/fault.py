"""One fault: which file of which home is damaged, and what must be said of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

Edit = Callable[[str], str]
FIREWALL = "/etc/bailiwick/firewall.nft"
EXITS = "/etc/bailiwick/exits.batch"
SETTINGS = "/etc/sysctl.d/90-bailiwick.conf"


class NothingChanged(Exception):
    """The file no longer holds what the fault was to damage."""


@dataclass(frozen=True, slots=True)
class Fault:
    """``sight`` is a regular expression that one of the trial's findings must match, so that a fault seen by accident,
    somewhere else, does not count. ``needs`` is what the kernel must have for it ("802.1Q"). ``gateway`` is a zone's
    name and the address that the stage is to wait for there, where the fault moves it. ``also`` are further files and
    their edits, where one lock more stands before the same door. ``every`` plays the acts that take longer, too.
    ``harmless`` says why no packet can go another way."""

    name: str
    what: str
    home: str
    path: str
    edit: Edit
    sight: str
    needs: str = ""
    gateway: tuple[str, str] | None = None
    also: tuple[tuple[str, Edit], ...] = ()
    every: bool = False
    harmless: str = ""

    @property
    def edits(self) -> tuple[tuple[str, Edit], ...]:
        return ((self.path, self.edit), *self.also)


def without(words: str) -> Edit:
    """Every line with these words is left out."""
    return _kept(lambda line: words not in line, words)


def without_first(words: str) -> Edit:
    """The first line with these words is left out."""
    return instead_of_line(words, lambda line: "")


def instead(old: str, new: str, times: int = -1) -> Edit:
    """These words become others: everywhere, or so many times from the top."""

    def change(text: str) -> str:
        return _changed(text, text.replace(old, new, times), old)

    return change


def in_block(head: str, edit: Edit) -> Edit:
    """The edit, only inside one chain, set or map of a ruleset: ``head`` is "chain forward"."""

    def change(text: str) -> str:
        before, name, rest = text.partition(f"\t{head} {{\n")
        body, end, after = rest.partition("\n\t}\n")
        if not (name and end):
            raise NothingChanged(head)
        return before + name + edit(body + "\n").removesuffix("\n") + end + after

    return change


def instead_of_line(words: str, line_edit: Edit) -> Edit:
    """The first line with these words is rewritten; "" leaves it out."""

    def change(text: str) -> str:
        lines = text.splitlines(keepends=True)
        for number, line in enumerate(lines):
            if words in line:
                return _changed(text, "".join([*lines[:number], line_edit(line), *lines[number + 1 :]]), words)
        raise NothingChanged(words)

    return change


def instead_of_lines(pattern: str, tail: str) -> Edit:
    """Every line that matches ends in ``tail``, from where the tail's first word stands in it."""

    def change(text: str) -> str:
        word = tail.split(" ", 1)[0]
        lines = [line[: line.index(word)] + tail if re.match(pattern, line) else line for line in text.splitlines()]
        return _changed(text, "\n".join(lines) + "\n", pattern)

    return change


def in_line(words: str, old: str, new: str) -> Edit:
    """In the first line with these words, ``old`` becomes ``new``."""
    return instead_of_line(words, instead(old, new))


def before_line(words: str, more: str) -> Edit:
    """One more line before the first with these words, at the same depth."""

    def insert(line: str) -> str:
        return line[: len(line) - len(line.lstrip("\t"))] + more + "\n" + line

    return instead_of_line(words, insert)


def both(first: Edit, second: Edit) -> Edit:
    return lambda text: second(first(text))


def _kept(keep: Callable[[str], bool], words: str) -> Edit:
    def change(text: str) -> str:
        return _changed(text, "".join(line for line in text.splitlines(keepends=True) if keep(line)), words)

    return change


def _changed(old: str, new: str, words: str) -> str:
    if new == old:
        raise NothingChanged(words)
    return new
