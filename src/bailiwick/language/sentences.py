"""Sentences: ``- a, b except c -> d: services`` and its mapping form, read to the column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeAlias, TypeVar

from bailiwick.language.diagnostic import Diagnostic
from bailiwick.language.faulty_sentences import EXAMPLE, SYNONYMS, crowded, negation, no_sentence, odd_arrow
from bailiwick.language.names import check_word
from bailiwick.language.quantities import read_flag
from bailiwick.language.reading import Unreadable, read_text
from bailiwick.language.sentence import Name, Sentence, Side
from bailiwick.language.span import Span
from bailiwick.language.tree import STR_TAG, MappingNode, ScalarNode, SequenceNode, YamlNode, place

T = TypeVar("T")
Report: TypeAlias = Callable[[Diagnostic], None]

_EXTRAS = ("log", "expires", "comment")
_LONG = ("from", "to", "services", *_EXTRAS)


class _Faulty(Exception):
    """The sentence cannot be read further; why was reported."""


class SentenceReader:
    """Reads the items of one list of sentences; ``report`` takes what is wrong with them."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def read(self, node: YamlNode) -> Sentence | None:
        """None when it was faulty."""
        try:
            if isinstance(node, MappingNode):
                return self._mapping(node)
            raise self._said(no_sentence(node))
        except _Faulty:
            return None

    def _fault(self, code: str, message: str, span: Span, help: str = "") -> _Faulty:
        return self._said(Diagnostic(code, message, span, help))

    def _said(self, diagnostic: Diagnostic) -> _Faulty:
        self._report(diagnostic)
        return _Faulty()

    def _mapping(self, node: MappingNode) -> Sentence:
        keys = [key.value if isinstance(key, ScalarNode) else "" for key, _ in node.value]
        if len(keys) == 1 and "->" in keys[0]:
            key, value = node.value[0]
            source, target = self._arrow(key, value)
            return self._finish(node, source, target, value)
        if any("->" in key for key in keys):
            raise self._said(crowded(node, ("services", *_EXTRAS)))
        if any(key in _LONG for key in keys):
            return self._long(node)
        raise self._said(no_sentence(node))

    def _arrow(self, key: ScalarNode, value: YamlNode) -> tuple[Side, Side]:
        text, at = key.value, place(key)
        if key.tag != STR_TAG:
            raise self._said(negation(at))
        odd = odd_arrow(key, value)
        if odd:
            raise self._said(odd)
        parts = text.split("->")
        if len(parts) != 2:
            raise self._fault(
                "sentence-arrow", "A sentence has one arrow.", at, "write one sentence for each step: replies need none"
            )
        left, right = parts
        base = _column(key)
        source = self._side(left, at, base, "before the arrow")
        return source, self._side(right, at, None if base is None else base + len(left) + 2, "after the arrow")

    def _side(self, text: str, at: Span, base: int | None, where: str) -> Side:
        """``base``: the column of the text's first character, None when the text is not in one piece."""
        head, word, tail = _except(text)
        if " except " in tail:
            raise self._fault(
                "sentence-form", "A side has one `except`.", at, "name all that is taken away after it: `except b, c`"
            )
        names = self._names(head, at, base, where)
        if not word:
            return Side(names)
        offset = None if base is None else base + len(head) + len(word)
        return Side(names, self._names(tail, at, offset, "after `except`"))

    def _names(self, text: str, at: Span, base: int | None, where: str) -> tuple[Name, ...]:
        out, offset, faulty = [], 0, False
        for piece in text.split(","):
            word = piece.strip()
            if base is None:
                span = at
            else:
                column = base + offset + (len(piece) - len(piece.lstrip()) if word else 0)
                span = Span(at.file, at.line, column, at.line, column + max(len(word), 1))
            offset += len(piece) + 1
            try:
                self._check(word, span, text, where)
            except _Faulty:
                faulty = True
            out.append(Name(word, span))
        if faulty:
            raise _Faulty
        return tuple(out)

    def _check(self, word: str, span: Span, text: str, where: str) -> None:
        if not word:
            if not text.strip():
                raise self._fault("sentence-empty", f"Nothing stands {where}.", span, EXAMPLE)
            raise self._fault(
                "list-empty", "A name is missing beside the comma.", span, "remove the comma, or name somebody"
            )
        if word.startswith("!"):
            raise self._said(negation(span))
        if word == "*":
            raise self._fault("sentence-form", "`*` names nobody.", span, "name the zones, or `any` for services")
        try:
            check_word(word)
        except Unreadable as why:
            raise self._fault(why.code, why.message, span, why.help) from None

    def _finish(self, node: MappingNode, source: Side, target: Side, value: YamlNode) -> Sentence:
        if not isinstance(value, MappingNode):
            return Sentence(source, target, self._services(value), place(node))
        entries = self._entries(value, ("services", *_EXTRAS))
        return self._build(node, source, target, entries)

    def _long(self, node: MappingNode) -> Sentence:
        entries = self._entries(node, _LONG)
        faulty = False
        sides = []
        for key in ("from", "to"):
            try:
                if key not in entries:
                    raise self._fault("missing-key", f"The sentence has no `{key}`.", place(node), EXAMPLE)
                sides.append(self._listed(entries[key], f"after `{key}:`"))
            except _Faulty:
                faulty = True
        if faulty:
            raise _Faulty
        return self._build(node, sides[0], sides[1], entries)

    def _build(self, node: MappingNode, source: Side, target: Side, entries: Mapping[str, YamlNode]) -> Sentence:
        if "services" not in entries:
            raise self._fault(
                "sentence-services", "The sentence names no services.", place(node), "add `services: any`, or fewer"
            )
        services = self._services(entries["services"])
        log = self._scalar(entries["log"], read_flag) if "log" in entries else False
        expires = self._scalar(entries["expires"], _date) if "expires" in entries else None
        comment = self._scalar(entries["comment"], read_text) if "comment" in entries else ""
        return Sentence(source, target, services, place(node), log, expires, comment)

    def _entries(self, node: MappingNode, known: tuple[str, ...]) -> dict[str, YamlNode]:
        out: dict[str, YamlNode] = {}
        faulty = False
        for key, value in node.value:
            word = key.value if isinstance(key, ScalarNode) and key.tag == STR_TAG else "?"
            try:
                if word not in known:
                    meant = SYNONYMS.get(word.lower(), "")
                    hint = f"did you mean `{meant}`?" if meant in known else f"a sentence knows {', '.join(known)}"
                    raise self._fault("unknown-key", f"`{word}` is no key of a sentence.", place(key), hint)
                if word in out:
                    raise self._fault("duplicate-key", f"`{word}` stands twice in the sentence.", place(key))
            except _Faulty:
                faulty = True
            out[word] = value
        if faulty:
            raise _Faulty
        return out

    def _services(self, node: YamlNode) -> Side:
        if isinstance(node, ScalarNode) and not node.value.strip():
            raise self._fault(
                "sentence-services", "The sentence names no services.", place(node), "write `any` for all of them"
            )
        return self._listed(node, "where the services belong")

    def _listed(self, node: YamlNode, where: str) -> Side:
        """Text with commas, or a list of single names."""
        if isinstance(node, SequenceNode):
            names: tuple[Name, ...] = ()
            for item in node.value:
                names += self._listed(item, where).names
            if not names:
                raise self._fault("sentence-empty", f"Nothing stands {where}.", place(node), EXAMPLE)
            return Side(names)
        if not isinstance(node, ScalarNode):
            raise self._no_list(node)
        if node.tag != STR_TAG:
            raise self._said(negation(place(node)))
        return self._side(node.value, place(node), _column(node), where)

    def _no_list(self, node: YamlNode) -> _Faulty:
        return self._fault("value-shape", "A name belongs here, not a list or a mapping.", place(node))

    def _scalar(self, node: YamlNode, read: Callable[[str], T]) -> T:
        try:
            if not isinstance(node, ScalarNode):
                raise Unreadable("value-shape", "A single value belongs here, not a list or a mapping.")
            if node.tag != STR_TAG:
                raise Unreadable("yaml-tag", f"`{node.tag}` has no meaning in a sentence.", "write plain text")
            return read(node.value)
        except Unreadable as why:
            raise self._fault(why.code, why.message, place(node), why.help) from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable("date", f"`{text}` is not a day.", "write it as `2027-01-31`") from None


def _except(text: str) -> tuple[str, str, str]:
    at = f"{text} ".find(" except ")
    if at < 0:
        return (text, "", "") if not text.lstrip().startswith("except ") else ("", "except ", text.lstrip()[7:])
    return text[:at], text[at : at + 8], text[at + 8 :]


def _column(node: ScalarNode) -> int | None:
    """The column where a scalar's text starts, when the text stands in the file as it is."""
    start, end = node.start_mark, node.end_mark
    if start.line != end.line:
        return None
    width = end.column - start.column
    if width == len(node.value):
        return int(start.column) + 1
    return int(start.column) + 2 if node.style and width == len(node.value) + 2 else None
