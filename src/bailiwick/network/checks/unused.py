"""Names that nothing asks for: usually a line that was forgotten, or spelt otherwise."""

from __future__ import annotations

from bailiwick.network.draft import Draft
from bailiwick.network.groups import Areas
from bailiwick.network.services import Services

HELP = "remove it, or name it in a sentence"


def warn_unused(draft: Draft, areas: Areas, services: Services) -> None:
    """``unused-group`` and ``unused-service``: no sentence, forward, route or other of their kind names them."""
    findings = draft.findings
    for group in draft.home.groups:
        if group not in areas.used:
            at = findings.spans.key("groups", group)
            findings.warn("unused-group", f"Nothing uses group `{group}`.", at, HELP)
    for service in draft.home.services:
        if service not in services.used:
            at = findings.spans.key("services", service)
            findings.warn("unused-service", f"Nothing uses service `{service}`.", at, HELP)
