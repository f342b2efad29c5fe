"""A router that runs Linux: what is written for RouterOS alone so far is refused, and not left out in silence."""

from __future__ import annotations

from bailiwick.network.findings import Findings
from bailiwick.network.model import Network


def check_linux(network: Network, findings: Findings) -> None:
    """``linux-not-yet`` and ``ddns-provider``; nothing where the router runs RouterOS."""
    if network.router.routeros:
        return
    for one in network.dynamic_names:
        findings.error(
            "ddns-provider",
            "Only a router that runs RouterOS has a name in MikroTik's cloud.",
            one.span,
            "remove the line, and let a client on a host of the home keep the name",
        )
    if network.fasttrack is not None:
        findings.error(
            "linux-not-yet",
            "The packets of a Linux router meet its rules: flowtables are not written from here yet.",
            network.fasttrack,
            "remove `fasttrack:`",
        )
    if network.log_host is not None:
        findings.error(
            "linux-not-yet",
            "The log of a Linux router is not sent from here yet: journald speaks no syslog over the network.",
            network.log_host.span,
            "remove `syslog:`, and let rsyslog on the router send it",
        )
    if network.clock is not None:
        findings.error(
            "linux-not-yet",
            "The time servers of a Linux router are not written from here yet: systemd-timesyncd asks Debian's.",
            network.clock.span,
            "remove `ntp:`, and name them in /etc/systemd/timesyncd.conf.d on the router",
        )
