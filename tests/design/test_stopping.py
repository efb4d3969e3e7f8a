"""What a search says of trials that may end early, of sizes it looks for by halving, and of what they cost."""

from __future__ import annotations

from math import ceil, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.special import ndtri

import limen
from limen.design import settle
from limen.design.designs import Cost
from limen.design.measures import DEAD, ENDS, SIZED
from limen.design.settle import Question, chances, counted
from limen.design.vary import axis, combinations, people_asked
from limen.errors import LimenError
from limen.protocol import loads
from support.looked import THREE, written

PROTOCOL = written(
    THREE,
    "analysis: {looks: {at: [0.5, 1], spending: pocock, futility: [0], per_week: 3}}",
    ", mcid: 2, mcid_source: assumed",
)


@pytest.fixture(scope="module")
def protocol():
    return loads(PROTOCOL)


@pytest.fixture(scope="module")
def found(protocol):
    return limen.design(protocol, [], trials=60).costing(Cost.stated("person=300,visit=100"))


def test_the_size_of_a_design_is_that_of_the_arms_it_compares(protocol, found):
    assert people_asked(protocol, ()) == (60,)
    assert [d.people for d in found.designs] == [60]


def test_what_ends_at_the_looks_is_what_the_design_reports(found):
    (design,) = found.designs
    for name, under in (("power_0.4", SIZED), ("false", DEAD)):
        shares = [dict(zip(ENDS, look.ends, strict=True)) for look in design.looks if look.under == under]
        assert [look.at for look in design.looks if look.under == under] == [0.5, 1]
        assert sum(one["benefit"][0] for one in shares) == pytest.approx(design.found[name][0])
        early = sum(shares[0][end][0] for end in ENDS)
        people = design.found["enrolled" if under == DEAD else "enrolled_0.4"][0]
        # Thirty are seen at the first look, and twelve are recruited in the four weeks until the last of them is.
        assert people == pytest.approx(60 - early * 18)
    assert shares[1]["futility"][0] == 0


def test_what_stops_early_for_a_benefit_overstates_it(protocol):
    plain = protocol.model_copy(update={"analysis": protocol.analysis.model_copy(update={"looks": None})})
    (never,), (design,) = (
        limen.design(p, [], trials=60).designs for p in (plain, combinations(plain, (axis("looks=3", plain),))[0].protocol)
    )  # fmt: skip
    assert never.found["early_adds"][2] == 0
    assert never.looks == ()
    assert design.found["early_adds"][0] > 0


@given(some.integers(1, 400), some.data())
def test_halving_finds_the_first_size_that_will_do(count, data):
    first, asked = data.draw(some.integers(0, count - 1)), list[int]()
    assert settle.first(count, lambda at: asked.append(at) or at >= first) == first
    assert len(asked) <= ceil(log2(count)) + 1


def test_a_size_that_is_searched_for_is_that_of_the_whole_grid():
    protocol = limen.load("adhd_20ug")
    goal = ["power_0.4=0.3"]
    searched = limen.design(protocol, ["n=20:80"], goal, trials=60)
    looked_at = {d.people: d.found["power_0.4"] for d in searched.designs}
    assert len(looked_at) < 16
    grid = limen.design(protocol, [f"n={','.join(map(str, looked_at))}"], goal, trials=60)
    assert {d.people: d.found["power_0.4"] for d in grid.designs} == looked_at
    with pytest.raises(LimenError, match="more people bring nearer"):
        limen.design(protocol, ["n=20:80"], ["false=0.06"])


@pytest.mark.parametrize(
    ("vary", "said"),
    [("spending=haybittle", "spending"), ("futility=low", "futility"), ("looks=0", "looks"), ("method=magic", "magic")],
)  # fmt: skip
def test_a_look_nobody_can_mean_is_refused_by_its_name(vary, said, protocol):
    with pytest.raises(LimenError, match=said):
        combinations(protocol, (axis(vary, protocol),))


def test_futility_and_spending_are_varied_within_the_looks(protocol):
    asked = combinations(
        protocol, tuple(axis(t, protocol) for t in ("futility=none,0.5", "spending=obrien-fleming"))
    )
    looks = [c.protocol.analysis.looks for c in asked]
    assert [None if one is None else one.futility for one in looks] == [(), (0.5,)]
    assert {None if one is None else one.spending for one in looks} == {"obrien-fleming"}
    with pytest.raises(LimenError, match="vary looks before"):
        combinations(limen.load("adhd_20ug"), (axis("futility=0", protocol),))


def test_counting_trials_settles_what_the_normal_law_says():
    z = ndtri((np.arange(4000) + 0.5) / 4000)
    belief = np.array([-0.3, 0.3])
    for drug in (-0.5, 0.0, 0.8, 2.5):
        asked = Question(np.full(2, drug), belief, np.full(2, 0.6), 2.0, 100)
        law = [each.mean() for each in chances(asked, 100)]
        each = drug + np.concatenate([b + 0.6 * z for b in belief])
        shown = counted(asked, each, np.full(len(each), 0.6), np.full(len(each), drug))
        assert [one.mean() for one in shown] == pytest.approx(law, abs=1e-3)


def test_a_cost_is_said_by_people_and_visits_or_refused(found):
    assert found.rows()[0]["cost"] == 60 * (300 + 3 * 100)
    assert Cost.stated("visit=2.5") == Cost(0.0, 2.5)
    for text in ("person", "person=-1", "nurse=2", "person=1,person=2", "visit=nan", ""):
        with pytest.raises(LimenError, match="no cost"):
            Cost.stated(text)
