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


def diff_states(old: str, new: str, home: Path, today: date) -> Diffed:
    """Each name is a home file, a directory that ``build`` wrote or a router's root, or a revision of ``home``.

    A directory needs a home file on the other side, which says what its interfaces stand for. Raises Problems,
    NoRevision, NotBuilt, NftMissing.
    """
    from bailiwick.proof.comparison import compare  # noqa: PLC0415

    states = {name: _home(name, home, today) for name in dict.fromkeys((old, new)) if not Path(name).is_dir()}
    known = next(iter(states.values()), None) or _home(str(home), home, today)
    both = [states[name] if name in states else _directory(name, known) for name in (old, new)]
    first, second = (_state(name, one) for name, one in zip((old, new), both, strict=True))
    return Diffed(first, second, compare(first.side, second.side))


def _home(name: str, home: Path, today: date) -> Proven:
    return prove_home(_checked(name, home, today))


def _checked(name: str, home: Path, today: date) -> Checked:
    path = Path(name)
    if path.is_file():
        return check(path, today)
    revision, _, file = name.partition(":")
    wanted = home.parent / file if file else home
    return check_read(read_files(files_at(revision, wanted), wanted.name, today))


def _directory(name: str, known: Proven) -> Proven:
    return prove_home(known.checked, Path(name))


def _state(name: str, proven: Proven) -> State:
    from bailiwick.proof.comparison import Side  # noqa: PLC0415

    side = Side(proven.device, proven.proof.places, proven.checked.intent)
    return State(name, side, proven.texts, proven.checked.read.document.sources)
