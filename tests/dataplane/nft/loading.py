"""Rules in the real nft, as tables of the common form."""

from __future__ import annotations

from bailiwick.dataplane.nft import read
from bailiwick.dataplane.rules import Chain, Rule, Table
from bailiwick.dataplane.tally import Tally
from bailiwick.workflow.nft_listing import nft_listing


def loaded(text: str) -> tuple[tuple[Table, ...], Tally]:
    listing = nft_listing({"rules.nft": text})
    tables, tally = read(listing.ruleset, "rules.nft", listing.places)
    assert tally.adds_up
    return tables, tally


def chain(text: str, more: str = "", family: str = "inet") -> tuple[Rule, ...]:
    """The rules of one chain that is written here without braces."""
    tables, _ = loaded(f"table {family} t {{\n{more}\nchain sub {{\n}}\nchain c {{\n{text}\n}}\n}}\n")
    found: Chain = tables[0].chains["c"]
    return found.rules
