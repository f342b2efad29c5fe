"""Beyond the uplinks: the provider's DHCP server, the modem's page, resolvers and web servers of the internet."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from bailiwick.network.model import Addressing, Network, Uplink
from bailiwick.twin.layout import Layout, Line
from bailiwick.twin.scene.namespaces import CommandFailed, within

LEASE = "1h"
READY = 20.0  # seconds; an emulated processor takes several


@dataclass(frozen=True, slots=True)
class Provider:
    """A DHCP server beyond one uplink, with one address to give."""

    server: subprocess.Popen[bytes]
    log: Path

    def wait(self) -> None:
        """Raises CommandFailed when it does not start."""
        deadline = time.monotonic() + READY
        while "started, version" not in (said := self.log.read_text(errors="replace")):
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise CommandFailed(f"the provider's DHCP server did not start: {said.strip()}")
            time.sleep(0.01)


_running: dict[str, Provider] = {}
"""By the uplink's id."""


def start_providers(network: Network, layout: Layout) -> None:
    """A DHCP server beyond each uplink that asks for its address: one address, the one the stage decided.

    Raises CommandFailed when one does not start.
    """
    for uplink in network.uplinks.values():
        if uplink.addressing is Addressing.DHCP:
            line = layout.line(uplink.id)
            _running[uplink.id] = _start(uplink, line, line.address.ip)
    for provider in _running.values():
        provider.wait()


def renumber(uplink: Uplink, line: Line, address: IPv4Address) -> None:
    """The provider forgets whom it gave what, and from now on gives this address. Raises CommandFailed."""
    old = _running[uplink.id]
    old.server.kill()
    old.server.wait()
    _leases(uplink).unlink(missing_ok=True)
    _running[uplink.id] = _start(uplink, line, address)
    _running[uplink.id].wait()


def _leases(uplink: Uplink) -> Path:
    return Path(f"/run/stage/provider.{uplink.name}.leases")


def _start(uplink: Uplink, line: Line, address: IPv4Address) -> Provider:
    log = Path(f"/run/stage/provider.{uplink.name}.log")
    command = [
        "dnsmasq",
        "--no-daemon",
        "--conf-file=/dev/null",
        "--port=0",
        "--interface=eth0",
        "--bind-interfaces",
        "--no-ping",
        "--dhcp-authoritative",
        f"--dhcp-range={address},{address},{line.address.netmask},{LEASE}",
        f"--dhcp-option=option:router,{line.far}",
        f"--dhcp-leasefile={_leases(uplink)}",
        "--pid-file=",
    ]
    with within(f"uplink.{uplink.name}.far"), log.open("wb") as out:
        return Provider(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out), log)
