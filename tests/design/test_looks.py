"""Interim looks as a protocol writes them, and as a search varies them."""

from __future__ import annotations

import pytest

import limen
from limen.analysis.power.spending import PARAMETER, SHAPES, SPENT, Spending
from limen.errors import LimenError, ProtocolErrors
from limen.protocol import loads
from support.looked import TWO, written

PROTOCOL = written(TWO, "analysis: {looks: LOOKS}")


def asked(looks: str):
    return loads(PROTOCOL.replace("LOOKS", looks))


@pytest.mark.parametrize("name", [*SPENT, *SHAPES])
def test_every_family_of_bounds_can_be_written(name):
    said = f"{name}(0.3)" if name in PARAMETER else name
    assert str(Spending.named(said)) == str(
        Spending.named(asked(f"{{at: [0.5, 1], spending: {said}}}").analysis.looks.spending)
    )


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        ("{at: [0.5, 0.4, 1]}", "do not rise"),
        ("{at: [0.5, 0.9]}", "do not rise to 1"),
        ("{at: [1]}", "at"),
        ("{at: [0.5, 1], futility: [0, 0]}", "one for each look but the last"),
        ("{at: [0.5, 1], spending: haybittle}", "spending"),
        ("{at: [.nan, 1]}", "at"),
    ],
)
def test_looks_that_cannot_be_meant_are_refused_by_name(looks, said):
    with pytest.raises(ProtocolErrors, match=said):
        asked(looks)


def test_looks_spend_the_level_they_are_given_and_stop_early():
    found = limen.design(asked("{at: [0.5, 1]}"), ["looks=1,2"], trials=60)
    one, two = (dict(design.found) for design in found.designs)
    assert one["enrolled"][0] == 60
    assert 30 <= two["enrolled"][0] <= 60
    assert two["false_unseen"][0] <= 0.15


def test_a_number_of_looks_that_is_none_is_refused():
    with pytest.raises(LimenError, match="looks=0"):
        limen.design(asked("{at: [0.5, 1]}"), ["looks=0"], trials=20)
