"""An article beside the literature: every statement told, quoted only in its own words, and no verdict of another sentence."""

from __future__ import annotations

import html
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from limen.cli.main import app
from limen.dossier.article import address, article_markdown, article_page
from limen.errors import FactsError
from limen.evidence.article import Named, article, quoted_from, read_article, sentences
from limen.evidence.tables import claims, every_reference

WHERE = Named("Small doses, large hopes", date(2024, 5, 1), "https://example.org/a")
TEXT = """The usual LSD microdose is 5 to 10 micrograms. Microdoses have no
overt psychoactive effect.

Prof. Nutt's group, e.g. Dr. Smith, agrees. "Low doses engage the default mode network and restore plasticity," said David
Nutt. Microdoses do not suppress IL-6 or TNF-alpha!
"""


@pytest.fixture
def read(tmp_path: Path):
    file = tmp_path / "text.txt"
    file.write_text(TEXT, encoding="utf-8")
    return read_article(file, WHERE)


def plain(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.split("</style>")[1])))


def test_every_statement_stands_on_the_page_with_its_verdict_and_its_literature():
    found, page = article(), article_page(article())
    assert [s.claim_id for s in found.statements] == [c.claim_id for c in claims()]
    assert sum(count for _, count in found.counts) == len(found.statements)
    text = plain(page)
    for s in found.statements:
        assert s.words in text
        assert s.literature.rstrip(".") in text
        assert {f'href="#ref-{key}"' in page for key in s.sources} <= {True}
    assert "blockquote cite" not in page  # nothing in limen's words is quoted


def test_every_source_is_listed_and_what_can_be_read_is_linked():
    found, page = article(), article_page(article())
    for key in found.sources:
        assert f'id="ref-{key}"' in page
        if every_reference()[key].get("doi") or every_reference()[key].get("url"):
            assert f'href="{html.escape(address(key))}"' in page
    assert not re.search(r'(?:src|href)="(?!#|https?://)', page)
    assert "<script" not in page
    assert len(page.encode()) < 200_000


def test_a_text_is_quoted_as_it_was_printed_named_dated_and_linked(read):
    page = article_page(read)
    for words in re.split(r"(?<=overt psychoactive effect\.)|(?<=micrograms\.)", " ".join(TEXT.split())):
        assert words.strip() in " ".join(s.words for s in read.statements)
    assert all(s.verbatim for s in read.statements)
    assert all(said in page for said in (WHERE.title, "2024-05-01", f'href="{WHERE.link}"'))
    assert [s.verdict for s in read.statements] == [
        "partly supported", "contradicted", "no verdict", "not found", "no verdict"
    ]  # fmt: skip


def test_a_sentence_that_says_the_opposite_has_no_verdict_and_the_other_statement_stands_beside_it(read):
    last = read.statements[-1]
    assert last.near[0].claim_id == "C28"
    assert "opposite" in last.why
    assert not last.literature


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.text(alphabet="abcdefg ", min_size=3, max_size=30).map(str.strip).filter(bool),
        min_size=1,
        max_size=6,
    )
)
def test_no_word_of_a_text_is_lost_between_its_sentences(parts: list[str]):
    text = " ".join(f"{part.capitalize()}." for part in parts)
    assert " ".join(sentences(text)) == " ".join(text.split())


@pytest.mark.parametrize(
    "given", [("", "2024-05-01", "https://x.org"), ("T", "May 2024", "https://x.org"), ("T", "2024-05-01", "javascript:alert(1)"),
              ("T", "2024-05-01", None)]
)  # fmt: skip
def test_words_are_quoted_only_with_title_day_and_link(given):
    with pytest.raises(FactsError):
        quoted_from(Path("text.txt"), *given)


def test_markup_in_an_article_stays_text(tmp_path: Path):
    file = tmp_path / "t.txt"
    file.write_text(
        "<script>alert(1)</script> Microdoses [heal](javascript:x) *everything*.", encoding="utf-8"
    )
    found = read_article(file, WHERE)
    assert "<script" not in article_page(found)
    assert not re.search(r"(?<!\\)<script", article_markdown(found))
    assert not re.search(r"(?<!\\)\]\(javascript", article_markdown(found))


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "no sentence"), (b"\xff\xfeA\x00", "UTF-16"), (b"a\0b", "null")]
)
def test_what_is_no_text_is_refused_in_words(tmp_path: Path, content: bytes, said: str):
    file = tmp_path / "t.txt"
    file.write_bytes(content)
    asked = [
        "evidence",
        "article",
        str(file),
        "--title",
        "T",
        "--published",
        "2024-05-01",
        "--link",
        "https://x.org",
    ]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 2
    assert said in result.output


def test_a_page_is_not_replaced_unasked_and_has_one_of_two_names(tmp_path: Path):
    there = tmp_path / "a.html"
    run = CliRunner().invoke
    assert run(app, ["evidence", "article", "--out", str(there)]).exit_code == 0
    before = there.read_bytes()
    assert run(app, ["evidence", "article", "--out", str(there)]).exit_code != 0
    assert run(app, ["evidence", "article", "--out", str(tmp_path / "a.pdf")]).exit_code != 0
    assert there.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.html"]
