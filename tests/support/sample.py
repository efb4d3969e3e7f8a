"""Answers made up for the tests: plausible in shape, and not a result of anything."""

from __future__ import annotations

import math

import numpy as np

from limen.dossier.answer import Answer, Reproduce
from limen.dossier.assembled import answer_type
from limen.dossier.noun import Band, Interval, Share
from limen.dossier.references import short
from limen.dossier.sections.blinding.nouns import ArmBlinding, Blinding, PublishedGuess, WeeklyGuesses
from limen.dossier.sections.claimed.nouns import Claimed
from limen.dossier.sections.exposure.nouns import ArmExposure, DosingDay, Exposed
from limen.dossier.sections.harms.nouns import Harm
from limen.dossier.sections.mechanism.nouns import (
    BaselineShift,
    CortisolDay,
    Link,
    MarkerPicture,
    Mechanism,
    Needed,
    Sample,
)
from limen.dossier.sections.provenance.nouns import Influence, Provenance, UsedParameter
from limen.dossier.sections.question.nouns import AskedArm, LeftOpen, Question
from limen.dossier.sections.trial.nouns import (
    ArmTrajectory,
    Channel,
    Decomposition,
    ExpectedTrial,
    Reported,
    Scenario,
)
from limen.dossier.sections.verdict.nouns import AsReported, Fact, Headline, Prior, Verdict, Worth

DAYS = [1, 5, 8, 12, 15, 19, 22, 26, 29, 33, 36, 40]
ACTIVE, PLACEBO = "LSD 20 ug", "Placebo"


def interval(value: float, half: float, unit: str = "", layers=("parameter",)) -> Interval:
    return Interval(value=value, low=value - half, high=value + half, unit=unit, layers=layers)


def share(value: float, of: int = 2000) -> Share:
    return Share(value=value, monte_carlo_se=math.sqrt(value * (1 - value) / of), of=of)


def band(
    at, middle, spread, at_unit: str, unit: str, layers=("parameter", "person"), share: bool = False
) -> Band:
    middle, spread = np.asarray(middle, float), np.asarray(spread, float)

    def at_z(z: float) -> list[float]:
        if share:
            return list(np.clip(middle + z * spread, 0, 1))
        return list(middle * np.exp(z * spread))

    return Band(at=list(map(float, at)), at_unit=at_unit, median=at_z(0), q05=at_z(-1.645), q25=at_z(-0.674),
                q75=at_z(0.674), q95=at_z(1.645), unit=unit, layers=layers)  # fmt: skip


def exposure(name: str, size: float = 1.0, end_day: int = 42) -> ArmExposure:
    hours = np.linspace(0, 24, 97)
    plasma = size * 0.52 * 1.6 * (np.exp(-0.19 * hours) - np.exp(-1.6 * hours))
    site = size * 0.52 * 1.7 * (np.exp(-0.19 * hours) - np.exp(-0.9 * hours))
    days = np.arange(0, end_day + 1)
    dosed = [d for d in DAYS if d <= end_day]
    dose_day = np.isin(days, dosed).astype(float)
    tolerance, state = [], 0.0
    for given in dose_day:
        state = state * 0.5 + given * 0.05 * size
        tolerance.append(state + 1e-4)
    return ArmExposure(
        arm=name,
        concentration=band(hours, plasma, 0.35 * np.ones_like(hours), "h", "ng/mL"),
        effect_site=band(hours, site, 0.4 * np.ones_like(hours), "h", "ng/mL"),
        occupancy=band(hours, site / (site + 0.9), 0.05 * np.ones_like(hours), "h", "fraction", share=True),
        month=band(days, 0.22 * size * dose_day + 0.01, 0.1 * dose_day * size + 0.005, "d", "fraction", share=True),
        tolerance=band(days, tolerance, 0.6 * np.ones(len(days)), "d", "fraction"),
        cmax=Interval(value=0.42 * size, low=0.24 * size, high=0.74 * size, unit="ng/mL", layers=("parameter", "person")),
        dosing_days=[
            DosingDay(day=d, noticed=interval(0.52 - 0.001 * d, 0.11), tolerance_fold=interval(1.03, 0.03, "fold"))
            for d in dosed
        ],
    )  # fmt: skip


def blinding(names: list[str]) -> Blinding:
    weeks = [1, 2, 3, 4, 5, 6]
    rates = {names[0]: 0.52, **{n: 0.38 for n in names[1:]}}
    arms = [
        ArmBlinding(
            arm=name,
            guesses=[
                WeeklyGuesses(week=w, active=rate + 0.01 * w, dont_know=0.15, placebo=0.85 - rate - 0.01 * w,
                              active_interval=(rate + 0.01 * w - 0.14, rate + 0.01 * w + 0.14))
                for w in weeks
            ],
            bang=interval(2 * rate - 0.85, 0.18),
            belief=band([0, *weeks], [0.5, *[rate + 0.02 * w for w in weeks]], [0.01, *[0.12] * 6], "wk", "", share=True),
        )
        for name, rate in rates.items()
    ]  # fmt: skip
    published = [PublishedGuess(arm=names[0], week=6, active=0.61, n=23, source="mueller2025")]
    return Blinding(
        arms=arms, week=6, d_prime=interval(0.55, 0.4), criterion=interval(-0.05, 0.2), james=interval(0.56, 0.12),
        correct=interval(0.61, 0.1), capsule_hit=interval(0.5, 0.1), capsule_false_alarm=interval(0.3, 0.1),
        capsule_d_prime=interval(0.5, 0.3), capsule_criterion=interval(0.3, 0.2),
        published=published if len(names) > 1 else [], notes=["A Bang index alone misleads here: the guess has a bias of its own."],
    )  # fmt: skip


def trajectory(name: str, drop: float, published: list[tuple[float, float]]) -> ArmTrajectory:
    weeks = [0.0, 2.0, 4.0, 6.0]
    rng = np.random.default_rng(len(name))
    shape = np.array([0.0, 0.5, 0.8, 1.0])
    mean = 36.5 - drop * shape
    spread = np.array([1.0, 1.3, 1.5, 1.7])
    people = np.clip(
        np.round(rng.normal(36.5, 5, (20, 1)) - drop * shape + rng.normal(0, 5, (20, 4)) * (shape > 0)), 0, 54
    )
    return ArmTrajectory(
        arm=name, weeks=weeks, people=people.tolist(), published=published,
        published_source="mueller2025" if published else None,
        mean=Band(at=weeks, at_unit="wk", median=list(mean), q05=list(mean - 1.645 * spread), q25=list(mean - 0.674 * spread),
                  q75=list(mean + 0.674 * spread), q95=list(mean + 1.645 * spread), unit="points",
                  layers=("parameter", "trial", "person", "sampling")),
    )  # fmt: skip


def split(of: str, sizes: tuple[float, float, float, float], half: float) -> Decomposition:
    names = ("selection", "course", "belief", "drug")
    status = ("measured", "measured", "translated", "assumption")
    return Decomposition(
        of=of, order=list(names), total=interval(sum(sizes), 1.5 * half, "points"),
        channels=[
            Channel(name=n, change=interval(s, half, "points"), order_low=s - 0.06 * half, order_high=s + 0.09 * half, status=k)
            for n, s, k in zip(names, sizes, status, strict=True)
        ],
    )  # fmt: skip


def reported(outcome: str, timing, unit: str, sd: float, bias: float, effect: float) -> Reported:
    z = np.array([_normal_quantile((i + 0.5) / 100) for i in range(100)])
    scenarios = []
    for delta in (0.0, 0.2, 0.4):
        centre = bias + delta * effect
        critical = 1.96 * sd
        above = 1 - _phi((critical - centre) / sd)
        below = _phi((-critical - centre) / sd)
        scenarios.append(
            Scenario(delta=delta, label="no drug effect" if not delta else f"drug effect {delta:g} SD",
                     estimates=list(centre + sd * z), critical=critical, significant=share(above + below),
                     favourable=share(above), below_01=share(1 - _phi((2.576 * sd - centre) / sd)), improved=share(0.97))
        )  # fmt: skip
    return Reported(outcome=outcome.lower(), outcome_name=outcome, timing=timing, unit=unit, alpha=0.05,
                    method="ANCOVA (analysis of covariance) on the baseline score, two-sided", scenarios=scenarios,
                    type_one=scenarios[0].significant, type_one_blind=share(0.051), note="")  # fmt: skip


def question(**changes) -> Question:
    base = Question(
        title="Can 20 ug of LSD twice a week for six weeks treat ADHD in adults?", protocol="examples/adhd_20ug.yaml",
        status="conducted", claim=None,
        sources=["Mueller L et al. (2025). Safety and efficacy of repeated low-dose LSD for ADHD treatment in adults. JAMA Psychiatry. https://doi.org/10.1001/jamapsychiatry.2025.0044"],
        compound="LSD", indication="adult ADHD (attention-deficit/hyperactivity disorder)",
        arms=[AskedArm(name=ACTIVE, kind="active", n=27, dose_text="20 ug LSD base, oral", base_dose=20.0, base_unit="ug"),
              AskedArm(name=PLACEBO, kind="inert placebo", n=26, dose_text="", base_dose=None, base_unit="ug")],
        schedule="twice weekly (days 1 and 5 of each week)", n_doses=12, duration_weeks=6.0, primary="aisrs",
        primary_name="AISRS (Adult Investigator Symptom Rating Scale)", primary_week=6.0, primary_bounds=(0, 54), mcid=5.2,
        mcid_source="distribution-based, half a standard deviation", left_open=[
            LeftOpen(field="dose form", assumed="LSD base"), LeftOpen(field="guess collected", assumed="at every visit")],
    )  # fmt: skip
    return base.model_copy(update=changes)


def parameters() -> list[UsedParameter]:
    rows = [
        ("drug_effect.prior.delta", "standardised drug effect at the reference regimen", 0.0, -0.33, 0.33, "SD", "assumption", [], "not measured in anybody yet", 0.21),
        ("outcomes.shared.belief_effect", "difference between full belief and none", 4.0, 1.6, 7.2, "points", "translated", ["szigeti2021"], "self-blinding microdosers, n = 191", 0.08),
        ("perception.detection.theta_lsd", "detection threshold at the effect site, LSD", 0.15, 0.09, 0.25, "ng/mL", "measured", ["holze2021"], "healthy volunteers, 5 to 20 ug", 0.03),
        ("receptor.occupancy.ec50_lsd", "plasma LSD at half of maximal 5-HT2A occupancy", 0.6, 0.15, 2.4, "ng/mL", "assumption", ["rickli2016"], "between an affinity and a dose-equivalence anchor", 0.02),
        ("pharmacology.lsd_oral_micro.cl", "apparent clearance of LSD", 11.0, 8.0, 15.0, "L/h", "measured", ["holze2021"], "healthy volunteers, n = 24", 0.004),
    ]  # fmt: skip
    return [
        UsedParameter(name=a, description=b, value=c, q05=d, q95=e, unit=f, status=g, sources=h, measured_in=i, influence=j,
                      moved=a.startswith("perception."))
        for a, b, c, d, e, f, g, h, i, j in rows
    ]  # fmt: skip


def provenance() -> Provenance:
    used = parameters()
    return Provenance(
        headline="P(drug effect exceeds the smallest important difference)", headline_value=0.02,
        influences=[
            Influence(parameter=p.name, description=p.description, status=p.status, low=max(0.0, 0.02 - p.influence / 10),
                      high=0.02 + p.influence)
            for p in used
        ],
        parameters=used, counts={"measured": 2, "translated": 1, "assumption": 2}, moved=sum(p.moved for p in used),
        drawn_from="20 parameters are drawn together from their posterior given 42 published values; the others from their priors.",
        references={
            "szigeti2021": "Szigeti B et al. (2021). Self-blinding citizen science to explore psychedelic microdosing. eLife. https://doi.org/10.7554/eLife.62878",
            "holze2021": "Holze F et al. (2021). Pharmacokinetics and pharmacodynamics of LSD microdoses. Clin Pharmacol Ther. https://doi.org/10.1002/cpt.2057",
            "mueller2025": "Mueller L et al. (2025). Safety and efficacy. JAMA Psychiatry. doi:10.1001/jamapsychiatry.2025.0044",
            "rickli2016": "Rickli A et al. (2016). Receptor interaction profiles of novel psychoactive tryptamines. Eur Neuropsychopharmacol.",
        },
        cited_as={key: short(key) for key in ("szigeti2021", "holze2021", "mueller2025", "rickli2016")},
    )  # fmt: skip


def verdict(**changes) -> Verdict:
    base = Verdict(
        no_verdict=None, first_words="Nobody knows", paragraph="Nobody knows: what is known now leaves it open.",
        decides=["Noticing adds nothing measurable to that.", "A trial of 53 people is too small to settle whether the drug helps by what matters."],
        unknown=["Whether it helps rests on one trial of LSD in ADHD and a prior centred on no effect; most of it is still the prior."],
        numbers=[
            Headline(box="decides", what="of 100 such trials of a drug that does nothing report p < 0.05", said="6.2", error="Monte Carlo error 0.5 per 100", drawer="false_positive"),
            Headline(box="unknown", what="what the drug itself does to the primary outcome", said="0.2 points worse", error="90% interval: 2.5 worse to 2.1 better", drawer="effect"),
            Headline(box="unknown", what="the chance that it helps at all", said="43%", error="40% to 51% under other priors", drawer="effect")],
        facts=[Fact(box="decides", what="People needed to settle it", said="1\u202f840 in all"),
               Fact(box="unknown", what="The chance that it helps by the 5.2 points that matter to patients", said="2.1% (Monte Carlo error 0.1%)")],
        beside=[AsReported(what="difference between arms", reported="\u22121.8", predicted=interval(0.3, 3.9, "points", ("parameter", "trial", "person", "sampling")),
                       share_below=None, inside=True, seen=False, source="mueller2025")],
        worth=[Worth(part="the drug effect itself", points=0.4, luck=0.02), Worth(part="what belief does", points=0.01, luck=0.02)],
        p_above_mcid=share(0.021, 20000), p_above_zero=share(0.43, 20000), drug_effect=interval(-0.2, 2.3, "points"),
        difference=Interval(value=0.3, low=-1.1, high=1.8, unit="points"), difference_drug=interval(-0.2, 1.2, "points"),
        difference_belief=interval(0.5, 0.4, "points"), belief_share=0.8, power=share(0.07), type_one=share(0.062),
        participants_to_settle=1840, settle_limit=20000,
        settle_meaning="total participants for an 80% chance that the trial reports an effect above the smallest important difference, or its absence",
        prior=Prior(label="Prior", mean=0.0, sd=0.2, note="centred on zero: no human evidence"),
        data=[Prior(label="Mueller 2025, LSD 20 ug", mean=-0.23, sd=0.29, note="one trial, n = 53")],
        posterior=Prior(label="Posterior", mean=-0.07, sd=0.165, note=""), share_of_prior=0.82,
        layers_note="Intervals are 90% and hold parameter uncertainty; the luck of one trial is not in them.",
    )  # fmt: skip
    return base.model_copy(update=changes)


def reproduce(protocol: str) -> Reproduce:
    return Reproduce(version="0.1.0", command=f"limen answer {protocol} --draws 200 --people 400 --seed 1", seed=1, draws=200,
                     people=400, trials=2000, protocol_hash="b1946ac92492d234", parameter_hash="7c6a180b36896a0a",
                     result_digest="6cb75f652a9b52798eb6cf2201057c73", software={"python": "3.11.2", "jax": "0.10.1"})  # fmt: skip


def adhd() -> Answer:
    trial = ExpectedTrial(
        arms=[trajectory(ACTIVE, 8.2, [(6.0, 29.4)]), trajectory(PLACEBO, 7.9, [(6.0, 27.6)])],
        decomposition=[split(ACTIVE, (2.4, 3.6, 2.3, -0.2), 1.1), split(PLACEBO, (2.4, 3.6, 1.8, 0.0), 1.1),
                       split("difference between arms", (0.0, 0.0, 0.5, -0.2), 0.6)],
        weekly=reported("AISRS", "weekly", "points", 2.1, 0.4, 7.7),
        dose_day=reported("Wellbeing today", "dose day", "mm on a 100 mm line", 4.5, 4.0, 15.0),
        responders=[(ACTIVE, interval(24.0, 12.0, "%")), (PLACEBO, interval(23.0, 12.0, "%"))],
        retained=[(ACTIVE, interval(86.0, 9.0, "%")), (PLACEBO, interval(88.0, 9.0, "%"))], control_free_note=None,
    )  # fmt: skip
    doses = np.arange(0.0, 27.0)
    return answer_type()(
        question=question(), verdict=verdict(), blinding=blinding([ACTIVE, PLACEBO]), trial=trial, claimed=None,
        exposure=Exposed(arms=[exposure(ACTIVE)], threshold=Interval(value=0.15, low=0.06, high=0.38, unit="ng/mL"),
                          false_alarm=interval(0.23, 0.05), measured=(5.0, 26.0), analyte="LSD",
                          by_dose=band(doses, 0.23 + 0.3 * doses / (doses + 9), 0.2 + 0.3 * doses / 26, "ug", "fraction", share=True), warnings=["Above the 5 to 20 ug range of the tolerance data."],
                          statuses={"concentration": "measured", "threshold": "measured", "occupancy": "assumption", "tolerance": "assumption"}),
        harms=[Harm(name="headache", arm=ACTIVE, per_100=Interval(value=30, low=17, high=46), evidence="one trial, n = 27", status="measured"),
               Harm(name="headache", arm=PLACEBO, per_100=Interval(value=19, low=9, high=34), evidence="one trial, n = 26", status="measured")],
        provenance=provenance(), reproduce=reproduce("examples/adhd_20ug.yaml"), warnings=[],
    )  # fmt: skip


def open_label() -> Answer:
    """One arm, nobody blind: no difference, no type I error, no d'."""
    whole = adhd()
    name = "LSD 8 to 20 ug"
    arm = AskedArm(
        name=name,
        kind="open label",
        n=19,
        dose_text="8 to 20 ug LSD base, titrated",
        base_dose=14.0,
        base_unit="ug",
    )
    assert whole.trial is not None
    weekly = whole.trial.weekly.model_copy(update={"type_one": None, "type_one_blind": None})
    trial = whole.trial.model_copy(update={
        "arms": [trajectory(name, 12.0, [(6.0, 22.0)])], "decomposition": [split(name, (2.4, 5.6, 4.3, 0.2), 1.4)],
        "weekly": weekly, "dose_day": None, "responders": [(name, interval(45.0, 16.0, "%"))],
        "retained": [(name, interval(90.0, 8.0, "%"))],
        "control_free_note": "There is no control arm, so the drug effect cannot be estimated: the change holds all four channels."})  # fmt: skip
    return whole.model_copy(update={
        "question": question(title="Can 8 to 20 ug of LSD twice a week for eight weeks treat depression?", arms=[arm],
                             protocol="examples/lsddep1.yaml", indication="major depressive disorder", primary_name="MADRS"),
        "verdict": verdict(power=None, type_one=None, participants_to_settle=None, difference=None, difference_drug=None,
                           difference_belief=None, belief_share=None, data=[], share_of_prior=1.0),
        "exposure": whole.exposure.model_copy(update={"arms": [exposure(name, 0.7)], "warnings": []}),
        "blinding": blinding([name]), "trial": trial, "harms": []})  # fmt: skip


def claimed() -> Answer:
    """A trial somebody claims and nobody can find."""
    claim = "LSD microdosing improved treatment-resistant depression within four weeks, p < 0.01."
    rows = [(what, d, share(p)) for what, ps in (("a between-arm difference at p < 0.01", (0.014, 0.04, 0.12)),
                                                 ("an improvement from baseline at p < 0.01", (0.96, 0.97, 0.99)))
            for d, p in zip((0.0, 0.2, 0.4), ps, strict=True)]  # fmt: skip
    return adhd().model_copy(update={
        "question": question(title="Would LSD microdosing for four weeks treat resistant depression?", status="claimed, not found",
                             claim=claim, sources=[], protocol="Claimed trial in TRD"),
        "claimed": Claimed(claim=claim, rows=rows, sentence="With no drug effect at all, 96% of such trials would report an improvement from baseline at p < 0.01.")})  # fmt: skip


def without_verdict() -> Answer:
    """The primary outcome has no score model."""
    none = dict.fromkeys(("p_above_mcid", "p_above_zero", "drug_effect", "difference", "difference_drug", "difference_belief",
                          "belief_share", "power", "type_one", "participants_to_settle"))  # fmt: skip
    why = "No verdict, because the outcome has no score model yet: limen holds no course of it on placebo."
    return adhd().model_copy(update={
        "question": question(primary_name="creative thinking composite", mcid=None, mcid_source=None, primary_week=None),
        "verdict": verdict(no_verdict=why, first_words="No verdict", paragraph=why, data=[], decides=[], unknown=[], numbers=[], facts=[],
                           beside=[], worth=[], **none), "trial": None, "harms": []})  # fmt: skip


def picture(
    id: str, name: str, group: str, unit: str, base: float, switched: bool, shift: Interval | None
) -> MarkerPicture:
    days = np.linspace(0, 42, 43)
    sizes = (("full dose", 350.0), ("if the link holds", 2400.0), ("expected", 37000.0 if switched else None))
    return MarkerPicture(
        id=id, name=name, group=group, switched=("no link", "as if the link holds"), unit=unit, status="translated", switch=switched,
        switch_probability=0.25 if switched else None, sentence="Not measured at a microdose.",
        off=band(days, base * np.ones(43), 0.1 * np.ones(43), "d", unit),
        on=band(days, base * (1 + 0.05 * days / 42), 0.12 * np.ones(43), "d", unit),
        needed=[Needed(what=w, said=f"the change of kind {w}", change=0.03, per_arm=n, low=None, high=None) for w, n in sizes],
        baseline=BaselineShift(shift=shift, status="assumption", said="Borrowed from MDD."),
    )  # fmt: skip


def with_mechanism(scenario: str | None = None) -> Answer:
    clock = np.arange(6.0, 31.0)
    level = 8 + 6 * np.cos(2 * np.pi * (clock - 8.5) / 24)
    links = [
        Link(id=f"LNK{i}", link=f"link {i}", human_microdose=state, human_microdose_words="one study", human_full_dose="found",
             human_full_dose_words="a rise", animal_or_in_vitro="not stated", animal_words="", default="off", sources=["holze2021"])
        for i, state in enumerate(("found", "mixed", "null", "against", "partly", "none", "none"))
    ]  # fmt: skip
    section = Mechanism(
        arm=ACTIVE, dose="20 ug", course="12 doses over 39 days", draws=200, links=links,
        count="Of 7 links, 4 have been measured in people at a microdose, 1 in part and 2 not at all.",
        markers=[
            picture("bdnf", "Blood BDNF", "plasticity", "SD", 1.0, False, None),
            picture("eeg", "Resting EEG power", "network", "SD", 1.0, False, None),
            picture("tnf", "TNF-alpha", "inflammation", "ln ratio", 1.8, True, interval(0.1, 0.05, "ln ratio")),
            picture("cortisol", "Cortisol", "HPA", "ln ratio", 0.3, True, None),
        ],
        cortisol=CortisolDay(
            dose_clock="09:00", dose_stated=False, samples_stated=True, samples=[
                Sample(clock="08:00", before_dose=True, without=interval(14.6, 3, "ug/dL"), change=interval(0, 0.1, "%"),
                       with_lasting=interval(0, 8, "%")),
                Sample(clock="12:00", before_dose=False, without=interval(9.7, 3, "ug/dL"), change=interval(0.3, 0.2, "%"),
                       with_lasting=interval(1, 8, "%"))],
            without=band(clock, level, 0.2 * np.ones(25), "clock hour", "ug/dL"),
            with_drug=band(clock, 1.02 * level, 0.2 * np.ones(25), "clock hour", "ug/dL")),
        scenario=scenario, assumes=None if scenario is None else f"This page assumes the scenario {scenario}. No human evidence shows it.",
        mediated=None if scenario is None else interval(0.04, 0.1, "points"), parameters=[], notes=[], sources=["holze2021"],
    )  # fmt: skip
    return adhd().model_copy(update={"mechanism": section})


def mediated() -> Answer:
    return with_mechanism("inflammation-mediated")


def _phi(z: float) -> float:
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def _normal_quantile(p: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(p)


EVERY = {f.__name__: f for f in (adhd, open_label, claimed, without_verdict, with_mechanism, mediated)}
