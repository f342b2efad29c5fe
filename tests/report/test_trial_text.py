from __future__ import annotations

from dataclasses import replace

from bailiwick.report.terminal import Terminal
from bailiwick.report.trial_text import SHOWN, differences, trial_text, untried
from bailiwick.workflow.trial import Trial


def test_differences_come_first_one_line_each(bad: Trial) -> None:
    text = trial_text(bad.matrix, bad.result, Terminal(140)).splitlines()
    assert [line[0] for line in text[:4]] == ["✗"] * 4
    assert "meant dropped, arrived" in text[0]
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
    assert text.count("\n✗") + 1 <= SHOWN + 1
    assert "… and 13 more" in text
