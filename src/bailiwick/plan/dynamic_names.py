"""Names that follow the uplink's address, each with whom it is kept by."""

from __future__ import annotations

from bailiwick.network.model import Network
from bailiwick.plan.model import DynamicName


def dynamic_names(network: Network) -> tuple[DynamicName, ...]:
    """In the home file's order. Where the router has no such provider, the network refused it."""
    return tuple(
        DynamicName(f"ddns:{one.name or one.provider}", (one.span,), one.provider, one.name)
        for one in network.dynamic_names
    )
