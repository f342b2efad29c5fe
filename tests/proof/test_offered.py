"""What a router that runs RouterOS answers itself: who manages it gets in, and nothing else listens."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bailiwick.dataplane.routeros import read_export
from bailiwick.proof.offered import offered
from bailiwick.workflow import check
from bailiwick.workflow.checking import Checked
from tests.targets.routeros.homes import home

CHANGES = {
    "a service that is off": ("set ssh disabled=no", "set ssh disabled=yes", "ssh is off, and would answer"),
    "a service that is on": ("set telnet disabled=yes", "set telnet disabled=no", "telnet is on, and no sentence"),
    "another port": ("set ssh disabled=no port=22", "set ssh disabled=no port=23", "on port 23 rather than 22"),
    "a zone less": ("192.168.10.0/24,192.168.88.0/24", "192.168.10.0/24", "does not answer 192.168.88."),
    "UPnP": ("/ip upnp set enabled=no", "/ip upnp set enabled=yes", "UPnP listens on port 1900"),
    "what is on by itself": ("/tool bandwidth-server set enabled=no\n", "", "bandwidth test listens"),
    "ciphers": ("strong-crypto=yes ", "", "/ip/ssh strong-crypto is no"),
    "paths back": ("rp-filter=no", "rp-filter=strict", "/ip/settings rp-filter is strict"),
    "redirects": ("send-redirects=no ", "", "/ip/settings send-redirects is yes"),
}


def script(path: Path, text: str) -> tuple[Checked, str]:
    path.write_text(text, encoding="utf-8")
    checked = check(path, date(2026, 1, 1))
    return checked, checked.trees[0].artifacts[0].text


def said(checked: Checked, text: str) -> list[str]:
    return [one.sentence for one in offered(checked.read.network, read_export(text, "bailiwick.rsc"))]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(tmp_path: Path, change: str) -> None:
    checked, text = script(tmp_path / "home.yaml", home("routeros"))
    assert said(checked, text) == []
    old, new, sentence = CHANGES[change]
    assert old in text, "the change changes something"
    assert any(sentence in one for one in said(checked, text.replace(old, new)))


@pytest.mark.parametrize("services", ["any", "any except udp/53", "tcp/1-1024", "ssh, api/8728", "proto/6"])
@pytest.mark.parametrize("who", ["mgmt", "clock", "outside"])
def test_what_is_rendered_answers_those_who_may(tmp_path: Path, services: str, who: str) -> None:
    services = services.replace("api/8728", "tcp/8728")
    sentence = f"{who} -> router: {{services: [{services}]}}" if "," in services else f"{who} -> router: {services}"
    text = home("routeros").replace("mgmt, rescue -> router: ssh, tcp/8291, icmp", sentence)
    text = text.replace("    - outside -> router: any\n", "")
    assert said(*script(tmp_path / "home.yaml", text)) == []
