"""What is looked at on the device: all that any of some generations, or the origin, ever put there."""

from __future__ import annotations

from collections.abc import Mapping

from bailiwick.agent.disk.origin import Origin
from bailiwick.agent.disk.store import Store
from bailiwick.agent.look.live import Scope
from bailiwick.dataplane.linux.draft import Ledger
from bailiwick.dataplane.linux.ini import assigned, sections, yes

SYSCTL = "/etc/sysctl.d/"
NETWORK = "/etc/systemd/network/"


def scope(store: Store, origin: Origin, *numbers: int) -> Scope:
    """Of the generations ``numbers`` and the origin together. Raises store.Damaged, store.Refused."""
    paths, settings, units = set(origin.paths()), set(map(slashed, origin.settings())), set(origin.units())
    links: set[str] = set()
    networks: dict[str, str] = {}
    for number in numbers:
        generation = store.generation(number)
        units |= {*generation.enable, *generation.disable}
        links |= set(generation.links)
        for file in generation.files:
            paths.add(file.path)
            if file.path.startswith(SYSCTL):
                settings |= set(assignments(_text(store, number, file.path)))
            elif file.path.startswith(NETWORK):
                networks[file.path + f"#{number}"] = _text(store, number, file.path)
    made, steady = _links(networks)
    found = (paths, settings, units, links, made, steady)
    return Scope(*(tuple(sorted(one)) for one in found))


def _text(store: Store, number: int, path: str) -> str:
    return store.content(number, path).decode("utf-8", "replace")


def assignments(text: str) -> dict[str, tuple[str, bool]]:
    """A file of sysctl.d(5): key, with slashes, to its value and whether it must be there (no dash before it).

    Where the first of ``.`` and ``/`` in a key is a dot, it parts the words and a slash stands for a dot (sysctl.d(5)).
    """
    found: dict[str, tuple[str, bool]] = {}
    for line in text.splitlines():
        said = line.strip()
        key, equals, value = said.partition("=")
        if said and equals and said[0] not in "#;":
            name = key.strip()
            found[slashed(name.removeprefix("-").strip())] = (" ".join(value.split()), not name.startswith("-"))
    return found


def slashed(key: str) -> str:
    """A key as a path below /proc/sys."""
    dot, slash = key.find("."), key.find("/")
    if dot >= 0 and (slash < 0 or dot < slash):
        return key.translate(str.maketrans("./", "/."))
    return key


def _links(files: Mapping[str, str]) -> tuple[set[str], set[str]]:
    """Links that networkd makes, and those that keep their addresses without a carrier."""
    made: set[str] = set()
    steady: set[str] = set()
    for path, text in files.items():
        found = sections(path, text, Ledger())
        name = path.partition("#")[0]
        if name.endswith(".netdev"):
            made |= set(assigned(found, "NetDev", "Name"))
        elif name.endswith(".network") and any(map(yes, assigned(found, "Network", "ConfigureWithoutCarrier"))):
            steady |= set(" ".join(assigned(found, "Match", "Name")).split())
    return made, steady
