from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from bailiwick.targets.artifact import Artifact, Tree
from bailiwick.workflow.building import Refused, build

TREES = (
    Tree("gate", (Artifact("/etc/a.conf", "one\n"), Artifact("/etc/ppp/secret", "two\n", mode=0o600))),
    Tree("ap", (Artifact("sheet.md", "# ap\n"),)),
)


def content(directory: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(directory)): (path.read_bytes(), path.stat().st_mode & 0o777)
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def test_every_device_has_its_tree_with_its_modes(tmp_path: Path) -> None:
    built = build(TREES, tmp_path / "out")
    assert built.files == ("ap/sheet.md", "gate/etc/a.conf", "gate/etc/ppp/secret", "manifest.json")
    written = content(tmp_path / "out")
    assert written["gate/etc/a.conf"] == (b"one\n", 0o644)
    assert written["gate/etc/ppp/secret"] == (b"two\n", 0o600)


def test_the_manifest_knows_every_file_by_hash(tmp_path: Path) -> None:
    build(TREES, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    listed = {(d["device"], f["path"]): f["sha256"] for d in manifest["devices"] for f in d["files"]}
    assert listed["gate", "/etc/a.conf"] == sha256(b"one\n").hexdigest()
    assert len(listed) == 3


def test_two_builds_are_equal_byte_for_byte(tmp_path: Path) -> None:
    build(TREES, tmp_path / "one")
    build(TREES, tmp_path / "two")
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_a_second_build_replaces_the_first_whole(tmp_path: Path) -> None:
    build(TREES, tmp_path / "out")
    build(TREES[1:], tmp_path / "out")
    assert sorted(content(tmp_path / "out")) == ["ap/sheet.md", "manifest.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"], "nothing is left beside it"


def test_an_empty_directory_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    build(TREES, tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").is_file()


@pytest.mark.parametrize("name", ["letter.txt", "gate/etc/more.conf"])
def test_what_no_build_wrote_is_never_destroyed(tmp_path: Path, name: str) -> None:
    build(TREES, tmp_path / "out")
    (tmp_path / "out" / name).write_text("mine", encoding="utf-8")
    before = content(tmp_path / "out")
    with pytest.raises(Refused, match=name):
        build(TREES, tmp_path / "out")
    assert content(tmp_path / "out") == before


def test_a_file_changed_by_hand_is_never_overwritten(tmp_path: Path) -> None:
    build(TREES, tmp_path / "out")
    (tmp_path / "out" / "gate/etc/a.conf").write_text("mine", encoding="utf-8")
    with pytest.raises(Refused, match=r"a\.conf"):
        build(TREES, tmp_path / "out")


@pytest.mark.parametrize("manifest", ["", "{}", "[]", '{"devices": [{"device": 1}]}', '{"devices": [1]}', "\xff"])
def test_a_strange_manifest_makes_no_directory_ours(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text(manifest, encoding="latin-1")
    with pytest.raises(Refused):
        build(TREES, tmp_path / "out")


def test_a_link_or_a_file_in_the_directorys_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for name in ("link", "file"):
        with pytest.raises(Refused):
            build(TREES, tmp_path / name)


def test_a_build_that_fails_leaves_the_old_one_whole(tmp_path: Path) -> None:
    build(TREES, tmp_path / "out")
    before = content(tmp_path / "out")
    twice = Tree("gate", (Artifact("/a", "x"), Artifact("/a/b", "a file where a directory is needed")))
    with pytest.raises(OSError, match=r"directory|exists"):
        build((twice,), tmp_path / "out")
    assert content(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
