"""The way of one packet as lines of text: what it is, each rule that did something, how it ends, what would help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bailiwick.claims.wording import packet_words
from bailiwick.dataplane.tally import Line
from bailiwick.proof.difference import Meaning
from bailiwick.proof.explanation import Explanation, decided_words

WIDEST = 110


def explanation_text(explanation: Explanation, texts: Mapping[str, str]) -> str:
    """``texts``: the written files, to quote their lines."""
    return "\n".join(_lines(explanation, texts))


def _lines(one: Explanation, texts: Mapping[str, str]) -> Iterator[str]:
    sent = f"the address of {one.header.dynamic}" if one.header.dynamic else str(one.header.destination)
    yield packet_words(one.packet, sent if one.packet.translated or one.header.dynamic else "")
    for station in one.stations:
        place = f"  {station.line}" if station.line else ""
        yield f"  {station.where}: {station.deed}{place}"
        if station.line is not None:
            yield f"      {_quoted(station.line, texts)}"
    yield decided_words(one)
    yield from _meanings("Accepted by", one.meant)
    yield from _meanings("No sentence can open it:", one.forbidden)
    if one.remedy:
        where = "under `forward:`" if one.packet.ingress.startswith("uplink:") and one.packet.egress != "router" else ""
        yield f"This line {where or 'under `policy:`'} would allow it: {one.remedy}"


def _meanings(title: str, meanings: tuple[Meaning, ...]) -> Iterator[str]:
    for meaning in meanings:
        yield f"{title} {meaning.text} ({meaning.span})"


def _quoted(line: Line, texts: Mapping[str, str]) -> str:
    lines = texts.get(line.file, "").split("\n")
    text = (lines[line.number - 1] if 0 < line.number <= len(lines) else line.text).strip()
    text = text.split(' comment "')[0]
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
