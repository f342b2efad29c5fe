"""Names that follow the uplink's changing address."""

from __future__ import annotations

from bailiwick.network.draft import Draft
from bailiwick.network.model import DynamicName

LABELS_LEAST = 3
"""A name of two labels is a domain's own, where the records of the zone stand and so no CNAME can (RFC 1034 §3.6.2)."""


def resolve_dynamic_names(draft: Draft) -> tuple[DynamicName, ...]:
    """In the file's order; ``ddns-name`` for a name that no CNAME can be at, or that is given twice."""
    found: list[DynamicName] = []
    for index, one in enumerate(draft.home.ddns):
        at = ("ddns", index, "name")
        if one.name is not None and one.name.count(".") < LABELS_LEAST - 1:
            draft.findings.error(
                "ddns-name",
                f"`{one.name}` is a domain of its own, and beside its other records no CNAME can stand.",
                at,
                f"name a host in it, as `home.{one.name}`",
            )
        if any(other.name == one.name and other.provider == one.provider for other in found):
            draft.findings.error("ddns-name", f"`{one.name or one.provider}` stands here twice.", ("ddns", index))
        found.append(DynamicName(draft.findings.spans.value("ddns", index), one.provider.value, one.name))
    return tuple(found)
