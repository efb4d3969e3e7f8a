"""What stands on a page is for its readers: few words in sight, none of them ours, and everything within reach of a keyboard."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from limen import facts
from limen.dossier.references import reference, short
from limen.dossier.render import html, spoken_keys
from support import sample

ROOT = Path(__file__).parents[2]
VISIBLE, WEIGHT = 2600, 700_000
SILENT = ("style", "script", "svg", "title", "nav")


class Reader(HTMLParser):
    """The text of a page: all of it, and what is in sight before anything is opened; code is nobody's prose."""

    def __init__(self, page: str):
        super().__init__()
        self.all: list[str] = []
        self.seen: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br", "link", "input", "hr", "col"):
            self.open.append("shown" if tag == "details" and "open" in dict(attrs) else tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() not in (tag, "shown"):
            pass

    def handle_data(self, data):
        if any(tag in SILENT for tag in self.open):
            return
        folded = self.open.count("details") - ("summary" in self.open)
        if "code" not in self.open:
            self.all.append(data)
        if folded <= 0:
            self.seen.append(data)


@pytest.fixture(scope="module", params=list(sample.EVERY))
def page(request) -> str:
    return html(sample.EVERY[request.param]())


def test_a_page_is_short_and_light(page):
    assert len(" ".join(Reader(page).seen).split()) < VISIBLE
    assert len(page.encode()) < WEIGHT


def test_nothing_on_a_page_is_written_for_ourselves(page):
    text = " ".join(Reader(page).all)
    bibliography = facts.bibliography()
    assert not re.findall(r"\\[a-z\"'`^~]|[{}]", text), "TeX"
    assert not re.findall(r"\b[a-z]+_[a-z_]+\b", text), "names of fields"
    assert not [word for word in re.findall(r"\b[a-z]\w*\d{4}\w*\b", text) if word in bibliography], "keys"
    assert not re.findall(
        r"[^.;]*\b(?:doi|abstract|year|title|authors?) (?:recalled|(?:not )?seen)\b", text
    ), "notes"
    assert "<q>" not in page, "quotation marks are for verbatim text with article, date and link"
    assert not re.findall(r"\bnobody has\b|\bno one has\b", text), "claims of absence"


def test_no_warning_stands_twice(page):
    warned = re.findall(r'<p class="warning">(.*?)</p>', page, re.S)
    assert len(warned) == len(set(warned))


def test_everything_folded_opens_by_the_keyboard_and_the_long_page_is_open():
    folded, long = html(sample.with_mechanism()), html(sample.with_mechanism(), long=True)
    assert folded.count("<details") == folded.count("<summary>")
    assert folded.count("<details") == long.count("<details")
    assert " open>" not in folded
    assert long.count(" open>") == long.count("<details")
    assert len(Reader(long).seen) > len(Reader(folded).seen)


def test_every_table_has_headings_for_those_who_hear_it(page):
    for table in re.findall(r"<table.*?</table>", page, re.S):
        heads = re.findall(r"<th\b[^>]*>", table)
        assert heads
        assert all('scope="' in head for head in heads)


def test_every_section_is_in_the_contents(page):
    listed = re.findall(r'<a href="#([^"]+)">', page.split("</nav>")[0])
    assert set(re.findall(r'<section id="([^"]+)"', page)) <= set(listed)


@pytest.mark.parametrize(
    ("key", "cited"),
    [("mueller2025", "Mueller et al. 2025"), ("bonson1996b", "Bonson and Murphy 1996"), ("anzctr128594", "ACTRN12624000128594"),
     ("burmester2023", "Burmester et al. 2023")],
)  # fmt: skip
def test_a_source_is_cited_by_author_and_year(key, cited):
    assert short(key) == cited
    assert spoken_keys(f"<p>As {key} found.</p>") == f"<p>As {cited} found.</p>"
    assert (
        spoken_keys(f'<a href="#{key}"><code>{key}</code></a>') == f'<a href="#{key}"><code>{key}</code></a>'
    )


def test_no_reference_holds_tex_or_notes():
    for key in facts.bibliography():
        assert not re.search(r"[\\{}]|\b(?:recalled|not seen|not verified)\b", reference(key)), key
    assert "Rødbro" in reference("burmester2023")
    assert "Galvão" in reference("galvao2018")


def test_each_reader_finds_what_they_must_be_able_to_say():
    """Against the words that were generated for a real run."""
    verdict = json.loads((ROOT / "tests" / "golden" / "lsddep2.json").read_text())["verdict"]
    numbers = [f"{x['what']} {x['said']} {x['error']}" for x in verdict["numbers"]]
    facts_ = [fact["what"] for fact in verdict["facts"]]
    said = " ".join([verdict["paragraph"], *verdict["decides"], *verdict["unknown"], *numbers, *facts_])
    listed = (ROOT / "docs" / "readers.md").read_text().split("## ")[1:]
    assert len(listed) == 4
    for reader in listed:
        wanted = re.findall(r"^- .*`(.+)`$", reader, re.M)
        assert len(wanted) >= 3
        assert [words for words in wanted if words not in said] == []
