"""MetaChoices a user's own trials: ratios as ratios, what is declared as declared, and every row used or refused by name."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from evidence.test_overlay import ARM, BIB, STUDY, write
from limen import files
from limen.evidence import overlay as own
from limen.evidence import report
from limen.evidence.effects import Counts
from limen.evidence.gather import gather
from limen.evidence.meta import MetaChoices, meta_analysis
from limen.evidence.pool import mantel_haenszel

REMISSION = ARM | {"outcome": "MADRS remission", "direction": "higher_better", "sd": "", "unit": "patients"}


def bring(tmp_path: Path, *rows: dict[str, str], studies: int = 2, **study: str) -> None:
    """Own trials m0, m1 ... with these outcome rows each."""
    (tmp_path / "m.bib").write_text(BIB)
    own.add(tmp_path / "m.bib")
    names = [f"m{i}" for i in range(studies)]
    own.add(
        write(tmp_path / "s.csv", "clinical/studies", *(STUDY | study | {"study_id": name} for name in names))
    )
    own.add(
        write(
            tmp_path / "o.csv",
            "clinical/outcomes",
            *(row | {"study_id": name} for name in names for row in rows),
        )
    )


def test_a_ratio_is_printed_as_a_ratio(tmp_path: Path) -> None:
    bring(tmp_path, REMISSION | {"mean": "20"}, REMISSION | {"arm": "placebo", "mean": "10"})
    found = meta_analysis("depression remission", measure="rr")
    assert "risk ratio 2.00" in "\n".join(report.meta_text(found))
    data = report.meta_data(found)
    assert data["effects"][0]["ratio"] == pytest.approx(2)
    assert data["effects"][0]["y"] == pytest.approx(math.log(2))
    assert data["mantel_haenszel"]["ratio"] == pytest.approx(2)


@pytest.mark.parametrize("unit", ["participants", "patients", "people", "n of women", "%"])
def test_counts_come_in_any_honest_unit(tmp_path: Path, unit: str) -> None:
    whole = {"20": "40", "10": "20"} if unit == "%" else {}
    arms = [
        REMISSION | {"arm": a, "mean": whole.get(m, m), "unit": unit}
        for a, m in (("LSD 10 ug", "20"), ("placebo", "10"))
    ]
    bring(tmp_path, *arms, studies=1)
    (effect,) = gather("depression remission", measure="rr").effects
    assert math.exp(effect.y) == pytest.approx(2)


@pytest.mark.parametrize(("direction", "sign"), [("lower_better", 1), ("", 1)])
def test_rows_declared_hedges_g_pool_as_such(tmp_path: Path, direction: str, sign: int) -> None:
    row = ARM | {"comparator": "placebo", "mean": "", "sd": "", "effect_type": "Hedges g", "effect": "-0.4", "effect_se": "0.2",
                 "unit": "SMD", "direction": direction}  # fmt: skip
    bring(tmp_path, row, studies=1)
    effect = next(e for e in gather("depression").effects if e.study_id == "m0")
    assert (effect.y, effect.se) == (pytest.approx(sign * 0.4), pytest.approx(0.2))


@pytest.mark.parametrize(("arm", "kept"), [("psilocybin 0.04 mg/kg", True), ("psilocybin 3 mg/70 kg", True),
                                            ("psilocybin 25 mg/70 kg", False), ("psilocybin 0.3 mg/kg", False)])  # fmt: skip
def test_doses_per_kilogram_have_a_class(tmp_path: Path, arm: str, kept: bool) -> None:
    bring(
        tmp_path,
        ARM | {"arm": arm},
        ARM | {"arm": "placebo"},
        studies=1,
        compound="psilocybin",
        doses="3",
        dose_unit="mg",
        form="",
    )
    assert ("m0" in {e.study_id for e in gather("depression").effects}) == kept


def test_an_own_trial_is_used_or_refused_by_name_whatever_is_asked(tmp_path: Path) -> None:
    bring(tmp_path, ARM | {"outcome": "Zest inventory"}, studies=2)
    for outcome in ("depression", "anxiety", "well-being"):
        for choice in ({}, {"compound": "psilocybin"}, {"timepoint": 3.0}, {"measure": "rr"}):
            found = gather(outcome, **choice)  # type: ignore[arg-type]
            assert {"m0", "m1"} <= {e.study_id for e in found.effects} | {r.study_id for r in found.refused}


def test_a_week_that_was_not_asked_for_is_said(tmp_path: Path) -> None:
    bring(tmp_path, ARM, ARM | {"arm": "placebo"}, studies=1)
    assert [r.reason for r in gather("depression", timepoint=3).refused if r.study_id == "m0"] == [
        "not at week 3"
    ]


def test_a_trial_s_own_model_is_taken_before_one_week_and_the_turn_is_said() -> None:
    found = gather("anxiety", measure="md")
    szigeti = next(e for e in found.effects if e.study_id == "szigeti2021")
    assert (szigeti.y, round(szigeti.se, 2)) == (-1.46, 0.66)  # the mixed model of the paper
    assert any("changes sign between weeks" in turn for turn in found.turns)


def test_full_doses_are_reached_through_the_comparators() -> None:
    found = meta_analysis("depression", dose_class=("full dose",), measure="md")
    assert {"mdd_raison_d43", "trd_comp006"} <= {e.study_id for e in found.effects}
    assert len({e.participants for e in found.effects}) == len(found.effects)
    assert any("different controls" in caution for caution in found.cautions)


def test_equal_standard_errors_and_one_valued_moderators_are_said(tmp_path: Path) -> None:
    bring(tmp_path, ARM, ARM | {"arm": "placebo"}, studies=3)
    for moderator in ("year", "size", "se"):
        found = meta_analysis("depression", measure="md", pooling=MetaChoices(moderator=moderator))
        json.loads(files.json_text(report.meta_data(found)), parse_constant=lambda text: pytest.fail(text))
        assert found.pooled is not None
    alone = meta_analysis("adhd", pooling=MetaChoices(subgroup="compound"))
    assert alone.not_done == ("subgroups: 1 of at least 2 trials",)
    from limen.errors import DataError
    from limen.evidence import asymmetry

    for test in (asymmetry.egger, asymmetry.rank_test):
        with pytest.raises(DataError, match="same standard error"):
            test([0.1, 0.2, 0.3], [0.1, 0.1, 0.1])


cells = st.tuples(st.integers(1, 30), st.integers(31, 60), st.integers(1, 30), st.integers(31, 60))


@given(st.lists(cells, min_size=2, max_size=6))
@settings(deadline=None, max_examples=30)
def test_mantel_haenszel_odds_are_those_of_statsmodels(rows: list[tuple[int, int, int, int]]) -> None:
    fit = mantel_haenszel([Counts(*row) for row in rows], "or")
    other: Any = StratifiedTable([np.array([[a, n1 - a], [c, n2 - c]]) for a, n1, c, n2 in rows])
    assert math.exp(fit.estimate) == pytest.approx(other.oddsratio_pooled)
    assert float(fit.se[0]) == pytest.approx(other.logodds_pooled_se)


def test_mantel_haenszel_risks_of_one_table_are_its_risk_ratio() -> None:
    """One stratum: RR = (a/n1)/(c/n2), variance 1/a - 1/n1 + 1/c - 1/n2 (Greenland and Robins reduce to it)."""
    fit = mantel_haenszel([Counts(20, 50, 10, 50)], "rr")
    assert math.exp(fit.estimate) == pytest.approx(2)
    assert float(fit.se[0]) ** 2 == pytest.approx(1 / 20 - 1 / 50 + 1 / 10 - 1 / 50)
