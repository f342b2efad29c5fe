"""Disks that are full, read-only or damaged, and files that somebody put there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from tests.agent.faults import homes
from tests.agent.faults.fault import Fault, is_silent
from tests.agent.faults.homes import Wanted
from tests.agent.faults.killing import ONLY_OLD, Strike
from tests.agent.faults.world import World

STATE = "/var/lib/bailiwick"
ASIDE = """\
set -eu
mkdir -p /mnt/{0}
mount -t tmpfs -o size={1},nr_inodes=4k aside /mnt/{0}
cp -a "$1/." /mnt/{0}
mount --bind /mnt/{0} "$1"
"""
"""A directory as a file system of its own, of this size: mount(8)."""


def small(directory: str, size: str) -> Strike:
    """The directory is a small file system from now on."""

    def strike(world: World) -> None:
        world.box.run("sh", "-c", ASIDE.format(Path(directory).name, size), "sh", directory)

    return strike


def full(directory: str) -> Strike:
    """Not a byte more fits, and no file."""
    fill = 'dd if=/dev/zero of="$1/.filler" bs=4k; n=0; while true >"$1/.filler$n"; do n=$((n+1)); done; true'

    def strike(world: World) -> None:
        world.box.run("sh", "-c", f"{{ {fill}; }} 2>/dev/null", "sh", directory)

    return strike


def emptied(directory: str) -> Strike:
    def strike(world: World) -> None:
        world.box.run("sh", "-c", 'rm -f "$1"/.filler*', "sh", directory)

    return strike


def read_only(directory: str, how: str = "ro") -> Strike:
    def strike(world: World) -> None:
        world.box.run("mount", "-o", f"remount,bind,{how}", directory)

    return strike


def flipped(number: int | None, what: str) -> Strike:
    """One byte of a generation's file on the device is another; None: of the newest."""

    def strike(world: World) -> None:
        directory = world.state / "generations"
        newest = max(int(one.name) for one in directory.iterdir() if one.name.isdigit())
        path = directory / str(newest if number is None else number) / what
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    return strike


def damaged_record(world: World) -> None:
    (world.state / "window.json").write_bytes(b'{"sha256": ""}')


def removed(path: str) -> Strike:
    def strike(world: World) -> None:
        world.box.run("rm", "-rf", f"{STATE}/{path}")

    return strike


def newer(world: World) -> None:
    """The staged generation's form is one that only a later Bailiwick knows."""
    directory = world.state / "generations"
    path = directory / str(max(int(one.name) for one in directory.iterdir() if one.name.isdigit())) / "generation.json"
    data = json.loads(path.read_text())
    data["format"] += 1
    path.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n")


def planted(path: str, target: str) -> Strike:
    """Somebody who may write there has put a link in the place of a file or directory of ours."""

    def strike(world: World) -> None:
        world.box.run("sh", "-c", 'mkdir -p "$2"; chown nobody "$2"; rm -rf "$1"; ln -s "$2" "$1"', "sh", path, target)

    return strike


def replaced(path: str, text: str) -> Strike:
    """A program of the device does something else from now on."""

    def strike(world: World) -> None:
        world.box.run("mv", path, f"{path}.kept")
        world.box.put(path, text.encode(), 0o755)

    return strike


def returned(path: str) -> Strike:
    def strike(world: World) -> None:
        world.box.run("mv", f"{path}.kept", path)

    return strike


FIREWALL = "files/etc/bailiwick/firewall.nft"
NO_NFT = "#!/bin/sh\necho 'nft: cannot run' >&2\nexit 1\n"


def unreadable() -> Wanted:
    """dnsmasq runs as its own user, and may not read what is root's alone."""
    wanted = homes.new()
    generation = wanted.packed.generation
    path = "/etc/bailiwick/dnsmasq/main.conf"
    files = tuple(replace(one, mode=0o000) if one.path == path else one for one in generation.files)
    return replace(wanted, packed=replace(wanted.packed, generation=replace(generation, files=files)))


FAULTS = (
    Fault(
        "state-full",
        "F07",
        "no space is left in /var/lib/bailiwick",
        full(STATE),
        ("stage", "lock", "snapshot", "arm", "write files", "networkd", "wait"),
        before=small(STATE, "24m"),
        after=emptied(STATE),
        frozen=True,
    ),
    Fault(
        "state-full-silence",
        "F07",
        "no space is left in /var/lib/bailiwick, and the owner says nothing",
        full(STATE),
        ("write files", "wait"),
        before=small(STATE, "24m"),
        after=emptied(STATE),
        owner=is_silent,
        ends=ONLY_OLD,
    ),
    Fault(
        "etc-full",
        "F07",
        "no space is left in /etc",
        full("/etc"),
        ("arm", "guard", "write files"),
        before=small("/etc", "8m"),
        after=emptied("/etc"),
        ends=ONLY_OLD,
        stuck=True,
    ),
    Fault(
        "etc-read-only",
        "F08",
        "/etc turns read-only",
        read_only("/etc"),
        ("stage", "arm", "guard"),
        before=small("/etc", "8m"),
        after=read_only("/etc", "rw"),
        ends=ONLY_OLD,
        stuck=True,
    ),
    Fault(
        "state-read-only",
        "F08",
        "/var/lib/bailiwick turns read-only",
        read_only(STATE),
        ("stage", "lock"),
        before=small(STATE, "24m"),
        after=read_only(STATE, "rw"),
        passes=True,
    ),
    Fault(
        "old-damaged",
        "F10",
        "a byte of the old generation is another",
        flipped(1, FIREWALL),
        ("stage", "lock"),
        ends=ONLY_OLD,
        refused=True,
        after=flipped(1, FIREWALL),
    ),
    Fault(
        "new-damaged",
        "F10",
        "a byte of the new generation is another",
        flipped(None, FIREWALL),
        ("lock", "arm"),
        ends=ONLY_OLD,
    ),
    Fault(
        "record-damaged",
        "F10",
        "the record of the apply is damaged",
        damaged_record,
        ("begin switch", "wait"),
        owner=is_silent,
        ends=ONLY_OLD,
    ),
    Fault(
        "record-gone",
        "F10",
        "the record of the apply is removed by somebody",
        removed("window.json"),
        ("networkd",),
        owner=is_silent,
    ),
    Fault(
        "old-invalid",
        "F11",
        "the old rules no longer load: nft fails from now on, and the owner says nothing",
        replaced("/usr/sbin/nft", NO_NFT),
        ("wait",),
        owner=is_silent,
        ends=ONLY_OLD,
        stuck=True,
        after=returned("/usr/sbin/nft"),
    ),
    Fault(
        "nft-fails",
        "F12",
        "nft fails from now on",
        replaced("/usr/sbin/nft", NO_NFT),
        ("begin switch", "guard"),
        stuck=True,
        ends=ONLY_OLD,
        after=returned("/usr/sbin/nft"),
    ),
    Fault("newer", "F41", "the staged generation is of a newer form", newer, ("lock",), ends=ONLY_OLD),
    Fault(
        "link-directory",
        "F42",
        "a link to a stranger's directory stands where ours was",
        planted("/etc/bailiwick/dnsmasq", "/tmp/theirs"),
        ("arm", "guard"),
        ends=ONLY_OLD,
        stuck=True,
    ),
    Fault("unreadable", "F35", "a daemon may not read its own file", wanted=unreadable, ends=ONLY_OLD),
)
