"""The real nft reads the text; its refusals have places, and places lead back to the text."""

from __future__ import annotations

from pathlib import Path

import pytest

from bailiwick.dataplane.nft import read
from bailiwick.workflow import nft_listing as module
from bailiwick.workflow.nft_listing import NftMissing, NftRefused, nft_listing
from tests.dataplane.nft.loading import loaded

pytestmark = pytest.mark.real


def test_a_mistake_is_said_in_nfts_words_with_its_place() -> None:
    good = "table inet a {\n}\n"
    with pytest.raises(NftRefused) as caught:
        nft_listing({"a.nft": good, "b.nft": "table inet b {\n  chain c {\n    tcp dporrt 5 accept\n  }\n}\n"})
    assert (caught.value.file, caught.value.number) == ("b.nft", 3)
    assert "syntax error" in caught.value.message


def test_several_files_are_loaded_one_after_the_other() -> None:
    texts = {
        "a.nft": "table inet a {\n  chain c {\n    accept\n  }\n}",
        "b.nft": "table inet a {\n  chain c {\n    drop\n  }\n}",
    }
    listing = nft_listing(texts)
    tables, _ = read(listing.ruleset, "x", listing.places)
    assert [(rule.line.file, rule.line.number) for rule in tables[0].chains["c"].rules] == [("a.nft", 3), ("b.nft", 3)]


def test_interfaces_need_not_exist() -> None:
    text = (
        "table inet a {\n  chain c {\n    iif eth7 accept\n    oif { eth8, wan.5 } drop\n  }\n}\n"
        "table netdev n {\n  chain i {\n    type filter hook ingress device eth9 priority 0; policy drop;\n  }\n}\n"
    )
    tables, tally = loaded(text)
    assert not tally.unknown
    hook = tables[1].chains["i"].hook
    assert hook is not None
    assert hook.device == "eth9"


def test_what_no_place_is_known_of_has_nfts_own_line() -> None:
    tables, _ = loaded("add table inet a\nadd chain inet a c\nadd rule inet a c tcp dport 22 accept\n")
    line = tables[0].chains["c"].rules[0].line
    assert (line.file, line.text) == ("nft list ruleset", "tcp dport 22 accept")


def test_a_dormant_table_sees_no_packet() -> None:
    text = "table inet a {\n  flags dormant\n  chain c {\n    type filter hook input priority 0; policy drop;\n  }\n}\n"
    tables, tally = loaded(text)
    assert tables[0].chains["c"].hook is None
    assert not tally.unknown


def test_without_nft_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "_LIST", "no-such-program -f -")
    with pytest.raises(NftMissing, match="install the package nftables"):
        nft_listing({"a": ""})


def test_comments_quotes_and_braces_do_not_lead_the_scan_astray() -> None:
    text = (
        'table inet a { # } a brace\n  chain c {\n    comment "not } a rule"\n    # drop\n'
        '    tcp dport { 22,\n      80 } accept comment "a # b; c }"; drop\n    ip saddr \\\n 1.1.1.1 accept\n  }\n}\n'
    )
    tables, _ = loaded(text)
    assert [rule.line.number for rule in tables[0].chains["c"].rules] == [5, 6, 7]
