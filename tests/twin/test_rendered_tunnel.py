"""The rendered tunnel itself, keys, peer and server: WireGuard takes what is written, and shakes hands with a peer that
holds the other half of the keys. What the stage leaves out of a trial, as it has keys of its own."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bailiwick.targets.artifact import Tree
from bailiwick.twin.scene.userspace import PROGRAM, TUN
from tests.twin.homes import SMALL, home_of
from tests.twin.test_wireguard import BY_HAND

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which(PROGRAM) is None or shutil.which("wg") is None or not os.access(TUN, os.R_OK | os.W_OK),
        reason="no wireguard-go, no wg or no /dev/net/tun here (Debian's packages wireguard-go and wireguard-tools)",
    ),
]

OURS = """out:
    interface: gate/wg-out
    wireguard:
      address: 172.24.18.6/32
      private-key: !secret out
      peer: {{public-key: {public}, preshared-key: !secret shared, endpoint: "5.41.0.1:51820"}}"""
NETDEV = "/etc/systemd/network/10-bailiwick-wg-out.netdev"
NETDEV_ONLY = {"RouteTable"}
"""What is for networkd alone (systemd.netdev(5)); every other key has the name that wg(8) knows, less ``File``."""
SCRIPT = """\
mount -t tmpfs tmpfs /run
ip link set lo up
ip address add 5.41.0.1/32 dev lo
wireguard-go -f ours & wireguard-go -f theirs &
until [ -S /run/wireguard/ours.sock ] && [ -S /run/wireguard/theirs.sock ]; do sleep 0.01; done
wg setconf theirs theirs.conf
ip link set theirs up
until grep -q ":$(printf %X 51820) " /proc/net/udp; do sleep 0.01; done
wg setconf ours ours.conf
ip link set ours up
for turn in $(seq $1); do
    [ "$(wg show theirs latest-handshakes | cut -f2)" = 0 ] || break
    sleep 0.01
done
wg show theirs latest-handshakes
"""


def wg(*words: str, text: str = "") -> str:
    done = subprocess.run(["wg", *words], input=text, capture_output=True, text=True, check=True, timeout=20)
    return done.stdout.strip()


class _AsWritten(configparser.ConfigParser):
    def optionxform(self, optionstr: str) -> str:
        """Keys keep their case, which wg(8) asks for."""
        return optionstr


def as_wg_takes_it(tree: Tree, secrets: dict[str, str]) -> str:
    """The netdev's sections in the words of ``wg setconf`` (wg(8)), each file of a key replaced by what is in it."""
    written = _AsWritten(interpolation=None, delimiters=("=",))
    written.read_string(tree.file(NETDEV).text)
    lines: list[str] = []
    for section, named in (("WireGuard", "Interface"), ("WireGuardPeer", "Peer")):
        lines.append(f"[{named}]")
        for key, value in written[section].items():
            if key.endswith("File"):
                file = tree.file(value)
                [secret] = file.secrets.values()
                lines.append(f"{key.removesuffix('File')} = {secrets[secret]}")
            elif key not in NETDEV_ONLY:
                lines.append(f"{key} = {value}")
    return "\n".join(lines) + "\n"


def handshake(place: Path, ours: str, theirs: str, looks: int) -> int:
    """When the peer shook hands, in seconds since 1970; 0 where it had not after so many looks."""
    for name, text in (("ours", ours), ("theirs", theirs)):
        (place / f"{name}.conf").touch(mode=0o600)
        (place / f"{name}.conf").write_text(text)
    apart = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"]
    own = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    done = subprocess.run(
        [*apart, *own, "--propagation", "private", "sh", "-ec", SCRIPT, "sh", str(looks)],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
        timeout=60,
    )
    return int(done.stdout.split()[-1])


@pytest.mark.parametrize("right", [True, False])
def test_what_is_rendered_shakes_hands_with_its_provider_alone(tmp_path: Path, right: bool) -> None:
    secrets = {"out": wg("genkey"), "shared": wg("genpsk")}
    private = wg("genkey")
    written = OURS.format(public=wg("pubkey", text=private))
    home = home_of(SMALL.replace(BY_HAND, written))
    known = wg("pubkey", text=secrets["out"] if right else wg("genkey"))
    theirs = f"[Interface]\nPrivateKey = {private}\nListenPort = 51820\n"
    theirs += f"[Peer]\nPublicKey = {known}\nPresharedKey = {secrets['shared']}\nAllowedIPs = 172.24.18.6/32\n"

    shook = handshake(tmp_path, as_wg_takes_it(home.tree, secrets), theirs, looks=2000 if right else 100)

    assert bool(shook) is right
