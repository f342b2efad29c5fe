"""The router's clock: whom it asks."""

from __future__ import annotations

from bailiwick.network.model import Network
from bailiwick.plan.model import TimeServer


def time_servers(network: Network) -> tuple[TimeServer, ...]:
    """Those that the file names, else the home's own hosts that serve NTP. None for a Linux router, whose clock is
    Debian's (systemd-timesyncd): there nothing of it is written."""
    if not network.router.routeros:
        return ()
    if network.clock is not None:
        return tuple(TimeServer(f"ntp:{one}", (network.clock.span,), one) for one in network.clock.servers)
    serving = {leg.address: host for host in network.hosts.values() if "ntp" in host.serves for leg in host.legs}
    return tuple(
        TimeServer(f"ntp:{address}", (serving[address].span,), str(address))
        for place, address in network.ntp
        if place.startswith("zone:")
    )
