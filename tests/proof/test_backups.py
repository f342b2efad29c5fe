"""The script that makes backups on a MikroTik asks and encrypts, or saves nothing; a changed word of it is seen."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bailiwick.dataplane.routeros import read_export
from bailiwick.proof.backups import backups
from bailiwick.proof.prove import prove
from bailiwick.workflow import check
from bailiwick.workflow.checking import Checked
from bailiwick.workflow.machines import read_script
from tests.targets.routeros.homes import home

CHANGES = {
    "an algorithm that is none": ("encryption=aes-sha256", "encryption=rc4"),
    "no password": (r"password=\$one", "dont-encrypt=yes"),
    "a password in the text": (r"password=\$one", "password=letmein12345"),
    "an empty password will do": (r"[:len \$one] < 12", r"[:len \$one] < 0"),
    "two that differ will do": (r":if (\$one != \$two)", r":if (\$one = 1)"),
    "no source": ("source=", "owner="),
    "not there": ("/system script add", "# /system script add"),
    "by another name": ("name=bailiwick-backup", "name=backup"),
}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    path = tmp_path_factory.mktemp("backups") / "home.yaml"
    path.write_text(home("routeros"), encoding="utf-8")
    return check(path, date(2026, 1, 1))


def script(checked: Checked) -> str:
    [only] = checked.trees[0].artifacts
    return only.text


def sentences(checked: Checked, text: str) -> list[str]:
    return [one.sentence for one in backups(checked.intent.network, read_export(text, "/bailiwick.rsc", "gate"))]


def test_what_is_written_asks_and_encrypts(checked: Checked) -> None:
    text = script(checked)
    assert sentences(checked, text) == []
    assert text.count("/system script add ") == 1
    saved = re.findall(r"/system/backup/save [^;]*", text)
    assert saved == [r"/system/backup/save name=bailiwick encryption=aes-sha256 password=\$one"]


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_seen(checked: Checked, what: str) -> None:
    old, new = CHANGES[what]
    text = script(checked)
    assert old in text
    assert any("bailiwick-backup" in one for one in sentences(checked, text.replace(old, new)))


def test_a_script_that_nothing_asks_for_is_seen(checked: Checked) -> None:
    more = '/system script add name=other source=":put hello"\n'
    assert sentences(checked, script(checked) + more) == ["the script other is there, and nothing asks for it"]


def test_the_whole_proof_asks(checked: Checked) -> None:
    text = script(checked).replace("encryption=aes-sha256", "encryption=rc4")
    found = prove(checked.intent, read_script("gate", {"/bailiwick.rsc": text})).differences
    assert any("bailiwick-backup" in one.sentence for one in found)


def test_the_script_does_nothing_to_packets(checked: Checked) -> None:
    """And what it says is shown nowhere: another's may hold a password."""
    tally = read_script("gate", {"/bailiwick.rsc": script(checked)}).tally
    assert tally.unknown == ()
    [line] = [line.text for line, _ in tally.ignored if line.text.startswith("/system script add")]
    assert "source=…" in line
    assert "terminal" not in line
