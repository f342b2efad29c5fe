from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bailiwick.network.model import Match
from bailiwick.plan.ids import INTERFACE_NAME_BYTES, interface_name, match_words, way

labels = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=40)


@given(st.sets(labels, min_size=2, max_size=12))
def test_names_fit_the_kernel_and_stay_apart(wanted: set[str]) -> None:
    taken: set[str] = set()
    for name in sorted(wanted):
        taken.add(interface_name(name, taken, f"zone:{name}"))
    assert len(taken) == len(wanted)
    assert all(len(name.encode()) <= INTERFACE_NAME_BYTES for name in taken)


def test_a_name_that_fits_stays() -> None:
    assert interface_name("abcdefghijklmno", (), "zone:x") == "abcdefghijklmno"


def test_a_long_name_ends_in_four_characters_of_a_hash() -> None:
    name = interface_name("a-very-long-zone-name", (), "zone:a-very-long-zone-name")
    assert name.startswith("a-very-lon-") and len(name) == 15


def test_names_that_the_kernel_keeps_are_avoided() -> None:
    assert interface_name("all", (), "zone:all") != "all"
    assert interface_name("lo", (), "zone:lo") != "lo"


def test_words() -> None:
    assert way("zone:lan", None) == "lan>router"
    assert [match_words(m) for m in (Match(), Match(47), Match(6, (80, 90)), Match(1, icmp_type=8))] == [
        "any",
        "protocol/47",
        "tcp/80-90",
        "icmp/8",
    ]
