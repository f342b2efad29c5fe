from __future__ import annotations

from dataclasses import replace

from bailiwick.claims.claim import Evidence, Outcome, Witness
from bailiwick.report.terminal import Terminal
from bailiwick.report.trial_text import SHOWN, differences, trial_text, untried
from bailiwick.workflow.trial import Trial


def test_differences_come_first_one_line_each(bad: Trial) -> None:
    text = trial_text(bad.matrix, bad.result, Terminal(140)).splitlines()
    assert "on this machine: 802.1Q" in text[0]
    assert text[1] == ""
    assert [line[0] for line in text[2:6]] == ["✗"] * 4
    assert "meant dropped, arrived" in text[2]
    assert text[-1].endswith("Something differs from what was meant.")


def test_every_kind_of_difference_is_told(bad: Trial) -> None:
    told = "\n".join(differences(bad.result))
    for word in ("tcp/22", "DNS <x> from lan", "52:54:00:00:00:02", "firewall.nft:7"):
        assert word in told
    assert len(told.splitlines()) == 4


def test_what_nothing_was_learnt_about_is_no_difference_and_not_hidden(bad: Trial) -> None:
    told = "\n".join(untried(bad.result))
    for word in ("802.1Q", "unclear", "firewall.nft:8", "1 packets"):
        assert word in told


def test_nothing_differs(good: Trial) -> None:
    assert list(differences(good.result)) == []
    text = trial_text(good.matrix, good.result, Terminal(140))
    assert text.endswith("Nothing differs from what was meant.")
    assert "3 of 3 packets and 1 of 1 other checks as meant in 2.0 s" in text


def test_a_flood_of_differences_is_cut_and_counted(bad: Trial) -> None:
    contrary = bad.result.differences[0]
    flood = replace(bad.result, observations=(contrary,) * (SHOWN + 10))
    text = trial_text(bad.matrix, flood, Terminal(140))
    assert text.count("\n✗") == SHOWN + 1
    assert "… and 13 more" in text


def test_a_refuted_claim_is_told_before_all_with_its_lines(refuted: Trial) -> None:
    text = trial_text(refuted.matrix, refuted.result, Terminal(200)).splitlines()
    first = next(at for at, line in enumerate(text) if line.startswith("✗"))

    assert text[first].startswith("✗ lan -> things: https (accepted; home.yaml:12")
    assert "zone.lan.a sends lan 192.168.10.7 -> things 192.168.20.9 tcp/443: dropped" in text[first + 1]
    assert text[first + 2].strip() == "/etc/bailiwick/firewall.nft:7  drop"
    assert text[first + 3].strip() == "the rule written there drops it"


def test_what_is_inconclusive_is_told_once_with_its_reason(good: Trial) -> None:
    claims = [Evidence(f"c{number}", Witness.TWIN, Outcome.INCONCLUSIVE, note="nobody listens") for number in range(9)]
    told = [line for line in untried(replace(good.result, evidence=tuple(claims))) if "nobody listens" in line]

    assert told == ["inconclusive, nobody listens: c0, c1, c2, c3, c4, c5 and 3 more"]
