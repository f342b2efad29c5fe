"""What the proof found, as diagnostics: the packet, the home file's line, and the written line that decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bailiwick.claims.wording import packet_words
from bailiwick.dataplane.tally import Line
from bailiwick.language.diagnostic import Diagnostic, Label
from bailiwick.language.span import Span
from bailiwick.proof.difference import Difference, Kind

CODES = {
    Kind.MORE: "proof-more",
    Kind.LESS: "proof-less",
    Kind.WAY: "proof-way",
    Kind.DOOR: "proof-door",
    Kind.MASK: "proof-mask",
    Kind.REPLY: "proof-reply",
    Kind.PLACE: "proof-place",
    Kind.WIRE: "proof-wire",
    Kind.SETTING: "proof-setting",
}
_REMEDY = {
    Kind.MORE: "take the line out, or ask for the packet in the home file's policy",
    Kind.LESS: "put back what lets it through, or take the sentence out of the home file",
    Kind.WAY: "the routes and rules of `build` take it where the home file says",
    Kind.DOOR: "the translations of `build` are those of the home file's forwards and resolvers",
    Kind.MASK: "the source translations of `build` are those that the home file needs",
    Kind.REPLY: "answers belong to their connection: first accept established and related, then drop invalid",
    Kind.PLACE: "give the interface the address that the home file says",
    Kind.WIRE: "the VLANs of `build` are those of the home file's ports",
    Kind.SETTING: "put the setting back as `build` writes it",
}


def diagnosed(differences: Iterable[Difference], home: Span, texts: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """One diagnostic each. ``home`` stands for the whole home file where no line of it speaks of the packet.

    ``texts`` are the written files by the names that lines carry.
    """
    return tuple(_diagnostic(one, home, texts) for one in differences)


def _diagnostic(one: Difference, home: Span, texts: Mapping[str, str]) -> Diagnostic:
    sentence = one.sentence if one.certain else f"Perhaps {one.sentence}; no packet walked alone settles it"
    message = f"{sentence[0].upper()}{sentence[1:]}"
    message += f": {packet_words(one.packet, one.sent_to)}." if one.packet else "."
    written = _span(one.line, texts) if one.line else None
    labels = [Label(meant.span, meant.text) for meant in one.meant]
    if one.meant:
        span, labels = one.meant[0].span, labels[1:]
        if written:
            labels.append(Label(written, "decided here"))
    else:
        span = written or home
    return Diagnostic(CODES[one.kind], message, span, _REMEDY[one.kind], tuple(labels))


def _span(line: Line, texts: Mapping[str, str]) -> Span:
    lines = texts.get(line.file, "").split("\n")
    text = lines[line.number - 1] if 0 < line.number <= len(lines) else ""
    start = len(text) - len(text.lstrip()) + 1
    return Span(line.file, line.number, start, line.number, max(len(text.rstrip()), start) + 1)
