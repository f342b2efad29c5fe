"""What clients are told by a router that runs RouterOS: each line of it changed, and the change is seen."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bailiwick.dataplane.routeros import read_export
from bailiwick.proof.difference import Difference
from bailiwick.proof.handouts import handouts
from bailiwick.proof.places import find_places
from bailiwick.workflow import check
from bailiwick.workflow.checking import Checked
from tests.targets.routeros.homes import RESOLVERS, home

CHANGES = {
    "a pool's first address": ("ranges=192.168.40.100-", "ranges=192.168.40.99-", "rather than 192.168.40.100 to"),
    "a pool's last address": ("-192.168.50.250", "-192.168.50.251", "rather than 192.168.50.10 to"),
    "another zone's pool": ("address-pool=lan", "address-pool=iot", "lan is given 192.168.50.10"),
    "no pool": ("address-pool=lan", "address-pool=static-only", "no addresses but reserved ones rather"),
    "a pool that is not there": ("address-pool=lan", "address-pool=nobody", "there is no pool `nobody`"),
    "a lease's time": (
        "interface=lan address-pool=lan lease-time=43200s",
        "interface=lan address-pool=lan lease-time=12m",
        "for 720 seconds rather than 43200",
    ),
    "a server's interface": (
        "name=iot interface=iot address-pool",
        "name=iot interface=farm address-pool",
        "farm is given addresses",
    ),
    "a server that is off": (
        "lease-time=43200s disabled=no comment=bailiwick:dhcp:lan",
        "lease-time=43200s disabled=yes comment=x",
        "lan has no DHCP server",
    ),
    "a stranger's server": (
        "name=iot interface=iot address-pool",
        "name=iot interface=ether1 address-pool",
        "DHCP answers on ether1",
    ),
    "a gateway": ("gateway=192.168.40.1", "gateway=192.168.40.5", "told the gateway 192.168.40.5 rather"),
    "a resolver": ("dns-server=192.168.50.1", "dns-server=8.8.8.8", "told the resolver 8.8.8.8 rather"),
    "a time server": ("ntp-server=192.168.10.7", "ntp-server=192.168.10.8", "told the time server 192.168.10.8"),
    "a domain": ("domain=home.arpa", "domain=evil.example", "told the domain evil.example"),
    "a network": (
        "network add address=192.168.50.0/24",
        "network add address=192.168.51.0/24",
        "iot are not told where",
    ),
    "a reservation's address": (
        "lease add address=192.168.40.5",
        "lease add address=192.168.40.6",
        "kept for 52:54:00:aa:00:05",
    ),
    "a reservation's card": (
        "mac-address=52:54:00:AA:00:05",
        "mac-address=52:54:00:AA:00:06",
        "kept for 52:54:00:aa:00:06",
    ),
    "a reservation's server": ("00:05 server=lan", "00:05 server=iot", "where nothing gives it out"),
    "an argument that is not read": ("00:05 server=lan", "00:05 server=lan block-access=yes", "`block-access` changes"),
    "an option": ("domain=home.arpa", "domain=home.arpa dhcp-option=x", "there is no option `x`"),
    "a name": ("name=nas.home.arpa", "name=nas.home.apra", "no line answers nas.home.arpa"),
    "a name's address": ("type=A address=192.168.40.5", "type=A address=192.168.40.6", "is meant"),
    "a name's kind": ("name=nas.home.arpa type=A", "name=nas.home.arpa type=CNAME", "of the type CNAME"),
    "who answers": ("allow-remote-requests=yes", "allow-remote-requests=no", "the router answers no names"),
    "whom it asks": ("servers=9.9.9.9,", "servers=9.9.9.8,", "the router asks 9.9.9.8"),
    "whom the provider names": ("use-peer-dns=no", "use-peer-dns=yes", "whichever resolvers its provider names"),
    "over HTTPS": ('use-doh-server=""', 'use-doh-server="https://dns.example/"', "over HTTPS"),
}


def checked_home(directory: Path, resolver: str = "router") -> tuple[Checked, str]:
    path = directory / "home.yaml"
    path.write_text(home("routeros", resolver=resolver), encoding="utf-8")
    checked = check(path, date(2026, 1, 1))
    return checked, checked.trees[0].artifacts[0].text


def differences(checked: Checked, text: str) -> list[Difference]:
    network, device = checked.read.network, read_export(text, "bailiwick.rsc", "gate")
    return list(handouts(network, device, find_places(network, device)))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Checked, str]:
    return checked_home(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("resolver", RESOLVERS)
def test_what_is_rendered_is_what_was_meant(tmp_path: Path, resolver: str) -> None:
    assert differences(*checked_home(tmp_path, resolver)) == []


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(written: tuple[Checked, str], change: str) -> None:
    checked, text = written
    old, new, sentence = CHANGES[change]
    assert old in text, "the change changes something"
    found = differences(checked, text.replace(old, new, 1))
    assert any(sentence in one.sentence for one in found), [one.sentence for one in found]


MENUS = ("/ip pool ", "/ip dhcp-server ", "/ip dns ")


def test_a_line_that_is_gone_or_there_twice_is_seen(written: tuple[Checked, str]) -> None:
    checked, text = written
    lines = [line for line in text.splitlines() if line.startswith(MENUS) and " remove " not in line]
    assert len(lines) > 10
    for line in lines:
        assert differences(checked, text.replace(f"{line}\n", "")), line
        if " add " in line and not line.startswith("/ip pool "):
            assert differences(checked, f"{text}{line}\n"), line


def test_a_home_that_another_host_answers_has_no_names_on_the_router(tmp_path: Path) -> None:
    checked, text = checked_home(tmp_path, "host")
    for old, new in (
        ("allow-remote-requests=no", "allow-remote-requests=yes"),
        ("dns set servers=192.168.40.5", "dns set servers=9.9.9.9"),
    ):
        assert old in text
        assert differences(checked, text.replace(old, new))
    assert differences(checked, f"{text}/ip dns static add name=x.home.arpa address=192.168.40.5\n")
