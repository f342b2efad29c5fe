"""Names that a home file takes, as near as can be to what somebody called the thing."""

from __future__ import annotations

import re
import unicodedata

from bailiwick.network.names import KEYWORDS

_LONGEST = 32
_PREFIXES = re.compile(r"^(?:vlan|bridge|br|if)[-_. ]+(?=[A-Za-z])", re.I)
_SUFFIXES = re.compile(r"(?<=[A-Za-z0-9])[-_. ](?:vlan|bridge|br)$", re.I)
_GENERIC = re.compile(r"(?:bridge|br|local|bridge-?local|br-?lan|br0|bridge1|eth\d+|ether\d+|en[a-z]*\d\w*)", re.I)
_PLAIN_VLAN = re.compile(r"vlan[-_. ]?\d*", re.I)


def slug(text: str) -> str:
    """Lower-case letters, digits and hyphens, from a letter on; empty where nothing of the kind is in it."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return re.sub(r"^[^a-z]+", "", words)[:_LONGEST].strip("-")


def is_word(title: str) -> bool:
    """Whether a comment is a name rather than a remark."""
    return 0 < len(title) <= 16 and len(title.split()) == 1 and bool(slug(title))


def zone_words(interface: str, title: str, vlan: int | None) -> str:
    """What to call the zone of an interface: its comment where that is a word, else its name without ``vlan_``."""
    if is_word(title):
        return title
    if (_PLAIN_VLAN.fullmatch(interface) or interface.endswith(f".{vlan}")) and vlan is not None:
        return f"vlan{vlan}"
    if _GENERIC.fullmatch(interface):
        return "lan"
    return re.sub(r"(?<=[A-Za-z])0$", "", _SUFFIXES.sub("", _PREFIXES.sub("", interface))) or interface


class Taken:
    """Hands out each name once. Words of the language are nobody's."""

    def __init__(self) -> None:
        self._names = set(KEYWORDS)

    def take(self, *wishes: str) -> str:
        """The first wish that is a name and free, else the last with a number."""
        names = [name for name in map(slug, wishes) if name]
        for name in names:
            if name not in self._names:
                self._names.add(name)
                return name
        base = (names or ["thing"])[-1][: _LONGEST - 4].strip("-")
        number = next(n for n in range(2, 10_000) if f"{base}-{n}" not in self._names)
        self._names.add(f"{base}-{number}")
        return f"{base}-{number}"
