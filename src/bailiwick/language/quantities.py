"""Readings of quantities: numbers, switches, lengths of time."""

from __future__ import annotations

import re
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from bailiwick.language.reading import Reading, Unreadable, raw_text, whole_number


def read_count(raw: Any) -> int:
    """Decimal, no leading zero."""
    return whole_number(raw_text(raw), "number", "a whole number from 0 to 999999999")


def read_vlan(raw: Any) -> int:
    """1 to 4094: IEEE 802.1Q keeps 0 and 4095 for itself."""
    number = whole_number(raw_text(raw), "vlan-id", "a VLAN id")
    if not 1 <= number <= 4094:
        raise Unreadable("vlan-id", f"VLAN {number} does not exist: ids run from 1 to 4094 (IEEE 802.1Q).")
    return number


_FLAGS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def read_flag(raw: Any) -> bool:
    """The words of YAML 1.1, in any case."""
    text = raw_text(raw)
    value = _FLAGS.get(text.lower())
    if value is None:
        raise Unreadable("flag", f"`{text}` is neither yes nor no.", "write `yes` or `no`")
    return value


_DURATION = re.compile(r"([1-9][0-9]{0,8})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class Duration(int):
    """A span of time in seconds, written as ``12h``, ``30m``, ``2d``."""

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Raises Unreadable."""
        match = _DURATION.fullmatch(text)
        if not match:
            raise Unreadable(
                "duration", f"`{text}` is not a length of time.", "write a number and a unit: `90s`, `30m`, `12h`, `2d`"
            )
        seconds = int(match[1]) * _SECONDS[match[2]]
        if seconds >= 1 << 32:
            raise Unreadable("duration", f"`{text}` is longer than DHCP can say (136 years).")
        return cls(seconds)

    def __str__(self) -> str:
        for unit in "wdhm":
            if self and not self % _SECONDS[unit]:
                return f"{self // _SECONDS[unit]}{unit}"
        return f"{int(self)}s"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return DURATION.__get_pydantic_core_schema__(source, handler)


_SIZE = re.compile(r"([1-9][0-9]{0,8})([MGT]?)(?:i?B)?")


_BINARY = {"M": 1, "G": 1024, "T": 1024 * 1024}  # in MiB, as virtual machines are measured


def _mebibytes(text: str, bare: str) -> int | None:
    match = _SIZE.fullmatch(text)
    return int(match[1]) * _BINARY[match[2] or bare] if match else None


def read_memory(raw: Any) -> int:
    """In MiB: ``2048``, ``512M``, ``2G``; at most 1 TiB."""
    text = raw_text(raw)
    amount = _mebibytes(text, "M")
    if amount is None or amount > _BINARY["T"]:
        raise Unreadable("memory-size", f"`{text}` is not an amount of memory.", "write MiB, or a unit: `512M`, `2G`")
    return amount


def read_disk(raw: Any) -> int:
    """In GiB, rounded up: ``20``, ``20G``, ``1T``; at most 64 TiB."""
    text = raw_text(raw)
    amount = _mebibytes(text, "G")
    if amount is None or amount > 64 * _BINARY["T"]:
        raise Unreadable("disk-size", f"`{text}` is not a disk's size.", "write GiB, or a unit: `20G`, `1T`")
    return -(-amount // _BINARY["G"])


DURATION = Reading(
    lambda raw: Duration.parse(raw_text(raw)), "a length of time", "12h", pattern="^[1-9][0-9]{0,8}[smhdw]$"
)
