"""Names that nothing asks for: usually a line that was forgotten, or spelt otherwise."""

from __future__ import annotations

from bailiwick.network.draft import Draft
from bailiwick.network.groups import Areas
from bailiwick.network.services import Services


def warn_unused(draft: Draft, areas: Areas, services: Services) -> None:
    """Groups and own services that no sentence, forward, route or other group names."""
    sections = (
        ("groups", "group", draft.home.groups, areas.used),
        ("services", "service", draft.home.services, services.used),
    )
    for section, kind, declared, used in sections:
        for name in declared:
            if name not in used:
                draft.findings.warn(
                    f"unused-{kind}",
                    f"Nothing uses {kind} `{name}`.",
                    draft.findings.spans.key(section, name),
                    "remove it, or name it in a sentence",
                )
