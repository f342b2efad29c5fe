"""The one error of this reader: a text that is no whole RouterOS export."""

from __future__ import annotations

from bailiwick.dataplane.tally import Line


class ExportError(Exception):
    """The text cannot be read as an export at all; ``line`` is where that shows, ``args[0]`` one plain sentence."""

    def __init__(self, sentence: str, line: Line) -> None:
        super().__init__(f"{line}: {sentence}")
        self.sentence = sentence
        self.line = line
