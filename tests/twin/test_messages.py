"""DNS messages as small as the trial needs."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiwick.twin.wire.messages import PTR, A, answer, encode_name, question, read_name, read_reply

LABELS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=20)
NAMES = st.lists(LABELS, min_size=1, max_size=6).map(".".join)


@given(NAMES)
def test_a_name_is_read_as_it_was_written(name: str) -> None:
    assert read_name(encode_name(name), 0) == (name, len(encode_name(name)))


@given(NAMES, st.integers(0, 65535), st.integers(0, 2**32 - 1))
def test_an_answer_holds_the_address(name: str, number: int, address: int) -> None:
    reply = read_reply(answer(question(number, name, A), IPv4Address(address)))

    assert (reply.number, reply.values) == (number, (str(IPv4Address(address)),))


def test_a_compressed_name_is_followed() -> None:
    head = (1).to_bytes(2, "big") + b"\x81\x80\0\1\0\1\0\0\0\0"
    asked = encode_name("5.20.168.192.in-addr.arpa") + b"\0\x0c\0\1"
    record = b"\xc0\x0c\0\x0c\0\1\0\0\0\x3c\0\x0a" + b"\x07printer\xc0\x15"
    assert read_reply(head + asked + record).values == ("printer.192.in-addr.arpa",)


def test_a_circle_of_pointers_ends() -> None:
    with pytest.raises(ValueError, match="does not end"):
        read_name(b"\xc0\x00", 0)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_reply_or_an_error(data: bytes) -> None:
    with suppress(ValueError):
        read_reply(data)


def test_a_question_is_no_reply() -> None:
    with pytest.raises(ValueError, match="not a response"):
        read_reply(question(1, "nas.lan", PTR))
