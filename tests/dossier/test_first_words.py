"""The first words follow from chances alone: nothing reads as promise that is none, and nothing strong as doubt."""

from __future__ import annotations

from math import erfc, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limen.dossier.sections.verdict.first import (
    CANNOT_TELL,
    NO_VERDICT,
    NOBODY_KNOWS,
    PROBABLY,
    PROBABLY_NOT,
    Chances,
    first_words,
    standing,
)

WORDS = (PROBABLY_NOT, NOBODY_KNOWS, CANNOT_TELL, PROBABLY)
CERTAINTY = {PROBABLY_NOT: -1, NOBODY_KNOWS: 0, CANNOT_TELL: 0, PROBABLY: 1}
positive = st.floats(0.01, 3.0)
slowly = settings(deadline=None, max_examples=60)


def above(threshold: float, mean: float, sd: float) -> float:
    """P(Normal(mean, sd) > threshold)."""
    return 0.5 * erfc((threshold - mean) / (sd * sqrt(2)))


def chances(means, sd: float, mcid: float | None, bars=()) -> Chances:
    """Those of normal posteriors under three priors."""
    zero = tuple(above(0.0, m, sd) for m in means)
    return Chances(zero, () if mcid is None else tuple(above(mcid, m, sd) for m in means), bars)


@slowly
@given(positive, positive, st.floats(0, 0.2), st.booleans())
def test_a_null_posterior_never_reads_as_promise(sd, mcid, hope, known):
    found = chances((-hope * sd, 0.0, hope * sd), sd, mcid if known else None)
    assert first_words(found) in (PROBABLY_NOT, NOBODY_KNOWS)


@slowly
@given(positive, positive, st.floats(2.0, 8.0))
def test_a_strong_posterior_never_reads_as_doubt(sd, mcid, strength):
    means = [mcid + strength * sd] * 3
    assert first_words(chances(means, sd, mcid)) == PROBABLY
    assert first_words(chances(means, sd, mcid, ("no control arm.",))) == PROBABLY


@slowly
@given(positive, positive, st.floats(2.0, 8.0))
def test_strong_evidence_of_harm_or_of_nothing_never_reads_as_open(sd, mcid, strength):
    assert first_words(chances([-strength * sd] * 3, sd, mcid)) == PROBABLY_NOT


@slowly
@given(positive, st.floats(-5, 5), st.floats(0.0, 5.0), positive, st.booleans())
def test_a_better_posterior_never_gets_worse_words(sd, mean, more, mcid, barred):
    bars = ("no control arm.",) if barred else ()
    before, after = (
        first_words(chances([m - 0.1 * sd, m, m + 0.1 * sd], sd, mcid, bars)) for m in (mean, mean + more)
    )
    assert CERTAINTY[after] >= CERTAINTY[before]


@slowly
@given(positive, st.floats(-5, 5), positive)
def test_one_prior_alone_never_answers(sd, mean, mcid):
    """What a sceptic holds to be open is not called probable, nor what an enthusiast holds to be open improbable."""
    words = first_words(chances((0.0, mean, mean), sd, mcid))
    assert words != PROBABLY


@slowly
@given(st.sampled_from(WORDS), st.booleans())
def test_the_sentence_begins_with_the_words_and_promises_nothing_else(words, matters):
    said = standing(
        words,
        Chances((0.5,), (0.05,) if matters else (), ("without a control arm nothing can be told apart.",)),
    )
    assert said.startswith(words)
    assert said.endswith(".")
    for promise in ("promising", "works", "effective", "breakthrough", "hope for"):
        assert promise not in said.lower()


@pytest.mark.parametrize(("bars", "words"), [((), NOBODY_KNOWS), (("no control arm.",), CANNOT_TELL)])
def test_an_open_question_is_the_trials_fault_only_where_something_bars_it(bars, words):
    assert first_words(Chances((0.5,), (0.3,), bars)) == words


@slowly
@given(positive, st.floats(-5, 5), positive, st.floats(0.71, 1.0))
def test_a_prior_that_trials_have_not_outweighed_answers_nothing(sd, mean, mcid, left):
    found = chances([mean] * 3, sd, mcid)
    assert first_words(Chances(found.above_zero, found.above_mcid, (), left)) == NOBODY_KNOWS


def test_without_chances_there_is_no_verdict():
    assert first_words(None) == NO_VERDICT
