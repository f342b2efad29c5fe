"""Two states of a network, each a home file, a git revision of one, or a directory of files, compared in meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bailiwick.workflow.checking import Checked, check, check_read
from bailiwick.workflow.proving import Proven, prove_home
from bailiwick.workflow.reading import read_files
from bailiwick.workflow.revisions import files_at

if TYPE_CHECKING:
    from bailiwick.proof.comparison import Comparison, Side


@dataclass(frozen=True, slots=True)
class State:
    """``name`` as it was asked for; ``texts`` the written files, ``sources`` those of the home file."""

    name: str
    side: Side
    texts: Mapping[str, str]
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Diffed:
    old: State
    new: State
    comparison: Comparison


def diff_states(old: str, new: str, home: Path, today: date, zones: tuple[tuple[str, str], ...] = ()) -> Diffed:
    """Each name is a home file, a revision of ``home``, a directory that ``build`` wrote or a router's root, or a
    configuration that ``audit`` reads.

    A directory needs a home file, which says what its interfaces stand for; the zones of a configuration are derived
    from it, ``zones`` being (name, interfaces or networks). Raises Problems, NoRevision, NotBuilt, NftMissing,
    Unusable, BadZone.
    """
    from bailiwick.proof.comparison import compare  # noqa: PLC0415

    homes: dict[str, Proven] = {}

    def state(name: str) -> State:
        path = Path(name)
        if path.is_dir():
            known = next(iter(homes.values()), None) or prove_home(check(home, today))
            return _state(name, prove_home(known.checked, path))
        if path.is_file() and _is_foreign(path):
            return _foreign(name, path, zones)
        homes[name] = prove_home(_checked(name, home, today))
        return _state(name, homes[name])

    # Directories last: a home file on the other side says what their interfaces stand for.
    order = sorted(dict.fromkeys((old, new)), key=lambda name: Path(name).is_dir())
    states = {name: state(name) for name in order}
    return Diffed(states[old], states[new], compare(states[old].side, states[new].side))


def _is_foreign(path: Path) -> bool:
    from bailiwick.workflow.recognition import recognise  # noqa: PLC0415

    return path.suffix not in (".yaml", ".yml") and recognise(path.read_text("utf-8", "replace")) is not None


def _foreign(name: str, path: Path, zones: tuple[tuple[str, str], ...]) -> State:
    from bailiwick.proof.audit.zones import find_zones  # noqa: PLC0415
    from bailiwick.proof.comparison import Side  # noqa: PLC0415
    from bailiwick.proof.places import Places  # noqa: PLC0415
    from bailiwick.workflow.devices import load  # noqa: PLC0415

    device = load([path])[0].device
    found = find_zones(device, zones)
    interfaces = {one: zone.id for zone in found.all for one in zone.interfaces if not one.endswith("*")}
    return State(name, Side(device, Places(interfaces, ())), {name: path.read_text("utf-8", "replace")}, {})


def _checked(name: str, home: Path, today: date) -> Checked:
    path = Path(name)
    if path.is_file():
        return check(path, today)
    revision, _, file = name.partition(":")
    wanted = home.parent / file if file else home
    return check_read(read_files(files_at(revision, wanted), wanted.name, today))


def _state(name: str, proven: Proven) -> State:
    from bailiwick.proof.comparison import Side  # noqa: PLC0415

    side = Side(proven.device, proven.proof.places, proven.checked.intent)
    return State(name, side, proven.texts, proven.checked.read.document.sources)
