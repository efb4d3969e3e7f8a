"""The table of links says no more than the rows it names."""

from __future__ import annotations

import pytest

from limen.facts import read
from limen.response import MARKERS

TABLES = ("hpa", "inflammation", "network", "plasticity", "receptor", "tolerance")
ROWS = {row["id"]: row for name in TABLES for row in read(f"mechanism/{name}")}
LINKS = read("mechanism/links").rows


def test_every_marker_has_a_link_and_every_link_names_rows_that_are_there():
    named = {marker for link in LINKS for marker in link["markers"].split()}
    assert named == {m.id for m in MARKERS}
    assert all(row in ROWS for link in LINKS for row in link["rows"].split())


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link["id"])
def test_what_is_called_measured_in_people_at_a_microdose_names_such_a_row_and_what_is_not_names_none(link):
    direct = [
        row for row in link["rows"].split()
        if ROWS[row]["evidence_class"] == "human_measured" and ROWS[row]["relevance_to_microdosing"] == "direct"
    ]  # fmt: skip
    assert bool(direct) is (link["human_microdose"] != "none")


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link["id"])
def test_a_link_that_nobody_measured_at_any_dose_is_off_or_an_assumption(link):
    if link["human_microdose"] == "none" and link["id"] != "LNK02":
        assert link["default"] in ("off", "full dose only")


def test_the_count_in_the_dossier_is_that_of_the_table():
    from limen.dossier.sections.mechanism.build import _count, _link

    seen = [link["human_microdose"] for link in LINKS]
    text = _count([_link(link) for link in LINKS])
    assert text.startswith(
        f"Of {len(LINKS)} links, {len(LINKS) - seen.count('none') - seen.count('partly')} have been measured"
    )
    assert f"and {seen.count('none')} not at all" in text
