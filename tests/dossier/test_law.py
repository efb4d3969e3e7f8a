"""The law in each jurisdiction on a stated day, and guidance counted: what is not known is said, not guessed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from limen.dossier.references import references
from limen.dossier.render import html
from limen.dossier.sections.law.build import cited, law
from limen.dossier.sections.law.nouns import Law
from limen.dossier.sections.law.words import ORDER, questions
from limen.protocol import Protocol, load
from support import sample

EXAMPLES = Path(__file__).parents[2] / "examples"
DAY = date(2026, 5, 1)


def protocol(name: str, *places: str) -> Protocol:
    return load(EXAMPLES / f"{name}.yaml").model_copy(update={"jurisdiction": places})


def page(section: Law) -> str:
    answer = sample.adhd()
    named = answer.provenance.references | references(cited(section))
    provenance = answer.provenance.model_copy(update={"references": named})
    return html(answer.model_copy(update={"law": section, "provenance": provenance}))


@pytest.fixture(scope="module")
def adhd() -> Law:
    return law(load(EXAMPLES / "adhd_20ug.yaml"), DAY)


@pytest.fixture(scope="module")
def adhd_page(adhd) -> str:
    return page(adhd)


@pytest.fixture(scope="module")
def british() -> Law:
    return law(protocol("adhd_20ug", "GB"), date(2030, 1, 1))


@pytest.fixture(scope="module")
def british_page(british) -> str:
    return page(british)


def test_switzerland_authorises_case_by_case_and_the_year_is_all_that_is_known(adhd):
    swiss = next(place for place in adhd.places if place.place == "CH")
    assert swiss.status == "case-by-case exceptional authorisation"
    assert (swiss.event.date, swiss.event.precision) == ("2014", "year")
    assert "prescribing" in [right.right for right in swiss.allows]


def test_a_place_the_data_say_nothing_of_is_said_as_such_with_the_treaty():
    found = law(protocol("adhd_20ug", "KE"), DAY)
    kenya = found.places[0]
    assert (kenya.name, kenya.certainty, kenya.event, kenya.allows) == ("Kenya", "no record", None, [])
    assert kenya.international == "Schedule I of the Convention"
    assert "this says nothing about whether it is allowed" in page(found)


@pytest.mark.parametrize(
    ("day", "status"),
    [(date(2023, 6, 30), "Schedule 9"),
     (date(2023, 7, 1), "Schedule 8 for these uses, Schedule 9 otherwise")],
)  # fmt: skip
def test_psilocybin_in_australia_changes_on_the_first_of_july_2023(day, status):
    place = law(protocol("claimed_psilocybin_gad", "AU"), day).places[0]
    assert place.status == status


def test_a_subdivision_without_law_of_its_own_says_that_the_country_answers():
    place = law(protocol("gad_3mg_responder_gate", "CA-ON"), DAY).places[0]
    assert (place.place, place.answered_for) == ("CA-ON", "CA")
    assert any("answered for CA" in remark for remark in place.remarks)


def test_a_protocol_that_names_no_jurisdiction_is_told_so():
    nowhere = law(protocol("adhd_20ug"), DAY)
    assert nowhere.places == []
    assert "names no jurisdiction" in nowhere.note
    assert nowhere.timeline is not None
    assert nowhere.note in page(nowhere).replace("&#34;", '"')


def test_the_day_and_the_day_the_data_reach_to_stand_on_the_page(adhd, adhd_page, british_page):
    assert adhd.on == "2026-05-01"
    assert f"The law on {adhd.on}" in adhd_page
    assert f"the data reach to {adhd.reach}" in adhd_page
    assert "a later change would not be known here" not in adhd_page
    assert "a later change would not be known here" in british_page


def test_every_rule_is_counted_once_and_those_not_met_are_listed(adhd, adhd_page):
    assert sum(adhd.counts.values()) == len(adhd.findings)
    assert not [finding for finding in adhd.findings if finding.rule.startswith("JUR-")]
    unmet = {finding.rule for finding in adhd.findings if finding.outcome == "not met"}
    # An inert placebo and a week of follow-up: no active placebo, no durability.
    assert {"EXP-06", "EXP-11", "FDA-16"} <= unmet
    section = adhd_page[adhd_page.index('id="law"') :]
    table, asked = section.split("Questions to the applicant")
    assert all(f"({rule})" in table for rule in unmet)
    assert "(FDA-06)" in asked  # a must that cannot be told
    assert "(FDA-13)" not in section  # a must that does not apply: no site in the United States


def test_what_the_protocol_leaves_unsaid_is_asked_once_the_strongest_first(adhd):
    asked = questions(adhd)
    open_ = [finding for finding in adhd.findings if finding.outcome == "cannot tell"]
    assert sum(len(re.findall(r"\([A-Z]+-\d+\)", q.asked_by)) for q in asked) == len(open_)
    assert len({q.text for q in asked}) == len(asked) < len(open_)
    strengths = [min(ORDER.index(s) for s in ORDER if f", {s}" in q.asked_by) for q in asked]
    assert strengths == sorted(strengths)
    assert not [q.text for q in asked if "_" in q.text or not q.text.endswith((".", "?"))]


def test_pending_events_are_shown_and_change_nothing(british, british_page):
    place = british.places[0]
    assert place.status.startswith("Schedule 1")
    assert place.pending
    assert "Without force." in british_page


def test_the_timeline_is_drawn_once_for_a_desk_and_for_a_phone(adhd_page):
    figure = adhd_page[adhd_page.index('id="fig-law"') :]
    figure = figure[: figure.index("</figure>")]
    assert figure.count("<svg") == 1
    assert "limen-law.csv" in figure
