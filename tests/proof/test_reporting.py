"""Whom a RouterOS router tells and asks: each word of it changed, and the change is seen."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bailiwick.dataplane.routeros import read_export
from bailiwick.proof.reporting import reported
from bailiwick.workflow import check
from bailiwick.workflow.checking import Checked
from tests.targets.routeros.homes import home

MORE = """\
syslog: nas
ntp: {upstreams: [nas, time.example.net]}
ddns: [{provider: mikrotik}]
"""

CHANGES = {
    "another host hears it": ("remote=192.168.40.5", "remote=8.8.8.8", "its log is sent to 8.8.8.8, and nobody asks"),
    "another port": ("remote-port=514", "remote-port=515", "as syslog udp/515"),
    "another form": ("remote-log-format=syslog", "remote-log-format=cef", "as default udp/514"),
    "fewer topics": ("add topics=warning action", "add topics=warning disabled=yes action", "critical,error,info, and"),
    "debug too": ("add topics=info action", "add topics=debug action", "critical,debug,error,warning, and"),
    "no action": ("target=remote", "target=memory", "nothing says that its log is sent to 192.168.40.5"),
    "another server": ("servers add address=192.168.40.5", "servers add address=203.0.113.66", "the time is asked of"),
    "no server": ("servers add address=time.", "servers add disabled=yes address=time.", "the time is asked of time."),
    "nobody asks": ("client set enabled=yes", "client set enabled=no", "/system/ntp/client enabled is no"),
    "the vendor's clock": ("update-time=no", "update-time=yes", "/ip/cloud update-time is yes"),
    "no name": ("ddns-enabled=yes", "ddns-enabled=auto", "/ip/cloud ddns-enabled is auto"),
}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    path = tmp_path_factory.mktemp("reporting") / "home.yaml"
    path.write_text(home("routeros") + MORE, encoding="utf-8")
    return check(path, date(2026, 1, 1))


def sentences(checked: Checked, text: str) -> list[str]:
    device = read_export(text, "/bailiwick.rsc", "gate")
    return [one.sentence for one in reported(checked.intent.network, device)]


def script(checked: Checked) -> str:
    [only] = checked.trees[0].artifacts
    return only.text


def test_what_is_written_is_what_was_meant(checked: Checked) -> None:
    assert sentences(checked, script(checked)) == []


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_seen(checked: Checked, what: str) -> None:
    old, new, expected = CHANGES[what]
    text = script(checked)
    assert old in text
    found = sentences(checked, text.replace(old, new, 1))
    assert any(expected in one for one in found), found


@pytest.mark.parametrize("version", ["7.16", "7.18"])
def test_a_home_that_names_nobody_tells_nobody(tmp_path: Path, version: str) -> None:
    path = tmp_path / "home.yaml"
    quiet = home("routeros").replace("routeros-7.20", f"routeros-{version}").replace(", serves: ntp", "")
    path.write_text(quiet, encoding="utf-8")
    checked = check(path, date(2026, 1, 1))
    text = script(checked)
    assert sentences(checked, text) == []
    more = "/system logging action add name=x target=remote remote=203.0.113.66\n/ip cloud set ddns-enabled=yes\n"
    assert len(sentences(checked, text + more)) == 2


def test_before_718_the_form_has_another_word(tmp_path: Path) -> None:
    path = tmp_path / "home.yaml"
    path.write_text(home("routeros").replace("routeros-7.20", "routeros-7.17") + MORE, encoding="utf-8")
    checked = check(path, date(2026, 1, 1))
    assert "bsd-syslog=yes" in script(checked)
    assert sentences(checked, script(checked)) == []
    assert sentences(checked, script(checked).replace("bsd-syslog=yes", "bsd-syslog=no")) != []
