from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest

from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.dataplane.tally import Line
from bailiwick.dataplane.tally import Tally as Reading
from bailiwick.report.blast_picture import Reach, Reached, blast_drawing
from bailiwick.report.explanation import CellExplanation, Proof, Quote, Sentence, Standing, Step, Way
from bailiwick.report.html_page import render
from bailiwick.report.sections import Differing, Finding, Page, Severity
from tests.report.outline import Outline

EVIL = "\"><script>alert(1)</script><x y='z' onclick=w>&\x1b[2J\u202e"
QUOTE = Quote(f"{EVIL}:7", EVIL)


def square(zones: int) -> Matrix:
    places = tuple(f"zone:z{number}" for number in range(zones))
    cells = {(row, column): Cell(("ssh",)) for row in places for column in places if row != column}
    return Matrix(places, places, cells)


def evil_page() -> Page:
    places = (f"zone:{EVIL}", f"zone:{EVIL}2", "router")
    cells = {(row, column): Cell((EVIL,), derived=(EVIL,), possibly=(EVIL,)) for row in places for column in places}
    said = (Sentence(EVIL, QUOTE, (EVIL,)),)
    why = CellExplanation(
        asked=said,
        derived=said,
        withheld=said,
        proof=Proof(Standing.DIFFERS, EVIL, EVIL, (QUOTE,)),
        seen=(EVIL,),
        contrary=(EVIL,),
        way=Way(EVIL, (Step(EVIL, EVIL, QUOTE),)),
        note=EVIL,
    )
    line = Line(EVIL, 3, EVIL)
    drawing = blast_drawing(
        [Reached(EVIL, EVIL, 0, detail=EVIL), Reached("b", EVIL, 1)], [Reach(EVIL, "b", EVIL, EVIL, QUOTE)], EVIL
    )
    return Page(
        EVIL,
        Matrix(places, places, cells, {places[1]: places[0]}, (f"host:{EVIL}",)),
        verdict=EVIL,
        holds=False,
        summary=(EVIL,),
        explanations=dict.fromkeys(cells, why),
        findings=(Finding(EVIL, Severity.HIGH, EVIL, EVIL, EVIL, (QUOTE,), EVIL),),
        differences=(Differing(EVIL, EVIL, (QUOTE,), (QUOTE,)),),
        drawings=(drawing,),
        untried=(EVIL,),
        reading=((EVIL, Reading(3, 1, ((line, EVIL),), ((line, EVIL),))),),
    )


def test_no_text_can_become_markup_an_attribute_or_a_command() -> None:
    text = render(evil_page())
    outline = Outline(text)
    assert outline.open == []
    assert outline.count["script"] == 1
    assert outline.count["x"] == 0
    assert not {"evil", "onclick"} & outline.attributes
    assert not {"\x1b", "\u202e"} & set(text)
    assert "&lt;script&gt;alert(1)" in text


def test_places_whose_names_look_alike_keep_their_own_explanations() -> None:
    names = ("zone:a b", "zone:a-b", "zone:A_B", "zone:…")
    cells = {(row, column): Cell(("ssh",)) for row in names for column in names}
    page = Page("x", Matrix(names, names, cells), explanations=dict.fromkeys(cells, CellExplanation(note="x")))
    ids = Outline(render(page)).ids
    assert len(ids) == len(set(ids))


def test_the_policy_allows_exactly_the_styles_and_the_script_that_are_there() -> None:
    outline = Outline(render(evil_page()))
    assert outline.policy.startswith("default-src 'none'; ")
    assert "unsafe" not in outline.policy
    for kind in ("style", "script"):
        (allowed,) = [part for part in outline.policy.split("; ") if part.startswith(f"{kind}-src ")]
        hashes = [f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in outline.inside[kind]]
        assert allowed.split()[1:] == hashes
    assert len(outline.inside["style"]) == 2
    assert "style" not in outline.attributes, "an attribute would need unsafe-inline"


def test_every_link_leads_somewhere() -> None:
    outline = Outline(render(evil_page()))
    assert {link[1:] for link in outline.links} <= set(outline.ids)
    assert all(link.startswith("#") for link in outline.links)


def test_a_page_of_nothing_but_a_matrix_has_no_empty_sections() -> None:
    text = render(Page("plain", square(3)))
    for heading in ("Findings", "Otherwise", "What was read", "The trial", "What could not", "as meant", "Asked for"):
        assert heading not in text.split("<body>")[1].split("<script>")[0]
    assert Outline(text).count["section"] == 0


def test_an_audit_shows_findings_with_witness_lines_and_remedy_and_the_reading() -> None:
    finding = Finding(
        "shadowed", Severity.MEDIUM, "Rule 7 never matches", "Three before it take all.", "a -> b tcp/22",
        (Quote("fw:7", "accept"),), "remove it",
    )  # fmt: skip
    odd = Line("fw", 9, "-m recent --update")
    reading = Reading(10, 9, ((odd, "nobody knows what it remembers"),))
    page = Page("audit", square(2), findings=(finding,), reading=(("fw", reading),))
    text = render(page)
    for words in ("medium", "Rule 7 never matches", "a -&gt; b tcp/22", "fw:7", "remove it", "shadowed"):
        assert words in text
    assert "fw: 10 lines, 9 understood, 1 unknown, 0 ignored" in text
    assert "-m recent --update" in text
    assert "fw:9" in text


@pytest.mark.parametrize(
    ("standing", "mark"), [(Standing.PROVEN, "✓"), (Standing.DIFFERS, "✗"), (Standing.UNDECIDED, "?")]
)
def test_a_proof_says_how_it_ended_by_mark_and_word(standing: Standing, mark: str) -> None:
    why = CellExplanation(proof=Proof(standing, "for every packet", "lan -> nas tcp/1", (Quote("fw:3", "x"),)))
    text = render(Page("x", square(2), explanations={("zone:z0", "zone:z1"): why}))
    assert f'<span aria-hidden="true">{mark}</span> {standing}: for every packet' in text
    assert "lan -&gt; nas tcp/1" in text


def test_every_cell_says_its_openness_in_words_for_those_who_see_no_mark() -> None:
    matrix = Matrix(("zone:a",), ("zone:b", "zone:c"), {("zone:a", "zone:b"): Cell()})
    text = render(Page("x", matrix))
    assert '<span class="hidden">nothing</span>' in text
    assert '<span class="hidden">not routed</span>' in text


def test_forty_zones_have_every_cell_and_start_as_marks() -> None:
    matrix = square(40)
    outline = Outline(text := render(Page("x", matrix)))
    assert outline.count["td"] == 40 * 40
    assert outline.count["th"] == 1 + 40 + 40
    assert 'class="matrix wide"' in text
    assert 'class="matrix wide"' not in render(Page("x", square(8)))
