"""What nft's grammar refuses never leaves the syntax half."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiwick.targets.linux.nftables.syntax import (
    COMMENT_MAX,
    Chain,
    NamedSet,
    Rule,
    Table,
    comment,
    identifier,
    quote,
    shorten,
)


@pytest.mark.parametrize("text", ['a"b', "a\nb", "a\x00b"])
def test_what_cannot_be_quoted_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot quote"):
        quote(text)


@given(st.lists(st.text(max_size=200), min_size=1, max_size=4))
def test_a_comment_is_quotable_and_short_enough(ids: list[str]) -> None:
    text = comment(tuple(ids)).removeprefix(' comment "').removesuffix('"')
    assert '"' not in text
    assert len(text.encode()) <= COMMENT_MAX


@given(st.text(min_size=130), st.text(min_size=130))
def test_two_long_texts_shorten_apart(one: str, other: str) -> None:
    head = "policy:" + "x" * 120
    assert (shorten(head + one, 120) == shorten(head + other, 120)) <= (shorten(one, 10**6) == shorten(other, 10**6))


@pytest.mark.parametrize("name", ["drop", "forward", "1.a", "a b.c", "a.é", ""])
def test_a_name_that_nft_might_read_otherwise_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        identifier(name)


def test_two_parts_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two parts"):
        Table("inet", "t", (NamedSet("a.b", "ipv4_addr", ()), Chain("a.b", ())))


def test_a_rule_and_its_chain_print_as_nft_reads_them() -> None:
    chain = Chain("a.b", (Rule("drop", ("refuse",)),))
    assert [text for text, _ in chain.lines()] == ["\tchain a.b {", '\t\tdrop comment "refuse"', "\t}"]
    assert [ids for _, ids in chain.lines()] == [(), ("refuse",), ()]
