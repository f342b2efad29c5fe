"""Scripts that a device keeps (manual, "Scripting"): what they do to packets is the ledger's, what they say is here."""

from __future__ import annotations

from bailiwick.dataplane.routeros.items import Configuration

PREFIX = "script."


def scripts(configuration: Configuration) -> dict[str, str]:
    """``script.NAME`` to the text of each. It may hold secrets of whoever wrote it: to compare, and not to show."""
    return {f"{PREFIX}{item.get('name')}": item.get("source") for item in configuration.of("system/script")}
