"""What the schema expects at each place, read off the pydantic model once: the reader and the editors follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bailiwick.language.quantities import DURATION, Duration
from bailiwick.language.reading import Reading
from bailiwick.language.schema import Home, Node
from bailiwick.language.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value, or several names where ``reading.many``."""

    reading: Reading


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentences:
    """A block list of sentences."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    item: Shape


@dataclass(frozen=True, slots=True)
class Named:
    """A mapping whose keys the owner chooses."""

    key: Reading
    value: Shape


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a section."""

    shape: Shape
    description: str
    required: bool
    default: Any


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping with the keys of one model."""

    model: type[Node]
    entries: Mapping[str, Entry] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.model.__name__


Shape: TypeAlias = Leaf | Choice | Sentences | Items | Named | Section


@cache
def home_shape() -> Section:
    """The shape of the whole file."""
    return _section(Home)


@cache
def _section(model: type[Node]) -> Section:
    entries = {}
    for name, info in model.model_fields.items():
        default = None if info.is_required() else _default(info)
        shape = _shape(info.annotation, info.metadata)
        entries[info.alias or name] = Entry(shape, info.description or "", info.is_required(), default)
    return Section(model, entries)


def _default(info: FieldInfo) -> Any:
    value = info.get_default(call_default_factory=True, validated_data={})
    return None if value is PydanticUndefined else value


def _shape(annotation: Any, metadata: Any = ()) -> Shape:
    for note in metadata:
        if isinstance(note, Reading):
            return Leaf(note)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _shape(arguments[0], annotation.__metadata__)
    if origin in (Union, UnionType):
        return _shape(next(a for a in arguments if a is not NoneType))
    if origin is Literal:
        return Choice(arguments)
    if origin is tuple:
        return Sentences() if arguments[0] is Sentence else Items(_shape(arguments[0]))
    if origin is dict:
        key = _shape(arguments[0])
        if not isinstance(key, Leaf):
            raise TypeError(f"the keys of {annotation} have no reading")
        return Named(key.reading, _shape(arguments[1]))
    if annotation is Duration:
        return Leaf(DURATION)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return Choice(tuple(word.value for word in annotation))
    if isinstance(annotation, type) and issubclass(annotation, Node):
        return _section(annotation)
    raise TypeError(f"no shape for {annotation}")
