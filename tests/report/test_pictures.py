"""The matrix and the blast radius as pictures."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from bailiwick.claims.matrix import Cell, Matrix
from bailiwick.report.blast_picture import NODE, Reach, Reached, blast_picture
from bailiwick.report.explanation import Quote
from bailiwick.report.matrix_picture import WORDY, matrix_picture
from tests.report.test_html_page import EVIL, square

SVG = "{http://www.w3.org/2000/svg}"


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("zones", [1, 8, 40])
def test_every_name_and_every_cell_is_in_the_picture(zones: int) -> None:
    root = ElementTree.fromstring(matrix_picture(square(zones)))
    assert all(texts(root).count(f"z{number}") == 2 for number in range(zones))
    cells = list(root.iter(f"{SVG}g"))
    assert len(cells) == zones * zones
    width, height = (int(root.attrib[name]) for name in ("width", "height"))
    for box in root.iter(f"{SVG}rect"):
        assert float(box.attrib["x"]) + int(box.attrib["width"]) <= width + 1
        assert float(box.attrib["y"]) + int(box.attrib["height"]) <= height + 1


def test_few_columns_have_words_and_many_have_them_as_titles() -> None:
    few, many = (ElementTree.fromstring(matrix_picture(square(zones))) for zones in (WORDY, WORDY + 1))
    assert "ssh" in texts(few)
    assert "ssh" not in texts(many)
    assert "z0 → z1: ssh" in [element.text for element in many.iter(f"{SVG}title")]


def test_openness_is_told_by_shape_and_not_by_colour_alone() -> None:
    shapes = []
    for cell in (
        Cell(("any",)),
        Cell(("ssh",)),
        Cell(derived=("dns",)),
        Cell(),
        Cell(possibly=("ssh",)),
        Cell(as_zone=True),
    ):
        root = ElementTree.fromstring(matrix_picture(Matrix(("a",), ("b",), {("a", "b"): cell})))
        group = next(root.iter(f"{SVG}g"))
        shapes.append([(part.tag, part.attrib.get("r"), part.text) for part in group if part.text in (None, "?", "=")])
    assert len({str(shape) for shape in shapes}) == 6


def test_hostile_names_stay_text() -> None:
    matrix = Matrix((f"zone:{EVIL}",), (f"zone:{EVIL}",), {(f"zone:{EVIL}",) * 2: Cell((EVIL,))})
    picture = blast_picture([Reached("a", EVIL, 0, detail=EVIL)], [Reach("a", "a", EVIL, EVIL, Quote(EVIL))], EVIL)
    for text in (matrix_picture(matrix, EVIL), picture):
        root = ElementTree.fromstring(text)
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
            "svg", "title", "style", "rect", "circle", "path", "text", "g",
        }  # fmt: skip


NODES = [
    Reached("proxy", "proxy", 0, detail="192.168.30.5"),
    Reached("cloud", "cloud", 1),
    Reached("dns", "dns", 1),
    Reached("net", "internet", 2, "world"),
]
EDGES = [
    Reach("proxy", "cloud", "cloud-app", "proxy -> cloud: cloud-app", Quote("home.yaml:71")),
    Reach("proxy", "dns", "dns"),
    Reach("cloud", "net", "any"),
    Reach("dns", "net", "https"),
    Reach("net", "cloud", "ssh"),
]


def test_nodes_stand_in_columns_by_depth_and_none_lies_on_another() -> None:
    root = ElementTree.fromstring(blast_picture(NODES, EDGES, "Blast radius of proxy"))
    boxes = [
        tuple(int(box.attrib[key]) for key in ("x", "y", "width", "height"))
        for box in root.iter(f"{SVG}rect")
        if box.attrib["class"] != "paper"
    ]
    assert len(boxes) == len(NODES)
    assert boxes[0][0] < boxes[1][0] == boxes[2][0] < boxes[3][0]
    assert boxes[1][1] + boxes[1][3] < boxes[2][1]
    assert {box[2] for box in boxes} == {NODE}


def test_every_edge_has_a_number_a_label_of_its_own_and_its_sentence_below() -> None:
    root = ElementTree.fromstring(blast_picture(NODES, EDGES, "Blast radius of proxy"))
    said = texts(root)
    assert all(said.count(str(number)) == 2 for number in range(1, len(EDGES) + 1))
    assert "proxy -> cloud: cloud-app  (home.yaml:71)" in said
    labels = [(e.attrib["x"], e.attrib["y"]) for e in root.iter(f"{SVG}text") if e.text in {"any", "https", "ssh"}]
    assert len(set(labels)) == len(labels)


def test_a_way_back_goes_round_below_the_nodes() -> None:
    root = ElementTree.fromstring(blast_picture(NODES, [*EDGES, Reach("dns", "cloud", "ssh")], "x"))
    back = [path.attrib["d"] for path in root.iter(f"{SVG}path") if path.attrib["class"] == "edge back"]
    lanes = [int(way.split(" V ")[1].split()[0]) for way in back]
    lowest = max(
        int(box.attrib["y"]) + int(box.attrib["height"])
        for box in root.iter(f"{SVG}rect")
        if box.attrib["class"] != "paper"
    )
    assert lowest < lanes[0] < lanes[1]


def test_an_edge_to_nowhere_is_an_error() -> None:
    with pytest.raises(KeyError):
        blast_picture(NODES[:1], EDGES[:1], "x")
