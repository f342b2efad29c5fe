"""What stood on the device is remembered once, whole, and given back as it was."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from bailiwick.agent.disk import durable, record
from bailiwick.agent.disk.origin import Kept, NotRemembered, Origin, Unit
from bailiwick.agent.disk.pointer import Damaged
from bailiwick.agent.disk.store import Store
from bailiwick.agent.places import Places
from tests.agent.store.making import SMALL, made
from tests.agent.store.writer import ARMED


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(tmp_path)
    durable.directory(places.on_device("/etc"), 0o755)
    return places


def put(places: Places, path: str, text: str, mode: int = 0o644) -> None:
    durable.write(places.on_device(path), text.encode(), mode, durable.own())


def test_files_links_and_their_absence_are_remembered(places: Places) -> None:
    put(places, "/etc/file", "theirs", 0o640)
    places.on_device("/etc/link").symlink_to("../run/elsewhere")
    origin = Origin(places)

    origin.remember_files(["/etc/file", "/etc/link", "/etc/none", "/etc/far/below/none"])

    owner = durable.owner_of(places.on_device("/etc/file").stat())
    assert origin.file("/etc/file") == Kept(b"theirs", 0o640, owner)
    assert origin.file("/etc/link") == Kept(target="../run/elsewhere")
    assert origin.file("/etc/none") == Kept()
    assert origin.file("/etc/far/below/none") == Kept(missing=("/etc/far", "/etc/far/below"))
    assert origin.file("/etc/asked-of-nobody") is None
    assert origin.paths() == ("/etc/far/below/none", "/etc/file", "/etc/link", "/etc/none")
    assert [kept.absent for path in origin.paths() if (kept := origin.file(path))] == [True, False, False, True]
    origin.verify()


def test_it_is_remembered_once_and_for_ever(places: Places) -> None:
    put(places, "/etc/file", "theirs")
    Origin(places).remember_files(["/etc/file"])
    Origin(places).remember_settings({"a": "0", "gone": None})
    Origin(places).remember_units({"ufw.service": Unit("enabled", True)})
    record.save(places, ARMED)
    put(places, "/etc/file", "ours")

    Origin(places).remember_files(["/etc/file", "/etc/other"])
    Origin(places).remember_settings({"a": "1", "b": "2"})
    Origin(places).remember_units({"ufw.service": Unit("masked", False), "ssh.service": Unit("static", True)})

    origin = Origin(places)
    kept = origin.file("/etc/file")
    assert kept is not None
    assert kept.content == b"theirs"
    assert origin.settings() == {"a": "0", "gone": None, "b": "2"}
    assert origin.units() == {"ufw.service": Unit("enabled", True), "ssh.service": Unit("static", True)}


def test_what_cannot_be_put_back_is_refused_and_nothing_is_remembered(places: Places) -> None:
    put(places, "/etc/file", "theirs")
    places.on_device("/etc/directory").mkdir()
    os.mkfifo(places.on_device("/etc/pipe"))

    for path in ("/etc/directory", "/etc/pipe", "relative", "/etc/../etc/file", "/var/lib/bailiwick/confirmed"):
        with pytest.raises(NotRemembered):
            Origin(places).remember_files(["/etc/file", path])
    assert Origin(places).paths() == ()


def test_a_way_that_is_a_link_is_refused_before_anything_is_changed(places: Places) -> None:
    places.on_device("/etc/real").mkdir()
    places.on_device("/etc/way").symlink_to("real")

    for path in ("/etc/way/file", "/etc/way/not-there/file"):
        with pytest.raises(durable.NotWritten, match="is a link"):
            Origin(places).remember_files([path])


@pytest.mark.parametrize("damage", ["flip", "missing", "list", "link"])
def test_damage_is_told(places: Places, damage: str) -> None:
    put(places, "/etc/file", "theirs")
    origin = Origin(places)
    origin.remember_files(["/etc/file"])
    (content,) = (places.origin / "contents").iterdir()
    match damage:
        case "flip":
            content.write_bytes(b"Theirs")
        case "missing":
            content.unlink()
        case "list":
            listed = places.origin / "origin.json"
            listed.write_text(listed.read_text().replace('"mode": 420', '"mode": 421'))
        case _:
            content.unlink()
            content.symlink_to("/etc/passwd")

    with pytest.raises(Damaged):
        origin.verify()
    with pytest.raises(Damaged):
        origin.file("/etc/file")


def test_while_nothing_of_ours_stands_what_stands_is_the_origin(places: Places) -> None:
    put(places, "/etc/file", "theirs")
    origin, store = Origin(places), Store(places)
    origin.remember_files(["/etc/file", "/etc/other"])
    origin.remember_settings({"a": "0"})
    store.stage(made(SMALL), SMALL)
    store.confirm(1)
    put(places, "/etc/file", "ours")
    origin.remember_files(["/etc/file"])
    origin.remember_settings({"a": "1"})
    assert text(origin, "/etc/file") == b"theirs"
    assert origin.settings() == {"a": "0"}

    store.confirm(0)
    record.save(places, replace(ARMED, old=0, new=1))
    origin.remember_files(["/etc/file"])
    assert text(origin, "/etc/file") == b"theirs"
    record.clear(places)
    put(places, "/etc/file", "theirs, a year later")
    put(places, "/etc/other", "new")
    origin.remember_files(["/etc/file"])
    origin.remember_settings({"a": "2"})

    assert text(origin, "/etc/file") == b"theirs, a year later"
    assert text(origin, "/etc/other") == b"new"
    assert origin.settings() == {"a": "2"}
    assert len(list((places.origin / "contents").iterdir())) == 2
    origin.verify()


def text(origin: Origin, path: str) -> bytes | None:
    kept = origin.file(path)
    assert kept is not None
    return kept.content


def test_what_is_remembered_already_touches_nothing(places: Places) -> None:
    put(places, "/etc/file", "theirs")
    origin = Origin(places)
    inodes: set[int] = set()
    for _ in range(2):
        origin.remember_files(["/etc/file"])
        origin.remember_units({"ufw.service": Unit("enabled", True)})
        inodes.add((places.origin / "origin.json").stat().st_ino)
    record.save(places, ARMED)
    origin.remember_files(["/etc/file"])
    origin.remember_units({"ufw.service": Unit("disabled", False)})

    assert inodes == {(places.origin / "origin.json").stat().st_ino}


def test_what_an_agent_that_knew_less_remembered_is_read(places: Places) -> None:
    origin = Origin(places)
    origin.remember_settings({"a": "0"})
    origin.remember_links({"eth0": True})
    listed = places.origin / "origin.json"
    remembered = {"files": {}, "settings": {"a": "0"}, "units": {}}
    written = json.dumps(remembered, sort_keys=True).encode()
    listed.write_text(json.dumps({"sha256": hashlib.sha256(written).hexdigest(), "remembered": remembered}))

    assert origin.settings() == {"a": "0"}
    assert origin.links() == {}
    record.save(places, ARMED)
    origin.remember_links({"eth0": False, "eth1": True})
    origin.remember_links({"eth0": True})
    assert origin.links() == {"eth0": False, "eth1": True}
