"""What is nearly a sentence, and the right form of it."""

from __future__ import annotations

import re

from bailiwick.language.diagnostic import Diagnostic
from bailiwick.language.nearmiss import right_form
from bailiwick.language.span import Span
from bailiwick.language.tree import MappingNode, ScalarNode, YamlNode, place

EXAMPLE = "write `- lan, iot -> internet: web`"

SYNONYMS = {
    "src": "from",
    "source": "from",
    "dst": "to",
    "dest": "to",
    "destination": "to",
    "service": "services",
    "port": "services",
    "ports": "services",
    "until": "expires",
    "note": "comment",
    "logging": "log",
}
"""What other tools call the keys of a sentence."""

_VERDICTS = {"allow", "permit", "accept", "pass"}
_REFUSALS = {"deny", "block", "drop", "reject", "refuse"}
_BACK_ARROW = re.compile(r"\s*<[-=]+>?\s*")
_ODD_ARROW = re.compile(r"-->|=>|→|⇒|->>|[–—]>")
_ODD = re.compile(rf"[\[\](){{}}\"']|<-|{_ODD_ARROW.pattern}")


def no_sentence(node: YamlNode) -> Diagnostic:
    """For an item of a list of sentences that is neither an arrow with its services nor the mapping form."""
    if isinstance(node, MappingNode):
        return _no_arrow(node)
    if isinstance(node, ScalarNode):
        return _plain(node)
    return Diagnostic("sentence-form", "A sentence is text with an arrow, not a list.", place(node), EXAMPLE)


def negation(at: Span) -> Diagnostic:
    """For a ``!``."""
    return Diagnostic(
        "sentence-negation",
        "A sentence has no `!`: it says who may, not who may not.",
        at,
        "name who may, or take away with `except`, as `- lan except tv -> internet: web`",
    )


def crowded(node: MappingNode, known: tuple[str, ...]) -> Diagnostic:
    """For a mapping with an arrow and further keys: keys of a sentence (``known``) beside it, or a second sentence."""
    keys = [_word(key) for key, _ in node.value]
    at = place(node.value[1][0])
    extra = next((key for key in keys if key in known), None)
    if extra is None:
        return Diagnostic("sentence-form", "Two sentences share one dash.", at, "start each with a dash of its own")
    arrow = next(key for key in keys if "->" in key)
    parts = (f"{'services' if '->' in _word(key) else _word(key)}: {_word(value)}" for key, value in node.value)
    help = f"write `- {arrow}: {{{', '.join(parts)}}}`"
    return Diagnostic("sentence-form", f"`{extra}` stands beside the sentence instead of in it.", at, help)


def odd_arrow(key: ScalarNode, value: YamlNode) -> Diagnostic | None:
    """For brackets, quotes or another arrow in ``key``; None when there are none."""
    if not _ODD.search(key.value):
        return None
    if _BACK_ARROW.search(key.value):
        return _backwards(key, value)
    help = _help(right_form(f"{key.value}: {value.value}" if isinstance(value, ScalarNode) else key.value))
    if _ODD_ARROW.search(key.value):
        return Diagnostic("sentence-arrow", "The arrow of a sentence is `->`.", place(key), help)
    return Diagnostic("sentence-form", "Names in a sentence stand without brackets or quotes.", place(key), help)


def _backwards(key: ScalarNode, value: YamlNode) -> Diagnostic:
    first, second = _BACK_ARROW.split(key.value, maxsplit=1)
    services = value.value if isinstance(value, ScalarNode) else "any"
    there, back = right_form(f"{first} -> {second}: {services}"), right_form(f"{second} -> {first}: {services}")
    if not there:
        help = EXAMPLE
    elif ">" in key.value:
        help = f"write two: `- {there}` and `- {back}`; answers need none of their own"
    else:
        help = _help(back)
    return Diagnostic("sentence-arrow", "A sentence has one direction, `from -> to`.", place(key), help)


def _no_arrow(node: MappingNode) -> Diagnostic:
    at = place(node)
    if not node.value:
        return Diagnostic("sentence-empty", "Nothing stands in the sentence.", at, EXAMPLE)
    key, value = node.value[0]
    word, said = _word(key), value.value if isinstance(value, ScalarNode) else ""
    if word.lower() in _REFUSALS:
        message = f"A policy holds no `{word}`: it only accepts, and all else is dropped."
        return Diagnostic("sentence-verdict", message, at, "leave the line out, or claim it under `tests: deny:`")
    if word.lower() in _VERDICTS:
        message = f"A policy needs no `{word}`: every sentence accepts."
        return Diagnostic("sentence-verdict", message, at, _help(right_form(said)))
    if word.lower() in SYNONYMS:
        help = f"did you mean `{SYNONYMS[word.lower()]}`?"
        return Diagnostic("unknown-key", f"`{word}` is no key of a sentence.", place(key), help)
    if isinstance(key, ScalarNode) and _BACK_ARROW.search(word):
        return _backwards(key, value)
    form = right_form(f"{word}: {said}" if said else word)
    if form and _ODD_ARROW.search(word):
        return Diagnostic("sentence-arrow", "The arrow of a sentence is `->`.", place(key), _help(form))
    if isinstance(key, ScalarNode) and key.tag.startswith("!"):
        return negation(place(key))
    return Diagnostic("sentence-form", "This is not a sentence: it has no arrow.", at, _help(form))


def _plain(node: ScalarNode) -> Diagnostic:
    text, at = node.value, place(node)
    if node.tag.startswith("!") or text.startswith("!"):
        return negation(at)
    form = right_form(text)
    if form and ": " in text:
        return Diagnostic("sentence-form", "A sentence stands without quotes.", at, _help(form))
    if form and ":" in text:
        return Diagnostic("sentence-form", "The colon of a sentence is followed by a space.", at, _help(form))
    if form and "->" in text:
        return Diagnostic("sentence-services", "The sentence names no services.", at, _help(form))
    if form:
        return Diagnostic("sentence-arrow", "The arrow of a sentence is `->`.", at, _help(form))
    return Diagnostic("sentence-form", "This is not a sentence: it has no arrow.", at, EXAMPLE)


def _word(node: YamlNode) -> str:
    return node.value if isinstance(node, ScalarNode) else "..."


def _help(form: str) -> str:
    return f"write `- {form}`" if form else EXAMPLE
