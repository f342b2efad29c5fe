"""Who hears the router's log: a host of the home, for what is logged goes there unencrypted."""

from __future__ import annotations

from ipaddress import IPv4Address

from bailiwick.network.addresses import Unclear, whole
from bailiwick.network.draft import Draft
from bailiwick.network.model import LogHost

PORT_MAX = 65535


def resolve_log_host(draft: Draft) -> LogHost | None:
    """None where the file names nobody, or where an error says why that one cannot be."""
    said, findings = draft.home.syslog, draft.findings
    if said is None:
        return None
    if not 0 < said.port <= PORT_MAX:
        findings.error("port", f"`{said.port}` is no port: it is not from 1 to {PORT_MAX}.", ("syslog", "port"))
    address = _address(draft, said.to)
    return LogHost(findings.spans.key("syslog"), address, said.port) if address else None


def _address(draft: Draft, text: str) -> IPv4Address | None:
    findings, at = draft.findings, ("syslog", "to")
    address: IPv4Address | None = None
    if text.replace(".", "").isdigit():
        try:
            address = whole(text)
        except Unclear as why:
            findings.error("address-unclear", f"{why}.", at)
            return None
    elif not draft.names.is_kind(text, "host"):
        findings.error("unknown-name", f"`{text}` is no host.", at, draft.names.suggest(text, ["host"]))
        return None
    elif text in draft.hosts and len(draft.hosts[text].legs) == 1:
        address = draft.hosts[text].legs[0].address
    elif text in draft.hosts or text == draft.router:
        findings.error(
            "syslog-place", f"`{text}` has no one address to send the log to.", at, "write the address in its zone"
        )
        return None
    if address is None:
        return None
    if not any(address in zone.subnet and address != zone.gateway for zone in draft.zones.values()):
        findings.error(
            "syslog-place",
            f"{address} is no other host of a zone: the log would leave the home unencrypted, or go nowhere.",
            at,
            "name a host in a zone",
        )
        return None
    return address
