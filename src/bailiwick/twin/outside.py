"""Beyond the uplinks: the provider's DHCP server, the modem's page, resolvers and web servers of the internet."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bailiwick.network.model import Addressing, Network
from bailiwick.twin.layout import Layout
from bailiwick.twin.namespaces import within

LEASE = "1h"


def start_providers(network: Network, layout: Layout) -> list[subprocess.Popen[bytes]]:
    """A DHCP server beyond each uplink that asks for its address: one address, the one the stage decided."""
    started: list[subprocess.Popen[bytes]] = []
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
            started.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out))
    return started
