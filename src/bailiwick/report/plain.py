"""Text from a file, without the characters that would act rather than be seen."""

from __future__ import annotations

import re
from html import escape

_ACTING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Control characters (a terminal obeys ESC; XML 1.0, section 2.2, allows none), line and paragraph separators, the
marks that turn the direction of what follows (UAX #9), and what is no character."""


def plain(text: str) -> str:
    """Each such character shown as U+FFFD; tabs and line breaks stay."""
    return _ACTING.sub("\N{REPLACEMENT CHARACTER}", text)


def xml(text: str) -> str:
    """Plain, and escaped for the text or an attribute of XML."""
    return escape(plain(text))
