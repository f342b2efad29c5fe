"""The plan as plain data: for ``--format json``, and to compare two plans by machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import TypeAlias

from bailiwick.language.span import Span
from bailiwick.network.model import Match
from bailiwick.packets.interval import IntervalSet
from bailiwick.plan.ids import match_words
from bailiwick.plan.model import Plan
from bailiwick.plan.words import ranged, services

Data: TypeAlias = "bool | int | str | list[Data] | dict[str, Data] | None"


def as_data(plan: Plan) -> dict[str, Data]:
    """Nodes as objects of their fields' names; address sets as lists of ranges, services as ``tcp/443``, places in
    the home file as ``file:line:column``."""
    return _fields(plan)


def _fields(node: object) -> dict[str, Data]:
    assert is_dataclass(node)
    return {field.name: _plain(getattr(node, field.name)) for field in fields(node)}


def _plain(value: object) -> Data:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, IntervalSet):
        return [ranged(span) for span in value.spans]
    if isinstance(value, Match):
        return match_words(value)
    if isinstance(value, Span | IPv4Address | IPv4Interface | IPv4Network):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and value and isinstance(value[0], Match):
        return list(services(value))
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return _fields(value)
