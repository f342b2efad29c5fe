"""Address lists: a text file beside the home file, one address, network or range a line, ``#`` for comments."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address

from bailiwick.language.addresses import read_cidr
from bailiwick.language.diagnostic import Diagnostic
from bailiwick.language.reading import Unreadable
from bailiwick.language.schema import Home
from bailiwick.language.sentence import Name
from bailiwick.language.sources import Sources, Unopened
from bailiwick.language.span import Span, Spans

_MOST = 10


def read_lists(home: Home, spans: Spans, sources: Sources) -> tuple[dict[str, tuple[Name, ...]], list[Diagnostic]]:
    """By group, the entries of its file; and what is wrong with them."""
    lists: dict[str, tuple[Name, ...]] = {}
    faults: list[Diagnostic] = []
    for name, group in home.groups.items():
        if group.file is None:
            continue
        asked = spans.value("groups", name, "file")
        file = sources.beside(asked.file, group.file)
        try:
            text = sources.text(file)
        except Unopened as why:
            faults.append(why.diagnostic(asked))
            continue
        entries, wrong = _entries(text, file)
        lists[name] = entries
        faults += wrong
        if not entries and not wrong:
            faults.append(Diagnostic("list-nothing", f"`{file}` holds no address.", asked, "put one on each line"))
    return lists, faults


def _entries(text: str, file: str) -> tuple[tuple[Name, ...], list[Diagnostic]]:
    out: list[Name] = []
    faults: list[Diagnostic] = []
    if text.lstrip().startswith("<"):
        line = text[: len(text) - len(text.lstrip())].count("\n") + 1
        at = Span(file, line, 1, line, len(text.split("\n")[line - 1].rstrip()) + 1)
        message = f"`{file}` is a web page, not a list of addresses."
        return (), [Diagnostic("list-html", message, at, "download the plain text again")]
    for number, full in enumerate(text.split("\n"), 1):
        bare = full.partition("#")[0].rstrip()
        word = bare.lstrip()
        if not word:
            continue
        column = len(bare) - len(word) + 1
        span = Span(file, number, column, number, column + len(word))
        try:
            _check(word)
        except Unreadable as why:
            if len(faults) < _MOST:
                faults.append(Diagnostic(why.code, why.message, span, why.help))
        else:
            out.append(Name(word, span))
    return tuple(out), faults


def _check(word: str) -> None:
    """Raises Unreadable unless the word is an IPv4 address, network or range."""
    if ":" in word:
        raise Unreadable("list-entry", f"`{word}` is IPv6, which is `off` for now.", "remove the line")
    if "/" in word:
        read_cidr(word)
        return
    first, dash, last = (part.strip() for part in word.partition("-"))
    try:
        if dash and IPv4Address(first) > IPv4Address(last):
            raise Unreadable("list-entry", f"The range `{word}` runs backwards.", f"write `{last}-{first}`")
        IPv4Address(first)
    except AddressValueError:
        raise Unreadable(
            "list-entry", f"`{word}` is no IPv4 address, network or range.", "one on each line; `#` starts a comment"
        ) from None
