"""Generations on a disk: whole, never changed, and what happens to them is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bailiwick.agent.model import ORIGIN, Generation
from bailiwick.agent.places import Places
from bailiwick.agent.store import Refused, Store
from tests.agent.store.making import SMALL, made


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(Places(tmp_path))


def test_what_is_staged_is_read_back(store: Store) -> None:
    staged = store.stage(made(SMALL), SMALL)

    assert staged.number == 1
    assert store.generation(1) == staged
    assert {path: store.content(1, path) for path in SMALL} == SMALL
    assert store.numbers() == (1,)
    store.verify(1)


def test_the_origin_is_a_generation_without_files(store: Store) -> None:
    assert store.confirmed() == ORIGIN
    assert store.generation(ORIGIN) == Generation(ORIGIN, "", "")
    store.verify(ORIGIN)
    assert store.numbers() == ()


def test_confirmed_moves_forth_and_back(store: Store) -> None:
    store.stage(made(SMALL), SMALL)
    store.stage(made(SMALL), SMALL)
    for number in (1, 2, 1, 0):
        store.confirm(number)
        assert store.confirmed() == number


def test_none_that_is_not_there_is_confirmed(store: Store) -> None:
    with pytest.raises(Refused, match="no generation 7"):
        store.confirm(7)
    assert store.confirmed() == ORIGIN
