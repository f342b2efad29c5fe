"""A ``tests`` line that the rest of the home file contradicts, as a diagnostic with its witness."""

from __future__ import annotations

from bailiwick.claims.claim import Claim, Verdict
from bailiwick.claims.wording import packet_words
from bailiwick.intent import Intent, Kind, Meant
from bailiwick.language.diagnostic import Diagnostic, Label
from bailiwick.packets.packet import Packet


def contradicted(intent: Intent) -> tuple[Diagnostic, ...]:
    """One diagnostic for each pair of a test and what speaks against it, in the file's order."""
    found = [_diagnostic(claim, meant, packet) for claim, meant, packet in intent.contradictions()]
    return tuple(sorted(found, key=lambda d: (d.span, d.message)))


def _diagnostic(claim: Claim, meant: Meant | None, packet: Packet) -> Diagnostic:
    if claim.verdict is Verdict.DENY:
        message = f"The test denies what the file accepts: {packet_words(packet)}."
        help_text = "narrow the line that accepts it, or name the exception in the test after `except`"
    elif meant:
        message = f"The test accepts what the file forbids: {packet_words(packet)}."
        help_text = "make the test narrower; what is forbidden there no sentence can open"
    else:
        message = f"The test accepts what nothing in the file accepts: {packet_words(packet)}."
        help_text = "add a policy line that accepts it, or make the test narrower"
    verb = "forbidden" if meant and meant.kind is Kind.HYGIENE else "accepted"
    labels = (Label(meant.span, f"{verb} here: {meant.text}"),) if meant else ()
    return Diagnostic("test-contradicted", message, claim.span, help_text, labels)
