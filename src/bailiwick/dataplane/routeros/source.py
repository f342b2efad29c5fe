"""The text of an export as physical lines, with the accidents of printing and pasting repaired."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from bailiwick.dataplane.routeros.fault import ExportError
from bailiwick.dataplane.tally import Line

TOP = (
    "app|caps-man|certificate|console|container|disk|dude|file|interface|iot|ip|ipv6|lcd|log|lora|mpls|openflow|"
    "partitions|port|ppp|queue|radius|routing|snmp|special-login|system|tool|tr069-client|user|user-manager|zerotier"
)
"""First words of paths."""

_GLUED = re.compile(rf"(?<=[^\s/;])(?=/(?:{TOP})(?: [a-z][\w-]*)*[ \t]*\n(?:#[^\n]*\n)+(?:add|set)\b)")
_PAIR = re.compile(r"""([\w.-]+)\s*=\s*("(?:\\.|[^"\\])*"?|\{.*|[^\s;]*)""", re.DOTALL)
_SECRET_WORDS = (
    r"(?:password|passphrase|secret|private-key|preshared-key|pre-shared-key|psk|wpa2?-key|wep-key|auth-key|md5-key"
    r"|authentication-key|community|static-key-\d|sim-pin|pin-code|source|on-event|on-login|on-logout|on-up|on-down"
    r"|script)"
)
_SECRET = re.compile(f"{_SECRET_WORDS}$")
_SECRET_NEAR = re.compile(rf"{_SECRET_WORDS}\s*=")
"""Ends of names whose values are not to be shown: secrets, and scripts that may hold some."""
_REFUSED = (
    (re.compile("\0"), "this is no text: it holds a NUL byte"),
    (re.compile(r"^#(?:error exporting|interrupted)", re.MULTILINE), "RouterOS did not finish this export"),
)
_WRAP = re.compile(r"\\[ \t]*\n[ \t]*")
_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Source:
    """``text`` ends its lines with ``\\n`` and nothing else; offsets into it keep the numbers of the file's lines."""

    file: str
    text: str
    _starts: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, file: str, text: str) -> Source:
        """Raises ExportError for a text with NUL in it, and for one that RouterOS broke off itself.

        ``/export terse`` glues the next path to the line before an item that carries a note; it is set apart again.
        """
        text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        for mark, sentence in _REFUSED:
            if found := mark.search(text):
                raise ExportError(sentence, Line(file, text.count("\n", 0, found.start()) + 1))
        text = _GLUED.sub(";", text)
        return cls(file, text, [0, *(match.end() for match in re.finditer("\n", text))])

    @property
    def lines(self) -> int:
        return len(self._starts) - (self._starts[-1] == len(self.text))

    def number(self, offset: int) -> int:
        """The line that a character stands in, from 1."""
        return bisect_right(self._starts, offset)

    def span(self, number: int) -> tuple[int, int]:
        """The offsets where a line begins and ends."""
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self._starts[number - 1], end

    def raw(self, number: int) -> str:
        start, end = self.span(number)
        return self.text[start:end].rstrip("\n")

    def line(self, first: int, start: int, end: int, menu: str = "") -> Line:
        """A place to show: a command's text on one line, under its menu, without its secrets."""
        shown = " ".join(hide(_WRAP.sub("", self.text[start:end]).strip()).split("\n"))
        if menu and not shown.startswith("/"):
            shown = f"/{menu.replace('/', ' ')} {shown}"
        return Line(self.file, first, shown[:_SHOWN])


def is_secret(name: str) -> bool:
    """Whether the value of an argument is not to be shown."""
    return _SECRET.search(name) is not None


def hide(text: str) -> str:
    """The text with every value that may be a secret put out of sight, within comments too."""
    return _PAIR.sub(_hidden, text) if _SECRET_NEAR.search(text) else text


def _hidden(pair: re.Match[str]) -> str:
    return f"{pair[1]}=…" if is_secret(pair[1]) else f"{pair[1]}={hide(pair[2])}"
