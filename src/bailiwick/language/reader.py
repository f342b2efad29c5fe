"""The node tree to raw values, led by the schema: places recorded, short forms written out, unknown keys refused.

The result goes to pydantic, whose validators read each leaf; what was reported here is not reported again.
"""

from __future__ import annotations

from typing import Any

from bailiwick.language.diagnostic import Diagnostic, Label
from bailiwick.language.guess import did_you_mean, nearest
from bailiwick.language.names import check_word
from bailiwick.language.reading import Reading, Secret, Unreadable
from bailiwick.language.sentences import SentenceReader
from bailiwick.language.shapes import Choice, Entry, Items, Leaf, Named, Section, Sentences, Shape
from bailiwick.language.span import Path, Span
from bailiwick.language.tree import MAP_TAG, SEQ_TAG, STR_TAG, MappingNode, ScalarNode, SequenceNode, YamlNode, place


class Broken:
    """Stands for a value whose fault was reported; no reading takes it."""


BROKEN = Broken()


class Reader:
    """One document's reading. ``values`` and ``keys`` fill with places, ``faults`` with what is wrong."""

    def __init__(self) -> None:
        self.keys: dict[Path, Span] = {}
        self.values: dict[Path, Span] = {}
        self.faults: list[Diagnostic] = []
        self.broken: set[Path] = set()
        self._active: set[int] = set()

    def read(self, node: YamlNode, shape: Shape, path: Path = ()) -> Any:
        span = self.values[path] = place(node)
        if isinstance(node, ScalarNode):
            if isinstance(shape, Leaf | Choice):
                return self._leaf(node, shape, path)
            return self._text_for(node, shape, path, span)
        if id(node) in self._active:
            return self._fail(path, "yaml-alias", "A YAML alias leads back to what contains it.", span, "write it out")
        if node.tag not in (MAP_TAG, SEQ_TAG):
            return self._unknown_tag(node, path)
        self._active.add(id(node))
        try:
            if isinstance(node, SequenceNode):
                return self._sequence(node, shape, path, span)
            if isinstance(node, MappingNode):
                return self._mapping(node, shape, path, span)
            raise TypeError(f"a YAML node of an unknown kind: {type(node).__name__}")
        finally:
            self._active.discard(id(node))

    def _fail(self, path: Path, code: str, message: str, span: Span, help: str = "", *labels: Label) -> Broken:
        self.faults.append(Diagnostic(code, message, span, help, labels))
        self.broken.add(path)
        return BROKEN

    def _unknown_tag(self, node: YamlNode, path: Path) -> Broken:
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")
        return self._fail(
            path,
            "yaml-tag",
            f"`{tag}` has no meaning here.",
            place(node),
            "`!secret NAME` is the only tag of a home file",
        )

    # -- scalars

    def _leaf(self, node: ScalarNode, shape: Leaf | Choice, path: Path) -> Any:
        if node.tag == "!secret":
            return Secret(node.value)
        if node.tag != STR_TAG:
            return self._unknown_tag(node, path)
        if isinstance(shape, Choice):
            return self._choice(node, shape, path)
        if not node.value and path:
            return self._fail(
                path,
                "value-missing",
                f"Nothing stands after `{path[-1]}`.",
                place(node),
                "write a value, or remove the key",
            )
        return self._names(node, path) if shape.reading.many else node.value

    def _choice(self, node: ScalarNode, shape: Choice, path: Path) -> Any:
        if node.value in shape.words:
            return node.value
        words = " or ".join(f"`{word}`" for word in shape.words)
        written = f"`{node.value}` is not known here" if node.value else "Nothing stands here"
        hint = did_you_mean(node.value, shape.words)
        return self._fail(path, "choice", f"{written}, only {words}.", place(node), hint)

    def _names(self, node: ScalarNode, path: Path) -> Any:
        """``a, b`` in one scalar: a list, each name with its own place."""
        span = place(node)
        if not node.value.strip():
            return self._fail(path, "value-missing", "Nothing stands here.", span, "write a name, or remove the key")
        exact = span.line == span.end_line and span.end_column - span.column - len(node.value) in (0, 2)
        at = span.column + (span.end_column - span.column - len(node.value)) // 2
        names: list[str | Broken] = []
        for index, piece in enumerate(node.value.split(",")):
            word = piece.strip()
            where = span
            if exact:
                start = at + len(piece) - len(piece.lstrip()) if word else at
                where = Span(span.file, span.line, start, span.line, start + max(len(word), 1))
            at += len(piece) + 1
            names.append(self._name(word, where, (*path, index)))
        return self._whole(names, path)

    def _whole(self, names: list[str | Broken], path: Path) -> list[str | Broken] | Broken:
        """A list of names is read as one value: a broken name breaks it."""
        if BROKEN in names:
            self.broken.add(path)
            return BROKEN
        return names

    def _name(self, word: str, span: Span, path: Path) -> str | Broken:
        self.values[path] = span
        try:
            check_word(word)
        except Unreadable as why:
            return self._fail(path, why.code, why.message, span, why.help)
        return word

    def _text_for(self, node: ScalarNode, shape: Shape, path: Path, span: Span) -> Any:
        """Text where more than one value is expected: a short form, an empty section, or a mistake."""
        if node.tag != STR_TAG:
            return self._unknown_tag(node, path)
        empty = not node.value and not node.style
        if empty and isinstance(shape, Named | Items | Sentences):
            return {} if isinstance(shape, Named) else []
        if isinstance(shape, Items) and not empty:
            return self._items([node], shape, path)
        if isinstance(shape, Section) and not empty:
            key = shape.model.short_text
            if shape.model.short_list and "," in node.value:
                key = shape.model.short_list
            elif "/" in node.value:
                key = shape.model.short_path
            if key:
                return {key: self.read(node, shape.entries[key].shape, (*path, key))}
        if empty:
            return self._fail(
                path,
                "value-missing",
                f"Nothing stands below `{path[-1]}`." if path else "Nothing stands here.",
                self.keys.get(path, span),
                "write its keys below, or `{}`",
            )
        if isinstance(shape, Sentences):
            return self._fail(
                path, "value-shape", "Sentences are a list.", span, "start each with a dash on a line of its own"
            )
        return self._fail(
            path, "value-shape", f"`{_brief(node.value)}` stands where keys belong.", span, _keys_help(shape)
        )

    # -- collections

    def _sequence(self, node: SequenceNode, shape: Shape, path: Path, span: Span) -> Any:
        if isinstance(shape, Sentences):
            return self._sentences(node, path)
        if isinstance(shape, Items):
            return self._items(node.value, shape, path)
        if isinstance(shape, Leaf) and shape.reading.many:
            # `from: []` would say nobody, and mean what the key means unsaid: everybody. (A group without members
            # has an error of its own, with more to say.)
            if not node.value and path[-1] != "members":
                message = f"The list after `{path[-1]}` is empty."
                return self._fail(path, "value-missing", message, span, "name somebody, or remove the key")
            return self._whole([self._item_name(item, (*path, index)) for index, item in enumerate(node.value)], path)
        if isinstance(shape, Section) and shape.model.short_list:
            key = shape.model.short_list
            self._active.discard(id(node))  # a short form reads the same node again, one level down
            return {key: self.read(node, shape.entries[key].shape, (*path, key))}
        if isinstance(shape, Leaf | Choice):
            return self._fail(path, "value-shape", "A single value belongs here, not a list.", span)
        return self._fail(path, "value-shape", "A list stands where keys belong.", span, _keys_help(shape))

    def _sentences(self, node: SequenceNode, path: Path) -> list[Any]:
        reader = SentenceReader(self.faults.append)
        out: list[Any] = []
        for index, item in enumerate(node.value):
            sentence = reader.read(item)
            at = (*path, index)
            if sentence is None:
                self.values[at] = place(item)
                self.broken.add(at)
                out.append(BROKEN)
            else:
                self.values[at] = sentence.span
                out.append(sentence)
        return out

    def _items(self, nodes: list[YamlNode], shape: Items, path: Path) -> list[Any]:
        out: list[Any] = []
        for node in nodes:
            if isinstance(node, ScalarNode) and "," in node.value and node.tag == STR_TAG:
                names = self._names(node, path)
                if isinstance(names, list):
                    out.extend(names)
                continue
            out.append(self.read(node, shape.item, (*path, len(out))))
        return out

    def _item_name(self, node: YamlNode, path: Path) -> str | Broken:
        if not isinstance(node, ScalarNode):
            self.values[path] = place(node)
            return self._fail(path, "value-shape", "A single name belongs here, not a list or a mapping.", place(node))
        if node.tag != STR_TAG:
            return self._unknown_tag(node, path)
        return self._name(node.value, place(node), path)

    def _mapping(self, node: MappingNode, shape: Shape, path: Path, span: Span) -> Any:
        if isinstance(shape, Section):
            return self._section(node, shape, path, span)
        if isinstance(shape, Named):
            return self._named(node, shape, path)
        if isinstance(shape, Sentences):
            return self._fail(path, "value-shape", "Sentences are a list.", span, "start each with a dash")
        noun = "A list" if isinstance(shape, Items) else "A single value"
        return self._fail(path, "value-shape", f"{noun} belongs here, not keys.", span)

    def _key(self, key: YamlNode, seen: dict[str, Span]) -> str | None:
        """The key's text, refused when it is no plain text, a merge key, or there already."""
        span = place(key)
        if not isinstance(key, ScalarNode) or key.tag != STR_TAG:
            self.faults.append(Diagnostic("key-form", "A key is one plain word.", span))
            return None
        word: str = key.value
        if word == "<<":
            self.faults.append(
                Diagnostic(
                    "yaml-merge", "Merge keys (`<<`) are not read: what they hide is hard to see.", span, "write it out"
                )
            )
            return None
        if word in seen:
            self._twice(word, span, seen[word])
            return None
        seen[word] = span
        return word

    def _twice(self, word: str, span: Span, first: Span) -> None:
        labels = (Label(first, "first here"),)
        self.faults.append(Diagnostic("duplicate-key", f"`{word}` stands twice.", span, "keep one of them", labels))

    def _section(self, node: MappingNode, shape: Section, path: Path, span: Span) -> dict[str, Any]:
        out: dict[str, Any] = {}
        seen: dict[str, Span] = {}
        hinted = {"<<"} if any(isinstance(key, ScalarNode) and key.value == "<<" for key, _ in node.value) else set()
        for key, value in node.value:
            word = self._key(key, seen)
            if word is None:
                continue
            entry = shape.entries.get(word)
            if entry is None:
                hinted.add(self._unknown_key(word, seen[word], shape))
                continue
            at = (*path, word)
            self.keys[at] = seen[word]
            out[word] = self.read(value, entry.shape, at)
        for word, entry in shape.entries.items():
            if not entry.required or word in seen:
                continue
            if word in hinted or "<<" in hinted:  # told already, as the key that was probably meant
                self.broken.add((*path, word))
            else:
                self._missing(word, entry, path, span)
        return out

    def _unknown_key(self, word: str, span: Span, shape: Section) -> str:
        """Reports it; the key that was probably meant, or nothing."""
        where = "a home file" if shape.name == "Home" else f"a {_noun(shape)}"
        meant = nearest(word, shape.entries.keys())
        hint = f"did you mean `{meant}`?" if meant else f"known here: {', '.join(shape.entries)}"
        self.faults.append(Diagnostic("unknown-key", f"`{word}` is no key of {where}.", span, hint))
        return meant

    def _missing(self, word: str, entry: Entry, path: Path, span: Span) -> None:
        at = self.keys.get(path) or Span(span.file, span.line, span.column, span.line, span.column + 1)
        whose = f"`{path[-1]}`" if path else "the file"
        example = _example(entry.shape)
        self._fail((*path, word), "missing-key", f"`{word}` is missing from {whose}.", at, f"add `{word}: {example}`")

    def _named(self, node: MappingNode, shape: Named, path: Path) -> dict[str, Any]:
        out: dict[str, Any] = {}
        seen: dict[str, Span] = {}
        meant: dict[str, Span] = {}
        for key, value in node.value:
            word = self._key(key, seen)
            if word is None:
                continue
            name = self._read_key(word, shape.key, seen[word], meant)
            at = (*path, name or word)
            self.keys.setdefault(at, seen[word])
            below = self.read(value, shape.value, at)  # below a key that is wrong too: all is told in one go
            if name is not None:
                out[name] = below
        return out

    def _read_key(self, word: str, reading: Reading, span: Span, meant: dict[str, Span]) -> str | None:
        try:
            name: str = reading.read(word)
        except Unreadable as why:
            self.faults.append(Diagnostic(why.code, why.message, span, why.help))
            return None
        if name in meant:
            self._twice(word, span, meant[name])
            return None
        meant[name] = span
        return name


def _brief(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def _noun(shape: Section) -> str:
    words = {
        "DhcpDefaults": "`dhcp` section",
        "Dns": "`dns` section",
        "Dhcp": "`dhcp` section",
        "Tests": "`tests` section",
    }
    return words.get(shape.name, {"DevicePort": "device's port"}.get(shape.name, shape.name.lower()))


def _keys_help(shape: Shape) -> str:
    if isinstance(shape, Section):
        return f"known here: {', '.join(shape.entries)}"
    return "write `name: value` lines below it"


def _example(shape: Shape) -> str:
    if isinstance(shape, Leaf):
        return shape.reading.example
    return shape.words[0] if isinstance(shape, Choice) else "..."
