"""Fasttrack: what passes by the rules passes by those that choose its uplink, too (MikroTik's manual, "Connection
tracking")."""

from __future__ import annotations

from bailiwick.network.findings import Findings
from bailiwick.network.model import Network


def check_fasttrack(network: Network, findings: Findings) -> None:
    """``fasttrack-unfit``."""
    if network.fasttrack is None:
        return
    if network.routes_out:
        route = network.routes_out[0]
        findings.error(
            "fasttrack-unfit",
            f"What is fast-tracked leaves by the usual uplink, and `{route.name}` never does.",
            network.fasttrack,
            "remove `fasttrack:`",
            [(route.span, "its way out")],
        )
    for uplink in network.exits()[1:]:
        findings.error(
            "fasttrack-unfit",
            f"What is fast-tracked leaves by the usual uplink, and what came in by `{uplink.name}` is answered by it.",
            network.fasttrack,
            "remove `fasttrack:`",
            [(uplink.span, "the second uplink")],
        )
