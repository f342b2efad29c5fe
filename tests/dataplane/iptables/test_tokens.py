"""Words as iptables-restore cuts them: each case was tried on iptables-restore 1.8.9."""

from __future__ import annotations

import pytest

from bailiwick.dataplane.iptables.tokens import Token, Unclosed, tokens


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("-A INPUT -j DROP", ["-A", "INPUT", "-j", "DROP"]),
        ("  a \t b  ", ["a", "b"]),
        ('--comment "two words" x', ["--comment", "two words", "x"]),
        (r'"a \"b\" \\ c"', [r'a "b" \ c']),
        (r'"it\'s"', ["it's"]),
        ("'one two'", ["'one", "two'"]),
        (r"a\ b", ["a\\", "b"]),
        ('a"b c"d', ["ab c", "d"]),
        ('""', [""]),
        ("", []),
    ],
)
def test_words(line: str, words: list[str]) -> None:
    assert [token.text for token in tokens(line)] == words


def test_an_exclamation_mark_in_quotes_is_a_word_like_any() -> None:
    assert tokens('! "!"') == (Token("!"), Token("!", quoted=True))


@pytest.mark.parametrize("line", ['"', 'a "b', '"a\\"'])
def test_a_quote_that_is_not_closed(line: str) -> None:
    with pytest.raises(Unclosed):
        tokens(line)
