from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiwick.language import Diagnostic, Problems, Span, loads
from bailiwick.language.nearmiss import right_form
from bailiwick.language.sentence import Name, Sentence

HEAD = "name: home\npolicy:\n"


def read(*lines: str) -> tuple[Sentence, ...]:
    return loads({"home.yaml": HEAD + "".join(f"  {line}\n" for line in lines)}).home.policy


def refused(*lines: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(Problems) as caught:
        read(*lines)
    return caught.value.diagnostics


def written(name: Name, text: str) -> str:
    """The text at the name's place."""
    span = name.span
    assert span.line == span.end_line
    return text.split("\n")[span.line - 1][span.column - 1 : span.end_column - 1]


@pytest.mark.parametrize(
    "line",
    [
        "- a, b except c -> d: tcp/22 except udp/53",
        "-   a ,b   except  c  ->d,  e:  any",
        "- 'a, b -> c': \"web, mail\"",
        '- "a -> b": web',
        "- a -> b: [web, mail]",
        "- {a -> b: web}",
        "- {from: 'a, b', to: [c, d], services: any}",
        "- a -> b: {services: [web, mail], log: yes}",
    ],
)
def test_each_name_has_its_place(line: str) -> None:
    (sentence,) = read(line)
    text = f"{HEAD}  {line}\n"
    for side in (sentence.source, sentence.target, sentence.services):
        for name in (*side.names, *side.excepts):
            assert written(name, text) == name.text


def test_the_mapping_form_means_the_same() -> None:
    short, long = read(
        "- lan, iot except tv -> internet: {services: web, log: on, expires: 2027-01-31, comment: 'why: so'}",
        "- {from: 'lan, iot except tv', to: internet, services: [web], log: on, expires: 2027-01-31, "
        "comment: 'why: so'}",
    )
    assert str(short) == str(long) == "lan, iot except tv -> internet: web"
    assert (short.log, short.expires, short.comment) == (long.log, long.expires, long.comment)
    assert short.expires == date(2027, 1, 31)


def test_every_faulty_sentence_is_named() -> None:
    found = refused("- lan -> internet", "- lan -> iot: web", "- !x -> y: web", "- a b -> c, , d: web mail")
    assert [(d.span.line, d.code) for d in found] == [
        (3, "sentence-services"),
        (5, "sentence-negation"),
        (6, "list-separator"),
    ]


def test_a_name_on_a_folded_line_points_at_its_sentence() -> None:
    (sentence,) = read('- {from: "a,', '     b", to: c, services: web}')
    assert [n.text for n in sentence.source.names] == ["a", "b"]
    assert sentence.source.names[0].span.line == 3


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("[lan, iot] -> x", "lan, iot -> x: any"),
        ("lan->x:web", "lan -> x: web"),
        ("lan => x: web mail", "lan -> x: web, mail"),
        ("lan to x: web", "lan -> x: web"),
        ("lan except tv --> x", "lan except tv -> x: any"),
        ("nothing", ""),
        ("-> x", ""),
    ],
)
def test_the_right_form(text: str, form: str) -> None:
    assert right_form(text) == form


WORDS = st.sampled_from(["lan", "iot", "tv", "router", "10.0.0.0/8", "tcp/22"])
SIDES = st.tuples(st.lists(WORDS, min_size=1, max_size=3), st.lists(WORDS, max_size=2))


@given(SIDES, SIDES, SIDES, st.sampled_from([", ", ",", " , "]))
def test_a_sentence_reads_back(
    source: tuple[list[str], list[str]],
    target: tuple[list[str], list[str]],
    services: tuple[list[str], list[str]],
    comma: str,
) -> None:
    def side(names: list[str], excepts: list[str]) -> str:
        return comma.join(names) + (f" except {comma.join(excepts)}" if excepts else "")

    (sentence,) = read(f"- {side(*source)} -> {side(*target)}: {side(*services)}")
    for read_side, (names, excepts) in zip(
        (sentence.source, sentence.target, sentence.services), (source, target, services), strict=True
    ):
        assert [n.text for n in read_side.names] == names
        assert [n.text for n in read_side.excepts] == excepts
    (again,) = read(f"- {sentence}")
    assert str(again) == str(sentence)


@given(st.text(alphabet="ab,->!: {}[]'\"*&|#exct\t", max_size=30))
def test_anything_after_a_dash_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        read(f"- {text}")
    except Problems as problems:
        for d in problems.diagnostics:
            assert isinstance(d.span, Span)
            assert 1 <= d.span.line <= 5
