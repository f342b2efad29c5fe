"""The home's router as a system of its own in namespaces, for a drill: booted by systemd, and reached by ssh."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import IPv4Interface
from pathlib import Path

from bailiwick.apply.transport import Ended, Ssh
from bailiwick.plan.model import Interface, LinkKind
from bailiwick.twin import StageError
from bailiwick.twin.stages.contained.box import contained
from bailiwick.twin.stages.contained.root import debian
from bailiwick.twin.stages.machine.cache import cache_directory
from bailiwick.workflow.applying import Home

NAME = "drill"
IFUPDOWN = "auto lo {card}\niface lo inet loopback\niface {card} inet static\n    address {address}\n"
"""As a machine is set up that nobody has taken over yet."""


class Within:
    """ssh from another network namespace."""

    name = NAME

    def __init__(self, netns: str, ssh: Ssh) -> None:
        self._enter = ("nsenter", f"--net={netns}", "--")
        self._ssh = ssh

    def argv(self, words: Sequence[str], fresh: bool) -> tuple[str, ...]:
        return (*self._enter, *self._ssh.argv(words, fresh))

    def failure(self, ended: Ended) -> Exception | None:
        return self._ssh.failure(ended)


@contextmanager
def drill_stage(home: Home) -> Iterator[Within]:
    """A Debian with the router's cards, up, with an owner in the first zone that may come in by ssh.

    Raises StageError, for a home that needs what no namespace has, too.
    """
    lan = _owners(home)
    assert lan.address is not None
    owner = next(host for host in lan.address.network.hosts() if host != lan.address.ip)
    root = debian(cache_directory(), home.meant.platform)
    with tempfile.TemporaryDirectory(prefix="bailiwick-drill-", dir="/var/tmp") as name:
        directory = Path(name)
        (directory / "disk").mkdir()
        with contained(root, directory / "disk", home.tree.device) as box:
            for card in home.checked.plan.interfaces:
                if card.kind is LinkKind.ETHERNET:
                    box.plug(card.name, card.name, card.mac or "")
            station = box.wall.station(
                "owner", lan.name, str(IPv4Interface(f"{owner}/{lan.address.network.prefixlen}"))
            )
            key = directory / "key"
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
            box.put("/root/.ssh/authorized_keys", key.with_suffix(".pub").read_bytes(), 0o600)
            box.put("/etc/network/interfaces", IFUPDOWN.format(card=lan.name, address=lan.address).encode())
            box.boot()
            config = _config(directory, str(lan.address.ip), box.read("/etc/ssh/ssh_host_ed25519_key.pub").decode())
            yield Within(station.netns, Ssh(NAME, config))


def _owners(home: Home) -> Interface:
    """The card of a zone that may manage the router. Raises StageError."""
    from bailiwick.dataplane.interpreter import End, Header, Interpreter  # noqa: PLC0415

    interpreter = Interpreter(home.proven.device)
    for card in home.checked.plan.interfaces:
        if card.kind is not LinkKind.ETHERNET or card.address is None or not (card.place or "").startswith("zone:"):
            continue
        source = next(host for host in card.address.network.hosts() if host != card.address.ip)
        if interpreter.walk(Header(source, card.address.ip, card.name, 6, 50000, 22, tcp_flags=2)).end is End.ACCEPT:
            return card
    raise StageError("no zone on a port of its own may come in by ssh: drill the real device (--to)")


def _config(directory: Path, address: str, host_key: str) -> Path:
    (directory / "known").write_text(f"{NAME} {host_key}")
    path = directory / "config"
    path.write_text(
        f"Host {NAME}\n  HostName {address}\n  HostKeyAlias {NAME}\n  User root\n  IdentityFile {directory / 'key'}\n"
        f"  IdentitiesOnly yes\n  UserKnownHostsFile {directory / 'known'}\n  StrictHostKeyChecking yes\n"
    )
    return path
