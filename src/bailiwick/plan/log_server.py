"""Who hears the router's log as well."""

from __future__ import annotations

from bailiwick.network.model import Network
from bailiwick.plan.model import LogServer


def log_server(network: Network) -> LogServer | None:
    """As the file says; that a Linux router cannot is the network's to refuse."""
    host = network.log_host
    return None if host is None else LogServer(f"syslog:{host.address}", (host.span,), host.address, host.port)
