from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bailiwick.report.records import matrix_record, result_record
from bailiwick.twin.result import Decision
from bailiwick.workflow.trial import Trial

DOCUMENT = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def test_every_key_is_in_the_document(bad: Trial, refuted: Trial) -> None:
    decision = Decision(bad.result.observations[0].packet, "this", "that", False)
    for result in (bad.result, refuted.result, replace(bad.result, decisions=(decision,))):
        record = {"matrix": matrix_record(bad.matrix), "result": result_record(result)}
        del record["result"]["seconds"]  # its keys are the names of stages
        documented = set(re.findall(r"`([a-z0-9_]+)`", DOCUMENT))
        assert set(keys(record)) <= documented


def test_a_refuted_claim_has_its_lines(refuted: Trial) -> None:
    (one,) = json.loads(json.dumps(result_record(refuted.result)))["refuted"]

    assert one["asked"][0].startswith("home.yaml:12")
    assert one["lines"] == [{"line": "/etc/bailiwick/firewall.nft:7", "text": "drop"}]
    assert (one["expected"], one["seen"], one["sender"]) == ("arrived", "dropped", "zone.lan.a")


def test_records_are_json_and_tell_every_difference(bad: Trial) -> None:
    record = json.loads(json.dumps(result_record(bad.result)))
    assert record["holds"] is False
    assert [one["packet"]["destination_port"] for one in record["differences"]] == [22]
    assert [one["place"] for one in record["not_loaded"]] == ["firewall.nft:7", "firewall.nft:8"]
    assert record["claims"][0]["outcome"] == "refuted"
    assert record["untried"] == [{"name": "802.1Q", "note": "no tag was tried"}]
