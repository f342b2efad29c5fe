"""What a writer that was ended leaves beside its path."""

from __future__ import annotations

from pathlib import Path

from bailiwick.agent.places import Places
from bailiwick.agent.switch.installing import sweep


def test_half_written_files_go_and_nothing_else(tmp_path: Path) -> None:
    here, dropped = tmp_path / "etc/bailiwick", tmp_path / "etc/bailiwick/lan.network.d"
    away, theirs = tmp_path / "etc/other", tmp_path / "etc/theirs"
    for folder in (dropped, away, theirs):
        folder.mkdir(parents=True)
    (here / "linked.d").symlink_to(theirs)
    gone = [here / ".firewall.nft.167.bailiwick", dropped / ".until.conf.9.bailiwick"]
    kept = [here / "firewall.nft", here / ".notes.bailiwick", away / ".x.1.bailiwick", theirs / ".y.2.bailiwick"]
    for path in (*gone, *kept):
        path.write_text("a")

    sweep(Places(tmp_path), ["/etc/bailiwick/firewall.nft", "/etc/nowhere/file"])

    assert [path for path in gone if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []
