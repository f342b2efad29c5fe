"""Interface lists: the inside is what stands for a zone. The outside has no list: it is what is not inside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bailiwick.plan.model import Plan
from bailiwick.targets.lines import Line
from bailiwick.targets.routeros.names import name as plain
from bailiwick.targets.routeros.ownership import tag
from bailiwick.targets.routeros.syntax import command

INSIDE = "inside"


class InterfaceLists:
    """Lists by their members, named after the first that asked for them."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        zones = (i.name for i in plan.interfaces if i.place and i.place.startswith("zone:"))
        self._names: dict[frozenset[str], str] = {frozenset(zones): INSIDE}

    def matcher(self, side: str, places: Iterable[str], wanted: str) -> dict[str, str]:
        """``in`` or ``out`` is an interface of these places; at least one must be given."""
        names = frozenset(self._plan.interface_of(place).name for place in places)
        if len(names) == 1:
            return {f"{side}-interface": next(iter(names))}
        name = self._names.setdefault(names, plain(wanted))
        return {f"{side}-interface-list": name}

    def lines(self) -> Iterator[Line]:
        for members, name in self._names.items():
            mark = tag(f"list:{name}")
            yield command("/interface list", "add", {"name": name, **mark})
            for one in sorted(members):
                yield command("/interface list member", "add", {"list": name, "interface": one, **mark})
