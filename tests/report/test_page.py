from __future__ import annotations

import pytest

from bailiwick.report.page import page
from bailiwick.workflow.trial import Trial
from tests.report.outline import Outline


def test_the_page_is_whole_and_needs_nothing_from_elsewhere(bad: Trial) -> None:
    outline = Outline(page(bad))
    assert outline.open == []
    assert outline.loads == []
    assert outline.count["script"] == 1
    assert not {"link", "iframe", "object", "img", "x", "things"} & set(outline.count)
    assert all(link.startswith("#") for link in outline.links)


def test_every_link_leads_somewhere_and_every_anchor_is_one(bad: Trial) -> None:
    outline = Outline(page(bad))
    assert {link[1:] for link in outline.links} <= set(outline.ids)
    assert len(outline.ids) == len(set(outline.ids))
    assert "zone-lan--zone-things" in outline.ids


def test_the_lines_behind_a_cell_are_named_with_their_place(good: Trial) -> None:
    text = page(good)
    cell = explanation(text, "zone-lan--zone-things")
    assert "<code>- lan -&gt; things: https</code>" in cell
    assert "home.yaml:12" in cell
    assert "twin: confirmed" in cell


def test_what_opens_by_itself_names_the_line_that_it_follows_from(good: Trial) -> None:
    cell = explanation(page(good), "zone-lan--router")
    assert "Opens by itself" in cell
    assert "lan: {subnet: 192.168.10.0/24, dhcp: {range: .100-.199}}" in cell
    assert "Asked for by" not in cell


def test_what_was_seen_stands_with_its_cell_and_the_way_of_one_packet(bad: Trial) -> None:
    cell = explanation(page(bad), "zone-things--zone-lan")
    assert "1 packet met the fate that was meant" in cell
    assert "tcp/22: meant dropped, arrived: seen at &lt;things&gt;" in cell
    assert cell.index("The way of one packet") < cell.index("no line accepts it")
    assert "No line asks for anything here" in cell


@pytest.mark.parametrize("name", ["good", "bad"])
def test_every_cell_that_a_packet_can_take_has_an_explanation(name: str, request: pytest.FixtureRequest) -> None:
    trial: Trial = request.getfixturevalue(name)
    outline = Outline(page(trial))
    assert outline.count["section"] == len(trial.matrix.cells)


def test_differences_stand_before_the_table(bad: Trial, good: Trial) -> None:
    text = page(bad)
    assert text.index("Otherwise than meant") < text.index("<table>")
    assert "Otherwise than meant" not in page(good)


def test_text_from_outside_is_never_markup(bad: Trial) -> None:
    text = page(bad)
    assert "seen at &lt;things&gt;" in text
    assert "DNS &lt;x&gt; from lan" in text
    assert "&lt;it passed&gt;" in text


def test_the_same_trial_gives_the_same_page(good: Trial) -> None:
    assert page(good) == page(good)


def explanation(text: str, anchor: str) -> str:
    return text.split(f'id="{anchor}"', 1)[1].split("</section>", 1)[0]
