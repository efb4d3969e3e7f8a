"""The page of the front door: self-contained, small, made of its document alone."""

import html
import json
import re
from pathlib import Path

import pytest

import limen
from limen.errors import OutputError
from limen.files import json_text
from limen.turn import page
from limen.turn.rests import decided_by, standing
from support.turning import made_up

SMALL = 200_000


@pytest.fixture(scope="module")
def turned(examples):
    return made_up(limen.load(examples / "lsddep2.yaml"))


@pytest.fixture(scope="module")
def document(turned):
    return turned.document()


@pytest.fixture(scope="module")
def text(document):
    return page.html(document)


def in_page(text):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S).group(1))  # fmt: skip


@pytest.mark.parametrize("name", ["lsddep2", "lsd_13_26ug"])
def test_it_is_small_and_asks_nothing_of_any_network(name, text, examples):
    text = text if name == "lsddep2" else made_up(limen.load(examples / f"{name}.yaml")).html()
    assert len(text.encode()) < SMALL
    assert not re.search(r"<(script|img|link|iframe)[^>]+(src|href)=|@import|url\((?!#)", text)
    assert all(link.startswith("https://") for link in re.findall(r'<a href="([^"]+)"', text))


def test_every_stop_has_its_sentence_and_its_dots(turned, text):
    data, grid = in_page(text), turned.grid
    shape = grid.found.shape[:4]
    for i, j, k, m in ((0, 0, 0, 0), tuple(n - 1 for n in shape)):
        cell = data["cells"][i][j][k][m]
        found = grid.at(i, j, k, m)
        assert cell["dots"][0] == pytest.approx(100 * found["notices, drug"][0], abs=0.5)
        said = " ".join(data["texts"][at] for at in cell["say"])
        assert grid.dial.turned[i].label in said
        assert str(sum(grid.dial.people[m])) in said
    assert len(data["dials"]["dose"]) == len(grid.dial.doses)
    assert data["dials"]["dose"][-1]["beyond"]


def test_without_a_script_the_protocol_as_written_is_there(document, text):
    assert document["sentence"] in re.sub(r"<script.*?</script>", "", text, flags=re.S).replace("&#39;", "'")


def test_what_a_protocol_says_cannot_end_the_script(document):
    asked = "</script><script>alert(1)</script><!--"
    text = page.html(document | {"title": asked})
    assert "alert(1)</script>" not in text
    assert in_page(text)["title"] == asked


def test_the_page_is_made_of_its_document_alone(document, text):
    assert page.html(json.loads(json_text(document))) == text


def test_an_assumption_is_called_one(turned):
    by = decided_by(turned.grid)
    assert standing(turned.grid.parameters, by["drug"])["status"] == "measured"
    caffeine = standing(turned.grid.parameters, by["comparator1"])
    assert caffeine["status"] == "assumption"
    assert "caffeine is noticed" in caffeine["why"]


def test_its_files_appear_together_and_are_not_replaced_unasked(turned, tmp_path):
    import polars as pl

    written = turned.save(tmp_path, "mine")
    assert [path.name for path in written] == ["mine-turn.html", "mine-turn.json", "mine-turn.parquet"]
    table = pl.read_parquet(written[-1])
    assert table.height == turned.grid.found[..., 0].size
    assert {"value", "monte_carlo_se", "trials"} <= set(table.columns)
    with pytest.raises(OutputError):
        turned.save(tmp_path, "mine")
    turned.save(tmp_path, "mine", force=True)


def test_real_trials_stand_on_it_with_what_was_predicted_and_what_failed(document, text):
    beside = document["beside"]
    assert any(one["name"].startswith("ADHD: difference") for one in beside)
    assert any(one["inside"] is False for one in beside)  # where limen is wrong, the page says so
    for one in beside:
        assert one["name"] in html.unescape(text)
        assert ("outside" in one["result"]) == (one["inside"] is False)


def test_a_scheme_of_allocation_that_is_not_turned_is_said():
    blocks = limen.load(Path(__file__).parents[1] / "protocol" / "registered" / "stratified_blocks.yaml")
    assert "blocks of 5, 10 by baseline, site" in made_up(blocks).document()["method"]
