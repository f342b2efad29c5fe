"""What changed in meaning, for a terminal, for a pull request, and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bailiwick.claims.wording import packet_words, place_words
from bailiwick.dataplane.tally import Line
from bailiwick.proof.comparison import Change, Comparison
from bailiwick.report import markdown
from bailiwick.report.explanation import Quote
from bailiwick.report.records import packet_record

Texts = Mapping[str, str]


def comparison_text(comparison: Comparison, before: Texts, after: Texts) -> str:
    """``before`` and ``after``: the written files of either side, to quote their lines."""
    if comparison.same:
        return "Nothing changes in meaning: every packet fares as before."
    parts = []
    for title, changes in (("Newly allowed", comparison.allowed), ("Newly denied", comparison.denied)):
        if changes:
            parts.append("\n".join([title, *(line for one in changes for line in _lines(one, before, after))]))
    return "\n\n".join(parts)


def comparison_markdown(comparison: Comparison, before: Texts, after: Texts) -> str:
    """As a comment under a pull request."""

    allowed = tuple(_entry(one, before, after, allowed=True) for one in comparison.allowed)
    denied = tuple(_entry(one, before, after, allowed=False) for one in comparison.denied)
    return markdown.changes_markdown(markdown.Changes(allowed, denied))


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """Both lists, each change with its packet and the lines that decide over it, as ``file:number``."""
    return {
        "same": comparison.same,
        "allowed": [_record(one) for one in comparison.allowed],
        "denied": [_record(one) for one in comparison.denied],
    }


def _lines(one: Change, before: Texts, after: Texts) -> Iterator[str]:
    yield f"  {place_words(one.ingress)} -> {place_words(one.egress)}"
    for words in one.words:
        yield f"    {words}"
    yield f"    for example {packet_words(one.packet)}"
    for title, line, texts in (("before", one.before, before), ("now", one.after, after)):
        if line is not None:
            quote = _quote(line, texts)
            yield f"      {title}: {quote.place}  {quote.text}"
    for meaning in one.meant:
        yield f"      asked for at {meaning.span}: {meaning.text}"


def _entry(one: Change, before: Texts, after: Texts, allowed: bool) -> markdown.Change:
    """The home file's lines stand with the side on which it passes."""
    asked = tuple(Quote(str(meaning.span), meaning.text) for meaning in one.meant)
    return markdown.Change(
        f"{place_words(one.ingress)} -> {place_words(one.egress)}: {'; '.join(one.words)}",
        packet_words(one.packet),
        (*((_quote(one.before, before),) if one.before else ()), *(() if allowed else asked)),
        (*((_quote(one.after, after),) if one.after else ()), *(asked if allowed else ())),
    )


def _quote(line: Line, texts: Texts) -> Quote:
    lines = texts.get(line.file, "").split("\n")
    text = lines[line.number - 1] if 0 < line.number <= len(lines) else line.text
    return Quote(str(line), text.strip().split(' comment "')[0])


def _record(one: Change) -> dict[str, Any]:
    return {
        "from": one.ingress,
        "to": one.egress,
        "packets": list(one.words),
        "example": packet_record(one.packet),
        "before": str(one.before) if one.before else None,
        "after": str(one.after) if one.after else None,
        "asked_by": [{"text": meaning.text, "span": str(meaning.span)} for meaning in one.meant],
    }
