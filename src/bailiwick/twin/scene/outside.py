"""Beyond the uplinks: the provider's DHCP server, the modem's page, resolvers and web servers of the internet."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from bailiwick.network.model import Addressing, Network
from bailiwick.twin.layout import Layout
from bailiwick.twin.scene.namespaces import CommandFailed, within

LEASE = "1h"
READY = 5.0  # seconds


def start_providers(network: Network, layout: Layout) -> None:
    """A DHCP server beyond each uplink that asks for its address: one address, the one the stage decided.

    Raises CommandFailed when one does not start.
    """
    started: list[tuple[subprocess.Popen[bytes], Path]] = []
    for uplink in network.uplinks.values():
        if uplink.addressing is not Addressing.DHCP:
            continue
        line = layout.line(uplink.id)
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
            f"--dhcp-range={line.address.ip},{line.address.ip},{line.address.netmask},{LEASE}",
            f"--dhcp-option=option:router,{line.far}",
            f"--dhcp-leasefile=/run/stage/provider.{uplink.name}.leases",
            "--pid-file=",
        ]
        with within(f"uplink.{uplink.name}.far"), log.open("wb") as out:
            started.append((subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out), log))
    deadline = time.monotonic() + READY
    for server, log in started:
        while "started, version" not in (said := log.read_text(errors="replace")):
            if server.poll() is not None or time.monotonic() > deadline:
                raise CommandFailed(f"the provider's DHCP server did not start: {said.strip()}")
            time.sleep(0.01)
