"""WireGuard's peers: each with its own tunnel, and nothing of what cannot be read is dropped."""

from __future__ import annotations

from tests.dataplane.routeros.exports import ignored, read, unknown

TUNNELS = """/interface wireguard
add listen-port=13231 name=wg-a private-key="never shown"
add listen-port=13232 name=wg-b
/interface wireguard peers
add allowed-address=0.0.0.0/0,::/0 endpoint-address=vpn.example endpoint-port=51820 interface=wg-a public-key="a="
add allowed-address=10.0.0.0/8 interface=wg-a public-key="b="
add allowed-address=0.0.0.0/0 disabled=yes interface=wg-b public-key="c="
"""


def test_peers_are_their_tunnels() -> None:
    device = read(TUNNELS)
    first, second = device.interfaces["wg-a"].tunnel, device.interfaces["wg-b"].tunnel
    assert first is not None
    assert second is not None
    assert [(peer.public_key, peer.endpoint) for peer in first.peers] == [("a=", "vpn.example:51820"), ("b=", "")]
    assert sorted(map(str, first.peers[0].allowed)) == ["0.0.0.0/0", "::/0"]
    assert second.peers == ()
    assert not unknown(device)


def test_one_that_nobody_made_here_has_none() -> None:
    assert read("/interface wireguard set [ find name=wg-a ] mtu=1400\n").interfaces["wg-a"].tunnel is None


def test_a_network_that_is_none_is_told() -> None:
    assert unknown(read(TUNNELS.replace("10.0.0.0/8", "10.0.0.0/80"))) == {6: "`10.0.0.0/80` is no network"}


def test_every_peer_is_accounted_for() -> None:
    assert ignored(read(TUNNELS)).keys() == {5, 6, 7}


def test_no_private_key_is_kept() -> None:
    assert "never shown" not in repr(read(TUNNELS))
