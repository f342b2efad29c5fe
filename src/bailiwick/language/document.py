"""A home file, its includes and its lists, read whole: the one way from disk to a validated model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bailiwick.language.diagnostic import Diagnostic, Problems
from bailiwick.language.lists import read_lists
from bailiwick.language.merging import compose_all
from bailiwick.language.reader import Reader
from bailiwick.language.schema import Home
from bailiwick.language.sentence import Name
from bailiwick.language.shapes import home_shape
from bailiwick.language.sources import Sources, disk_reader, memory_reader
from bailiwick.language.span import Spans


@dataclass(frozen=True, slots=True)
class Document:
    """``sources``: the text of every file that was read, by the name that spans carry. ``lists``: for each group
    with a ``file``, its entries with their places."""

    home: Home
    spans: Spans
    sources: Mapping[str, str]
    lists: Mapping[str, tuple[Name, ...]]


def load(path: Path) -> Document:
    """Read a home file with all it includes. Raises Problems, sources attached."""
    return _load(disk_reader, str(path))


def loads(files: Mapping[str, str], main: str = "home.yaml") -> Document:
    """The same without a disk: file names to texts. Raises Problems, sources attached."""
    return _load(memory_reader(files), main)


def _load(read: Callable[[str], bytes], main: str) -> Document:
    sources = Sources(read)
    root, faults = compose_all(sources, main)
    if root is None:
        raise Problems(faults, sources.texts)
    reader = Reader()
    raw = reader.read(root, home_shape())
    spans = Spans(reader.keys, reader.values)
    faults += reader.faults
    try:
        home = Home.model_validate(raw)
    except ValidationError as invalid:
        faults += _translated(invalid, spans, reader)
    if faults:
        raise Problems(faults, sources.texts)
    lists, faults = read_lists(home, spans, sources)
    if faults:
        raise Problems(faults, sources.texts)
    return Document(home, spans, dict(sources.texts), lists)


def _translated(invalid: ValidationError, spans: Spans, reader: Reader) -> list[Diagnostic]:
    """What the readings of the leaves said, at the leaves' places."""
    out = []
    for error in invalid.errors(include_url=False, include_input=False):
        path = error["loc"]
        if any(path[:length] in reader.broken for length in range(len(path) + 1)):
            continue
        context = error.get("ctx", {})
        if "message" in context:
            out.append(Diagnostic(error["type"], context["message"], spans.value(*path), context["help"]))
        else:
            out.append(Diagnostic("value-shape", "This value does not fit its place.", spans.value(*path)))
    return out
