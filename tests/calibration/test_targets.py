"""Every target names a row of facts that may be one, and what it names is there."""

import pytest

from limen import facts
from limen.calibration.estimators import REPORTED
from limen.calibration.pk import MEASURED, OVER_PEOPLE, not_compared
from limen.calibration.targets import CALIBRATED, FILE, PREDICTED, read_targets, targets
from limen.errors import FactsError

HEAD = "name,group,role,fact,value,quantity,estimator,protocol,arm,week,outcome,dose,n,leave_out,note,discussion\n"
ROW = "peak,exposure,predicted,pharmacokinetics/pk_observations:PKO001,central_value,Cmax,mean over people,,,,,,,,,\n"


def test_every_target_has_a_published_value_and_names_what_exists():
    for t in targets():
        assert t.direction_only or t.published is not None
        assert t.sources
        if t.protocol:
            assert t.estimator in REPORTED
            assert not t.arm or t.arm in [arm.name for arm in t.asked().arms]
        else:
            assert t.estimator in OVER_PEOPLE
            assert t.quantity in MEASURED


def test_what_was_calibrated_to_stands_apart():
    roles = {t.name: t.role for t in targets()}
    assert roles["MDD, placebo, MADRS change at week 8"] == CALIBRATED
    assert roles["ADHD: AISRS change on placebo at week 6"] == CALIBRATED
    assert roles["ADHD: difference in AISRS change, LSD minus placebo"] == PREDICTED
    assert roles["LSDDEP1: MADRS change at week 8, % of baseline"] == PREDICTED
    fitted = {"holze2021micro", "morse2025", "holze2024", "holze2023pk"}
    assert all(t.role == CALIBRATED for t in targets() if t.group == "exposure" and {*t.sources} & fitted)


def test_every_observed_exposure_is_a_target_or_says_why_not():
    rows = facts.read("pharmacokinetics/pk_observations").where(verification="seen")
    asked = {t.fact.partition(":")[2] for t in targets() if "pk_observations" in t.fact}
    assert asked | not_compared().keys() == {row.key for row in rows}
    assert not asked & not_compared().keys()


def test_lsddep2_is_predicted_by_direction_only():
    (t,) = [t for t in targets() if "LSDDEP2" in t.name]
    assert t.direction_only
    assert t.published is None


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"pk_observations:PKO001": "receptor:REC001"}, "no table"),
        ({"PKO001": "PKO999"}, "no row"),
        ({"pharmacokinetics/pk_observations:PKO001": "mechanism/receptor:REC003"}, "recalled"),
        ({"central_value": "spread"}, "no number"),
        ({"pharmacokinetics/pk_observations:PKO001": "pharmacokinetics/pk_observations:compound=LSD"}, "rows are"),
        ({"pharmacokinetics/pk_observations:PKO001": "pharmacokinetics/pk_observations:drug=LSD"}, "no column"),
    ],
)  # fmt: skip
def test_a_target_that_cannot_be_is_refused_in_one_sentence(cells, said):
    text = ROW
    for old, new in cells.items():
        text = text.replace(old, new)
    with pytest.raises(FactsError, match=said):
        _ = read_targets(HEAD + text)[0].published


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "other columns"),
        (HEAD + ROW + ROW, "stands twice"),
        (HEAD + ROW.replace("predicted", "guessed"), "role 'guessed'"),
        (HEAD + ROW.replace(",,,,", ",", 1), "too many or too few"),
    ],
)
def test_a_broken_table_names_its_row(text, said):
    with pytest.raises(FactsError, match=said) as caught:
        read_targets(text)
    assert FILE in str(caught.value)
