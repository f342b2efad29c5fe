"""Which links are deleted: those of tunnels whose server or key is another, and no tunnel of another program's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bailiwick.agent.disk.origin import Kept, Origin
from bailiwick.agent.model import File, Generation
from bailiwick.agent.places import Places
from bailiwick.agent.switch import links
from bailiwick.agent.switch.installing import Target

NETDEV = "/etc/systemd/network/10-bailiwick-wg-vpn.netdev"
NETWORK = "/etc/systemd/network/10-bailiwick-wg-vpn.network"
KEY = "/etc/bailiwick/wireguard/wg-vpn.key"
SHARED = "/etc/bailiwick/wireguard/wg-vpn.preshared.key"
TEXT = f"""[NetDev]
Name=wg-vpn
Kind=wireguard
[WireGuard]
PrivateKeyFile={KEY}
[WireGuardPeer]
PresharedKeyFile={SHARED}
"""
OURS = {NETDEV: TEXT, KEY: "key\n", SHARED: "key\n"}
THEIRS = {NETWORK: "[Match]\nName=wg-vpn\n[Link]\nActivationPolicy=manual\n"}
LINK = {"ifname": "wg-vpn", "linkinfo": {"info_kind": "wireguard"}}

Asked = Callable[..., tuple[str, ...]]


@pytest.fixture
def obsolete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Of a device with the tunnel's link, which had our files before."""
    monkeypatch.setattr(links, "present", lambda: {"wg-vpn": LINK})

    def ask(files: dict[str, str], *changed: str) -> tuple[str, ...]:
        before = _generation(1, OURS)
        kept = {path: Kept(text.encode(), 0o644, "root:root", None) for path, text in files.items()}
        places = Places(tmp_path)
        contents = {(1, path): text.encode() for path, text in OURS.items()}
        target = Target(
            places, _generation(2, files), kept, Origin(places), (before,), lambda number, path: contents[number, path]
        )
        return links.obsolete(target, changed)

    return ask


def _generation(number: int, files: dict[str, str]) -> Generation:
    return Generation(
        number=number,
        device="gate",
        platform="debian-13",
        files=tuple(File(path, 0o644, "root:root", "", "", "") for path in sorted(files)),
    )


def test_a_tunnel_that_is_the_same_stays(obsolete: Asked) -> None:
    assert obsolete(OURS) == ()


@pytest.mark.parametrize("changed", [NETDEV, KEY, SHARED])
def test_another_server_or_key_makes_it_anew(obsolete: Asked, changed: str) -> None:
    assert obsolete(OURS, changed) == ("wg-vpn",)


def test_it_goes_with_its_files(obsolete: Asked) -> None:
    assert obsolete({}, NETDEV, KEY) == ("wg-vpn",)


def test_it_goes_when_another_program_is_to_make_it(obsolete: Asked) -> None:
    assert obsolete(THEIRS, NETDEV, KEY, NETWORK) == ("wg-vpn",)


def test_what_the_other_program_made_then_stays(obsolete: Asked) -> None:
    assert obsolete(THEIRS) == ()
    assert obsolete(THEIRS, NETWORK) == ()
