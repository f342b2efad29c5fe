"""Whom a device reports to, and whom it asks for the time.

Source: MikroTik's manual, "Log" (actions; up to 7.17 ``bsd-syslog``, from 7.18 on ``remote-log-format``) and "NTP".
"""

from __future__ import annotations

from bailiwick.dataplane.routeros.item import Item
from bailiwick.dataplane.routeros.items import Configuration

_USUAL_PORT = "514"


def reports(configuration: Configuration) -> dict[str, str]:
    """``log.ADDRESS`` to form, port and topics (``syslog udp/514 error,info``), ``ntp.SERVER`` to nothing."""
    rows = list(configuration.of("system/logging"))
    found: dict[str, str] = {}
    for action in configuration.of("system/logging/action"):
        if action.get("target") != "remote":
            continue
        topics = sorted(row.get("topics", "info") for row in rows if row.get("action") == action.get("name"))
        port = action.get("remote-port") or _USUAL_PORT
        protocol = action.get("remote-protocol") or "udp"
        found[f"log.{action.get('remote')}"] = f"{_form(action)} {protocol}/{port} {','.join(topics)}".strip()
    servers = [item.get("address") for item in configuration.of("system/ntp/client/servers")]
    servers += configuration.setting("system/ntp/client").get("servers").split(",")
    return found | {f"ntp.{server}": "" for server in servers if server}


def _form(action: Item) -> str:
    """``syslog``, or the vendor's own."""
    return "syslog" if action.get("remote-log-format") == "syslog" or action.yes("bsd-syslog") else "default"
