"""Lines that are not valid at all: the device refuses them, or does something else than they seem to say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bailiwick.proof.audit.context import Context
from bailiwick.proof.audit.finding import Finding, Severity

_INVALID = re.compile(
    r"takes no such rule|there is no (?:menu|matcher|service|chain)|is no (?:command|action|address|port|kind)"
    r"|not a line of|outside of any table|no COMMIT|is not declared|is declared twice|out of place|no part of the rule"
    r"|more than one target|written more than once|nothing after it|a ! before|values, not|has no such value"
    r"|iptables does not have|iptables has no"
)


def lines(context: Context) -> Iterator[Finding]:
    """One finding for each reason."""
    reasons: dict[str, list[int]] = {}
    unknown = context.device.tally.unknown
    for at, (_, why) in enumerate(unknown):
        if _INVALID.search(why):
            reasons.setdefault(why, []).append(at)
    for why, found in reasons.items():
        which = "A line is" if len(found) == 1 else f"{len(found)} lines are"
        yield Finding(
            "line-invalid",
            Severity.MEDIUM,
            f"{which} not valid: {why}.",
            "The device refuses it, so what it was to do is not done; answers that hang on it have a question mark.",
            "",
            tuple(unknown[at][0] for at in found),
            "write it as the device takes it, or take it out",
        )
