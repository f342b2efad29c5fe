"""The syntax of dnsmasq's configuration files (dnsmasq(8), ``--conf-file``)."""

from __future__ import annotations

import re

from bailiwick.targets.lines import Line

_PLAIN = re.compile(r"[A-Za-z0-9._:/@!+*-]+")


def quote(text: str) -> str:
    """One field of a value. Inside double quotes commas, hashes and blanks mean themselves (option.c, read_file).

    Raises ValueError for control characters, and for text that is no ASCII: dnsmasq would take its bytes as they are.
    """
    if _PLAIN.fullmatch(text):
        return text
    if not text.isascii() or not text.isprintable():
        raise ValueError(f"dnsmasq cannot be given {text!r}")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def option(name: str, *fields: str, ids: tuple[str, ...] = ()) -> Line:
    """``name`` alone, or ``name=field,field``; each field quoted where it must be."""
    value = ",".join(quote(field) for field in fields)
    return Line(f"{name}={value}" if fields else name, ids)
