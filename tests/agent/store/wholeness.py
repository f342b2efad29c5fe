"""What must hold of the disk wherever the writer ended: the whole old, the whole new, or a record of how to go back."""

from __future__ import annotations

import stat
from pathlib import Path

from bailiwick.agent.disk import history, record
from bailiwick.agent.disk.origin import Kept, Origin, Unit
from bailiwick.agent.disk.store import Store
from bailiwick.agent.places import Places
from tests.agent.store.making import made
from tests.agent.store.writer import ARMED, BEFORE, INSTALLED, MADE, NEW, OLD, WAITING


def standing(places: Places, path: str) -> tuple[bytes, int] | None:
    place = places.on_device(path)
    return (place.read_bytes(), stat.S_IMODE(place.stat().st_mode)) if place.exists() else None


def judge(root: Path) -> int:
    """Raises AssertionError, or what the store raises for what it cannot read; gives the confirmed generation."""
    places = Places(root)
    store, origin = Store(places), Origin(places)
    confirmed, window = store.confirmed(), record.load(places)
    numbers = store.numbers()

    assert confirmed in (1, 2)
    assert confirmed in numbers
    for number, files in ((1, OLD), (2, NEW)):
        if number in numbers:
            store.verify(number)
            assert {path: store.content(number, path) for path in files} == files
            assert {file.path for file in store.generation(number).files} == set(files)

    assert window in (None, ARMED, WAITING)
    found = {path: standing(places, path) for path in (INSTALLED, MADE)}
    old = {INSTALLED: (OLD[INSTALLED], 0o644), MADE: None}
    new = {path: (data, 0o644) for path, data in NEW.items()}
    assert all(found[path] in (old[path], new[path]) for path in found)
    if window is None:
        assert found == (old if confirmed == 1 else new)
    else:
        assert confirmed == 1
        assert {1, 2} <= set(numbers)

    origin.verify()
    kept = {path: origin.file(path) for path in (INSTALLED, MADE)}
    assert kept[INSTALLED] == Kept(BEFORE, 0o640, "root:root")
    assert kept[MADE] in (None, Kept(missing=("/etc/new",)))
    assert origin.settings() in ({}, {"net.ipv4.ip_forward": "0"})
    assert origin.units() in ({}, {"ufw.service": Unit("enabled", True)})
    if window is not None or confirmed == 2:
        assert kept[MADE] is not None
        assert origin.settings()
        assert origin.units()

    entries = history.entries(places)
    assert entries[0]["generation"] == 1
    assert len(entries) <= 2
    return confirmed


def go_on(root: Path) -> None:
    """What is left of the interrupted writer is in nobody's way."""
    store = Store(Places(root))
    before = store.numbers()
    staged = store.stage(made(OLD), OLD)

    assert staged.number > max(before)
    store.verify(staged.number)
    assert {one.name for one in store.places.generations.iterdir()} == {
        ".lock",
        "last",
        *(str(number) for number in store.numbers()),
    }
