"""Two protocols that differ in what matters differ in their verdict, for a reason that the page names."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from limen.design.believe import update
from limen.design.operate import draw_parameters
from limen.dossier.sections.verdict import boxes, pool
from limen.dossier.sections.verdict.nouns import EvidenceBase
from limen.dossier.sections.verdict.worth import DRUG, gains
from limen.protocol import loads
from limen.trial.plan import lay_out
from limen.trial.theta import theta

ASKED = (Path(__file__).parents[2] / "examples" / "claimed_lsd_trd.yaml").read_text()
OTHERS = {
    "compound": ASKED.replace("compound: LSD", "compound: psilocybin").replace(
        "form: LSD base\n    dose: 10 ug", "form: psilocybin anhydrate\n    dose: 3 mg"
    ),
    "indication": ASKED.replace("indication: TRD", "indication: MDD"),
    "dose": ASKED.replace("dose: 10 ug", "dose: 5 ug"),
    "schedule": ASKED.replace("every: 3 d", "every: 6 d"),
}


@pytest.fixture(scope="module")
def told(parameters) -> dict[str, tuple[EvidenceBase, str]]:
    found = {}
    draws = draw_parameters(parameters, 20, 1)
    for name, text in {"as asked": ASKED, **OTHERS}.items():
        plan = lay_out(loads(text), parameters)
        belief = update(draws, theta(draws, plan), plan, parameters, 1)
        base = pool.evidence(belief)
        left = belief.sd / belief.prior_sd
        found[name] = base, f"{boxes.from_trials(base, left)} {pool.regimen(base)}"
    return found


def test_any_two_of_them_say_something_else(told):
    for (_, one), (_, other) in itertools.combinations(told.values(), 2):
        assert one != other


@pytest.mark.parametrize("name", ["compound", "indication"])
def test_another_compound_or_illness_names_other_trials(name, told):
    before, after = told["as asked"][0], told[name][0]
    assert (before.compound, before.indication) != (after.compound, after.indication)
    assert f"of {after.compound} in {after.indication}" in told[name][1]
    assert [s.above_zero for s in before.sensitivity] != [s.above_zero for s in after.sensitivity]


@pytest.mark.parametrize("name", ["dose", "schedule"])
def test_a_smaller_dose_or_a_rarer_one_shows_less_of_the_same_effect(name, told):
    before, after = told["as asked"][0], told[name][0]
    assert after.regimen < before.regimen
    assert [s.above_zero for s in before.sensitivity] == [s.above_zero for s in after.sensitivity]
    assert f"{after.regimen:.2f} times that of 10 ug" in told[name][1]


def test_knowing_is_worth_what_the_normal_loss_says_and_nothing_where_it_explains_nothing():
    """With B itself the part: E max(0, B) - max(0, E B), which for Normal(0, 1) is 1 / sqrt(2 pi)."""
    rng = np.random.default_rng(1)
    drug, other = rng.standard_normal((2, 4000))
    found = {g.part: g for g in gains(drug, {"drug_effect.prior.delta": drug, "belief.bias": other})}
    assert found[DRUG].points == pytest.approx(1 / np.sqrt(2 * np.pi), rel=0.03)
    assert found["what belief does"].points <= found["what belief does"].luck
