"""Which sets and maps a rule changes while packets pass (nft(8), set statement and map statement)."""

from __future__ import annotations

import re

MAP_CHANGE = re.compile(r"(add|update|delete) @([^\s{]+) ")
"""nft 1.0.6 has no JSON for the change of a map, and writes its text: what is done, to which map."""


def fills(expressions: object) -> set[tuple[str, bool]]:
    """The sets and maps that a rule's statements change, and whether one takes out what is there.

    nft 1.0.6 leaves the flag ``dynamic`` out of its JSON, so the rules have to tell.
    """
    found = set[tuple[str, bool]]()
    for statement in expressions if isinstance(expressions, list) else []:
        if isinstance(statement, str) and (change := MAP_CHANGE.match(statement)):
            found.add((change[2], change[1] == "delete"))
        for kind in ("set", "map"):
            inner = statement.get(kind) if isinstance(statement, dict) else None
            if isinstance(inner, dict) and isinstance(inner.get(kind), str):
                found.add((inner[kind].removeprefix("@"), inner.get("op") == "delete"))
    return found
