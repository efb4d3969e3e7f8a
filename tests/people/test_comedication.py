"""What people take besides: who gets in, what it does to a dose, and that nothing changes where nobody takes anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import ndtri

from limen.compounds import compound
from limen.design.operate import draw_parameters, operate
from limen.design.tables import trial_table
from limen.parameters import Draws, quantile
from limen.people import DRAWS_PER_PERSON, columns, individual
from limen.people.comedication import INHIBITORS, REUPTAKE, comedication, effects, prevalence
from limen.protocol import load
from limen.safety.reading.drugs import dictionary
from limen.safety.rules.book import RuleBook
from limen.safety.screening.admission import ANTIDEPRESSANTS, COMEDICATIONS, Admitted, admission, members
from limen.safety.screening.bearing import GENOTYPE, bearing_on, strong_cyp2d6_inhibitors
from limen.trial.plan import lay_out
from limen.trial.theta import theta

EXAMPLES = Path(__file__).parents[2] / "examples"
EVERYBODY = tuple(Admitted(name, drugs, 1.0, ()) for name, drugs in members().items())


def example(name: str):
    return load(EXAMPLES / f"{name}.yaml")


def typical(parameters, count: int = 1) -> Draws:
    return Draws({n: np.full(count, float(quantile(p, 0.5))) for n, p in parameters.items()}, count)


@pytest.fixture(scope="module")
def lsddep1(parameters):
    """Depressed people of whom 79% take an antidepressant, and the same people with nothing but the trial's dose."""
    runs = []
    for on in (True, False):
        plan = lay_out(example("lsddep1"), parameters, comedication=on)
        runs.append(operate(plan, parameters, draws=40, people=950, seed=3))
    return runs


def per_draw(run, name: str) -> np.ndarray:
    return np.asarray(run.records.takes)[:, COMEDICATIONS.index(name)] > 0


def inside(parameters, protocol, draws, book=None) -> dict[str, np.ndarray]:
    law = prevalence(
        draws,
        protocol.population.indication,
        admission(protocol, book),
        protocol.population.on_antidepressant,
    )
    return dict(zip(COMEDICATIONS, law.inside, strict=True))


def test_classes_hold_what_the_dictionary_says_they_are():
    drugs, strong = dictionary(), set(strong_cyp2d6_inhibitors())
    for name, those in members().items():
        assert those, name
        assert all((drug in strong) == (name in INHIBITORS) for drug in those), name
        if name in REUPTAKE:
            assert all(drugs[d].has("sert_inhibitor") for d in those)
        if name in ("blocking", "antipsychotic"):
            assert all(drugs[d].has("ht2a_antagonist") for d in those)
        if name == "maoi":
            assert all(any(f.startswith("mao_inhibitor") for f in drugs[d].flags) for d in those)


def test_the_ratios_of_exposure_are_those_of_the_rules(parameters):
    (strong,) = {
        b.factor["AUC"] for b in bearing_on("LSD", ["cyp2d6_inhibitor=strong"]) if b.rule.id == "INT036"
    }
    (gene,) = {b.factor["AUC"] for b in bearing_on("LSD", [GENOTYPE])}
    assert parameters["comedication.exposure.inhibitor_auc"].value == strong == 1.5
    assert parameters["pharmacology.genotype.poor_metaboliser_auc"].value == gene == 1.75


@pytest.mark.parametrize(("inhibited", "poor", "ratio"), [(0, 0, 1), (1, 0, 1.5), (0, 1, 1.75), (1, 1, 1.75)])
def test_an_inhibitor_makes_a_poor_metaboliser_and_never_a_poorer_one(parameters, inhibited, poor, ratio):
    """AUC is dose / clearance: 1.5 with an inhibitor, 1.75 by genotype, and 1.75 for both, never 2.6."""
    plan = replace(lay_out(example("lsddep1"), parameters), admission=EVERYBODY)
    t = theta(typical(parameters), plan).people
    z = dict.fromkeys(DRAWS_PER_PERSON, 0.0) | {"inhibitor": 8.0}
    z["genotype"] = -8.0 if poor else 0.0
    z["antidepressant"] = -8.0 if inhibited else 8.0  # the first class is an SSRI that inhibits
    person = individual(t, {name: jnp.asarray([z[name]]) for name in DRAWS_PER_PERSON})
    assert float(t.cl[0] / person.cl[0]) == pytest.approx(ratio)
    assert float(person.v[0]) == pytest.approx(float(t.v[0]))


def test_an_inhibitor_does_nothing_to_psilocin(parameters):
    plan = replace(lay_out(example("claimed_psilocybin_gad"), parameters), admission=EVERYBODY)
    t = theta(typical(parameters), plan).people.comedication
    assert t.takes[COMEDICATIONS.index("ssri_inhibitor"), 0] > 0
    assert t.inhibitor_auc[0] == 1


def test_shares_in_the_trial_are_the_prevalences(lsddep1):
    run, _ = lsddep1
    expected = inside(run.parameters, example("lsddep1"), run.draws)
    takes = np.asarray(run.records.takes)
    n = len(takes)
    for at, name in enumerate(COMEDICATIONS):
        p = expected[name].mean()
        assert takes[:, at].mean() == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / n) + 1e-12), name
    on = sum(per_draw(run, name) for name in ANTIDEPRESSANTS)
    assert on.max() == 1  # one antidepressant a person
    assert on.mean() == pytest.approx(0.79, abs=4 * np.sqrt(0.79 * 0.21 / n))


def test_of_people_on_a_strong_inhibitor_most_are_on_an_antidepressant(lsddep1):
    run, _ = lsddep1
    inhibited = np.any([per_draw(run, n) for n in INHIBITORS], axis=0)
    antidepressant = np.any([per_draw(run, n) for n in ANTIDEPRESSANTS], axis=0)
    assert antidepressant[inhibited].mean() > 0.9


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda p: p.stem)
def test_no_user_of_lithium_an_mao_inhibitor_or_an_antipsychotic_reaches_a_trial(path, parameters):
    protocol = load(path)
    draws = draw_parameters(parameters, 20, 1)
    found = inside(parameters, protocol, draws)
    for name in ("lithium", "maoi", "antipsychotic"):
        assert not found[name].any(), name
    without_rules = inside(parameters, protocol, draws, RuleBook(rules=()))
    if not protocol.medication.excluded:
        assert (without_rules["lithium"] > 0).all()  # it is the screen that keeps them out


def test_what_the_protocol_excludes_stays_out_and_what_it_permits_comes_in():
    plain = example("lsddep2")
    law = {a.name: a for a in admission(plain)}
    assert law["ssri"].held == 1
    permits = plain.medication.model_copy(update={"permitted": ("SSRI",)})
    law = {a.name: a for a in admission(plain.model_copy(update={"medication": permits}))}
    assert law["ssri"].let_in == law["ssri_inhibitor"].let_in == 1
    assert law["snri"].let_in == 0
    excludes = plain.medication.model_copy(update={"permitted": ("SSRI",), "excluded": ("fluoxetine",)})
    law = {a.name: a for a in admission(plain.model_copy(update={"medication": excludes}))}
    assert law["ssri_inhibitor"].let_in == 0.5
    assert [loss.rule for loss in law["ssri_inhibitor"].losses] == ["PROTOCOL"]
    lithium = plain.medication.model_copy(update={"permitted": ("lithium", "MAOI", "antipsychotics")})
    law = {a.name: a for a in admission(plain.model_copy(update={"medication": lithium}))}
    assert [law[n].let_in + law[n].held for n in ("lithium", "maoi", "antipsychotic")] == [0, 0, 0]


def test_nobody_on_an_antidepressant_means_nobody(parameters):
    found = inside(parameters, example("adhd_20ug"), draw_parameters(parameters, 20, 1))
    assert not any(found[name].any() for name in ANTIDEPRESSANTS)


def test_everybody_let_in_makes_the_screen_nothing(parameters):
    """Before and after the screen the law is the same where nobody is turned away, and Bayes' rule where some are."""
    draws = draw_parameters(parameters, 50, 1)
    law = prevalence(draws, "MDD", EVERYBODY, None)
    assert np.allclose(law.come, law.inside)
    half = tuple(replace(a, let_in=0.5 if a.name == "ssri" else 1.0) for a in EVERYBODY)
    law = prevalence(draws, "MDD", half, None)
    at = COMEDICATIONS.index("ssri")
    assert np.allclose(law.inside[at], 0.5 * law.come[at] / (1 - 0.5 * law.come[at]))


def test_a_protocols_share_of_antidepressants_stands_in_place_of_the_prevalence(parameters):
    draws = draw_parameters(parameters, 50, 1)
    tricyclics_out = tuple(replace(a, let_in=float(a.name != "tricyclic")) for a in EVERYBODY)
    law = prevalence(draws, "MDD", tricyclics_out, 0.3)
    rows = [COMEDICATIONS.index(name) for name in ANTIDEPRESSANTS]
    assert np.allclose(law.inside[rows].sum(0), 0.3)
    assert (law.come[rows].sum(0) > 0.3).all()
    assert not law.inside[COMEDICATIONS.index("tricyclic")].any()


def test_people_on_an_ssri_notice_less_of_the_same_dose(lsddep1):
    """The same people with and without: the SSRI's fold is above one in most draws, and below it in some."""
    run, without = lsddep1
    plain = per_draw(run, "ssri") & ~np.any([per_draw(run, n) for n in INHIBITORS], axis=0)
    with_it = np.asarray(run.records.p_notice)[plain][:, 0]
    alone = np.asarray(without.records.p_notice)[plain][:, 0]
    assert np.array_equal(run.records.peak[plain], without.records.peak[plain])
    fold = run.draws["comedication.blunting.sert_perception"]
    of = np.repeat(run.draw_of_trial, run.plan.people)[plain]
    assert (with_it <= alone)[fold[of] > 1].all()
    assert (with_it >= alone)[fold[of] < 1].all()
    assert with_it.mean() < alone.mean() - 0.02
    assert (run.records.signal_ratio[plain] < without.records.signal_ratio[plain]).mean() > 0.5


def test_a_receptor_blocker_is_met_by_as_much_more_drug(parameters):
    """Competitive antagonism: EC50 and threshold rise by one ratio, 1 / (1 - occupancy); the stronger blocker counts."""
    draws = typical(parameters)
    t = comedication(draws, compound("LSD"), "TRD", EVERYBODY)
    share = {name: float(t.takes[COMEDICATIONS.index(name), 0]) for name in ANTIDEPRESSANTS}
    below = sum(share[n] for n in ANTIDEPRESSANTS[: ANTIDEPRESSANTS.index("blocking")])
    in_class = float(ndtri(below + share["blocking"] / 2))

    def person(antidepressant: float, antipsychotic: float):
        z = {
            "antidepressant": antidepressant,
            "antipsychotic": antipsychotic,
            "lithium": 9.0,
            "stimulant": 9.0,
        }
        return effects(t, {k: jnp.asarray([v]) for k, v in (z | {"inhibitor": 9.0}).items()})

    for who, occupancy in (
        (person(9.0, -9.0), 0.8),
        (person(in_class, 9.0), 0.5),
        (person(in_class, -9.0), 0.8),
    ):
        ratio = 1 / (1 - occupancy)
        assert float(who.ec50[0]) == pytest.approx(ratio, rel=0.05)
        assert float(who.threshold[0]) == pytest.approx(np.log(float(who.ec50[0])))
        ec50, ce = 0.5, 0.3
        blocked = ratio * ce / (ec50 * ratio + ratio * ce)
        assert blocked == pytest.approx(ce / (ec50 + ce))


def test_guesses_and_belief_move_where_most_people_are_blunted(parameters):
    """LSDDEP2's people, all on an antidepressant: fewer in the LSD arm end up sure that they take it."""
    protocol = example("lsddep2")
    everybody = protocol.population.model_copy(update={"on_antidepressant": 1.0})
    plans = [
        lay_out(protocol.model_copy(update={"population": everybody}), parameters, comedication=on)
        for on in (True, False)
    ]
    on, off = (operate(plan, parameters, draws=40, people=890, seed=3) for plan in plans)
    active = on.arm == on.plan.active
    for run in (on, off):
        assert np.array_equal(run.records.dose, off.records.dose)
    assert on.records.belief[active, -1].mean() < off.records.belief[active, -1].mean() - 0.02
    said = [np.nanmean(run.records.guess[active][:, 7]) for run in (on, off)]
    assert said[0] < said[1] - 0.02
    control = ~active
    assert np.array_equal(on.records.p_notice[control], off.records.p_notice[control])


def test_comedication_adds_draws_and_moves_none(lsddep1):
    run, without = lsddep1
    none = ~np.asarray(run.records.takes).any(axis=1)
    assert 0.1 < none.mean() < 0.4
    for name in (
        "dose",
        "baseline",
        "peak",
        "p_notice",
        "noticed",
        "capsule",
        "signal_ratio",
        "guess",
        "belief",
    ):
        assert np.array_equal(
            getattr(run.records, name)[none], getattr(without.records, name)[none], equal_nan=True
        ), name


def test_the_table_of_a_trial_says_what_each_person_takes(lsddep1):
    run, _ = lsddep1
    people = trial_table(run, 5).group_by("trial", "participant").first()
    assert people["antidepressant"].ne("none").mean() == pytest.approx(0.79, abs=0.2)
    assert not people["lithium"].any()
    assert not people["maoi"].any()
    fluoxetine = people.filter(people["antidepressant"] == "fluoxetine or paroxetine")
    assert fluoxetine["strong_cyp2d6_inhibitor"].all()
    assert fluoxetine["ssri_or_snri"].all()


def test_a_share_is_reached_by_the_normal_that_decides_it(parameters):
    """The slots cut a uniform: the share of people below a cut is the cut."""
    draws = typical(parameters)
    t = columns.at(comedication(draws, compound("LSD"), "MDD", EVERYBODY), jnp.zeros(20001, int))
    z = jnp.asarray(ndtri((np.arange(20001) + 0.5) / 20001))
    taken = effects(
        t, dict.fromkeys(("antidepressant", "antipsychotic", "lithium", "stimulant", "inhibitor"), z)
    )
    for at, name in enumerate(COMEDICATIONS):
        assert float(taken.takes[at].mean()) == pytest.approx(
            float(t.takes[COMEDICATIONS.index(name), 0]), abs=1e-4
        )
