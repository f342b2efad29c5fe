"""A sentence that somebody asks about: the same form as in the file, on the command line."""

from __future__ import annotations

from bailiwick.language.diagnostic import Diagnostic, Problems
from bailiwick.language.sentence import Sentence
from bailiwick.language.sentences import SentenceReader
from bailiwick.language.tree import NotYaml, compose

QUESTION = "question"
"""The name that spans carry for a file."""


def read_question(text: str) -> Sentence:
    """``camera -> mgmt: ssh``, or with addresses. Raises Problems, with the question as their source."""
    faults: list[Diagnostic] = []
    try:
        sentence = SentenceReader(faults.append).read(compose(text, QUESTION))
    except NotYaml as fault:
        raise Problems([fault.diagnostic], {QUESTION: text}) from None
    if sentence is None:
        raise Problems(faults, {QUESTION: text})
    return sentence
