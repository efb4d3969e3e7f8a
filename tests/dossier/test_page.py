"""The page opens with no network, says every number of its verdict, and leaves out what there is nothing to say on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.assembled import schema
from limen.dossier.render import INTENDED_USE, figures_of, html, linked, write_figures, write_html
from limen.dossier.terminal import at_terminal
from limen.errors import OutputError
from support import sample

VOID = {"meta", "br", "link", "img", "input", "hr"}
SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "answer.schema.json"


class Page(HTMLParser):
    """Tags as they open and close, addresses, identifiers and headings."""

    def __init__(self, text: str):
        super().__init__()
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.addresses: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.labels: list[str] = []
        self.columns: list[int] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.addresses += [
            (tag, given[k] or "") for k in ("src", "href", "xlink:href", "action") if k in given
        ]
        if "id" in given:
            self.ids.append(given["id"] or "")
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if given.get("role") == "img":
            self.labels.append(given.get("aria-label") or "")
        if tag == "thead":
            self.columns.append(0)
        if tag == "th" and "thead" in self.open:
            self.columns[-1] += 1

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


@pytest.fixture(scope="module", params=list(sample.EVERY))
def answered(request) -> tuple[Answer, str]:
    answer = sample.EVERY[request.param]()
    return answer, html(answer)


def test_the_page_asks_the_network_for_nothing(answered):
    _, text = answered
    for tag, address in Page(text).addresses:
        outside = re.match(r"[a-z]+:|//", address)
        assert (
            not outside
            or address.startswith("data:")
            or (tag == "a" and address.startswith("https://doi.org/"))
        )
    assert "@import" not in text
    assert not re.search(r"<(script|link|iframe|object|embed)[^>]+(src|href|data)=", text)
    assert not re.search(r"url\((?!#)", text)


def test_the_page_is_well_formed_and_its_headings_are_in_order(answered):
    _, text = answered
    page = Page(text)
    assert page.unbalanced == []
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert '<html lang="en">' in text
    assert max(page.columns) <= 7


def test_every_link_inside_the_page_arrives(answered):
    _, text = answered
    page = Page(text)
    assert [a for _, a in page.addresses if a.startswith("#") and a[1:] not in page.ids] == []


def test_every_figure_is_described_for_those_who_cannot_see_it(answered):
    answer, text = answered
    labels = [label for label in Page(text).labels if label]
    assert len(labels) == len(figures_of(answer))
    assert all(len(label) > 40 for label in labels)


def test_a_section_that_is_none_is_absent(answered):
    answer, text = answered
    present = {
        "claimed": answer.claimed is not None,
        "trial": answer.trial is not None,
        "report": answer.trial is not None,
        "mechanism": answer.mechanism is not None,
        "harms": bool(answer.harms),
    }
    for section, there in present.items():
        assert (f'<section id="{section}">' in text) is there
    assert "None" not in re.sub(r"<[^>]+>", "", text)


def head(text: str) -> str:
    """The first page: everything before the first section after the answer."""
    return text.split('<div id="answer"')[1].split("</div>\n<section")[0]


def test_the_first_screen_has_its_words_and_at_most_four_numbers_each_with_its_error(answered):
    answer, text = answered
    first, v = unescape(head(text)), answer.verdict
    assert v.first_words in first
    assert v.paragraph.removeprefix(v.first_words) in first
    assert first.count('class="big"') == len(v.numbers) <= 4
    for x in v.numbers:
        assert x.said in first
        assert re.search(r"\d", x.error)
        assert x.error in first
    assert [f.said for f in v.facts if f.said not in first] == []
    assert INTENDED_USE in first
    if v.prior is not None:
        assert (
            f"{answer.provenance.counts['assumption']} of {len(answer.provenance.parameters)} parameters"
            in first
        )


def test_the_two_boxes_are_never_mixed(answered):
    answer, text = answered
    for name in ("decides", "unknown"):
        shown = [x for x in answer.verdict.numbers if x.box == name]
        if not shown:
            continue
        box = unescape(text.split(f'aria-labelledby="{name}"')[1].split("</section>")[0])
        assert [x.what for x in shown if x.what not in box] == []
        assert not [x.what for x in answer.verdict.numbers if x.box != name and x.what in box]


def test_what_was_reported_stands_beside_what_was_predicted_and_says_whether_it_was_seen(answered):
    answer, text = answered
    first = unescape(head(text))
    for x in answer.verdict.beside:
        assert x.reported in first
        assert words.span(x.predicted) in first
    assert first.count("The posterior had") == (1 if answer.verdict.beside else 0)


def test_every_parameter_and_the_command_are_at_the_end(answered):
    answer, text = answered
    last = text.split('<section id="provenance">')[1]
    assert [p.name for p in answer.provenance.parameters if p.name not in last] == []
    assert answer.reproduce.command in last


def test_the_claim_is_set_against_no_drug_effect():
    answer = sample.claimed()
    assert answer.claimed is not None
    section = html(answer).split('<section id="claimed">')[1].split("</section>")[0]
    for _, _, share in answer.claimed.rows:
        assert words.percent(share.value) in section


@pytest.mark.parametrize("name", ["adhd", "with_mechanism"])
def test_each_figure_compiles_at_both_widths_and_keeps_its_text_readable(name):
    for figure in figures_of(sample.EVERY[name]()).values():
        for narrow in (False, True):
            drawn = figure.svg(narrow)
            width = float(ET.fromstring(drawn).attrib["viewBox"].split()[2])
            assert width <= (376 if narrow else 1060), (figure.name, narrow, width)
            smallest = min(float(s) for s in re.findall(r'font-size="([\d.]+)px"', drawn))
            shown_at = min(1.0, 328 / width) if narrow else 1.0
            assert smallest * shown_at >= 9, (figure.name, narrow)


def test_one_drawing_serves_a_phone_and_a_screen(answered):
    """A panel is drawn once, no wider than a phone shows legibly; a screen sets panels side by side."""
    answer, text = answered
    panels = [len(figure.spec(narrow=True).get("vconcat", [0])) for figure in figures_of(answer).values()]
    assert text.count('<div class="panel">') == text.count("<svg ") == sum(panels)
    widths = [float(w) for w in re.findall(r'<svg [^>]*viewBox="0 0 ([\d.]+) ', text)]
    assert len(widths) == sum(panels)
    assert max(widths) <= 376


def test_a_figure_is_drawn_from_the_table_a_reader_downloads_and_every_column_is_documented():
    for figure in figures_of(sample.with_mechanism()).values():
        module = sys.modules[figure.draw.__module__]
        used = {column for row in figure.table for column in row}
        assert used <= set(module.COLUMNS), figure.name
        assert figure.to_csv().splitlines()[0].split(",") == list(
            dict.fromkeys(c for r in figure.table for c in r)
        )
        assert figure.to_polars().height == len(figure.table)
        again = figure.draw([dict(row) for row in figure.table], False)
        assert again == figure.spec()


def test_a_figure_is_a_chart_for_a_notebook_and_a_file_for_a_journal(tmp_path):
    answer = sample.without_verdict()
    figures = figures_of(answer)
    assert all(hasattr(figure.plot(), "to_dict") for figure in figures.values())
    written = write_figures(answer, tmp_path, ("svg",)) + write_figures(answer, tmp_path, ("png",))[:1]
    assert {p.name for p in written} >= {f"{name}.svg" for name in figures}
    assert all(p.stat().st_size > 1000 for p in written)


def test_a_page_is_written_whole_or_not_at_all(tmp_path):
    path = write_html(sample.without_verdict(), tmp_path / "deep" / "page.html")
    assert path.read_text().startswith("<!doctype html>")
    assert [p.name for p in path.parent.iterdir()] == ["page.html"]
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        write_html(sample.without_verdict(), tmp_path / "file" / "page.html")


def test_text_from_a_protocol_cannot_become_markup():
    nasty = sample.adhd()
    nasty = nasty.model_copy(
        update={"question": nasty.question.model_copy(update={"title": "<script>alert(1)</script>"})}
    )
    assert "<script>alert" not in html(nasty)
    assert (
        linked('<b> doi:10.1000/x"y')
        == '&lt;b&gt; <a href="https://doi.org/10.1000/x">doi:10.1000/x</a>&#34;y'
    )


def test_the_published_schema_is_current_and_the_answers_keep_it(answered):
    import jsonschema

    assert json.loads(SCHEMA_FILE.read_text()) == schema(), (
        "write it again with limen.dossier.assembled.write_schema"
    )
    jsonschema.validate(json.loads(answered[0].model_dump_json()), schema())


def test_the_summary_fits_a_terminal(answered):
    answer, _ = answered
    text = at_terminal(answer)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert answer.question.title.split()[0] in text


def test_the_same_answer_gives_the_same_page():
    code = "import sys; sys.path.insert(0, sys.argv[1]); from support import sample; import hashlib; from limen.dossier.render import html; print(hashlib.sha256(html(sample.without_verdict()).encode()).hexdigest())"
    run = [sys.executable, "-c", code, str(Path(__file__).parents[1])]
    first, second = (subprocess.run(run, capture_output=True, text=True, check=True).stdout for _ in range(2))
    assert first == second
