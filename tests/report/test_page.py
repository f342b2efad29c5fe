from __future__ import annotations

from html.parser import HTMLParser

from bailiwick.report.page import page
from bailiwick.workflow.trial import Trial

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Outline(HTMLParser):
    """Anchors, links and loads of a page; raises AssertionError when a tag closes what is not open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name == "src":
                self.loads.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_from_elsewhere(bad: Trial) -> None:
    outline = Outline(page(bad))
    assert outline.open == []
    assert outline.loads == []
    assert not {"script", "link", "iframe", "x", "things"} & outline.tags
    assert all(link.startswith("#") for link in outline.links)


def test_every_link_leads_somewhere_and_every_anchor_is_one(bad: Trial) -> None:
    outline = Outline(page(bad))
    assert {link[1:] for link in outline.links} <= set(outline.ids)
    assert len(outline.ids) == len(set(outline.ids))
    assert "zone-lan--zone-things" in outline.ids


def test_the_lines_behind_a_cell_are_named_with_their_place(good: Trial) -> None:
    text = page(good)
    cell = text.split('id="zone-lan--zone-things"', 1)[1].split("</section>", 1)[0]
    assert "home.yaml:12:" in cell
    assert "https" in cell


def test_differences_stand_before_the_table(bad: Trial, good: Trial) -> None:
    text = page(bad)
    assert text.index("Seen otherwise than meant") < text.index("<table>")
    assert "Seen otherwise than meant" not in page(good)


def test_text_from_outside_is_never_markup(bad: Trial) -> None:
    text = page(bad)
    assert "seen at &lt;things&gt;" in text
    assert "DNS &lt;x&gt; from lan" in text
    assert "&lt;it passed&gt;" in text


def test_the_same_trial_gives_the_same_page(good: Trial) -> None:
    assert page(good) == page(good)
