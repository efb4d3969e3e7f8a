from __future__ import annotations

import csv
import json
from datetime import date
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest
from fhirclient.models.bundle import Bundle

from limen.errors import DataError
from limen.safety.monitoring.adverse import LOW, MICRODOSE, expected_per_100, relevant, valve_facts
from limen.safety.monitoring.alerts import watch
from limen.safety.monitoring.hunter import Signs, hunter
from limen.safety.monitoring.stopping import Visit
from limen.safety.reading.fhir import read_bundle
from limen.safety.reading.intake import patients
from limen.safety.reading.lines import text_file
from limen.safety.rules.hits import CLINICIAN, ELIGIBLE, NOT_ELIGIBLE
from limen.safety.screening.screen import screen

TODAY = date(2026, 3, 1)


def medication(
    concept: dict | None = None, status: str = "active", kind: str = "MedicationStatement", **more
) -> dict:
    base = {"resourceType": kind, "status": status, "subject": {"reference": "Patient/p1"}, **more}
    if kind == "MedicationRequest":
        base["intent"] = "order"
    return base | ({"medicationCodeableConcept": concept} if concept is not None else {})


def decided(*resources: dict):
    """The screening of a Bundle that the FHIR library itself accepts as R4."""
    said = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}
    return screen(read_bundle(Bundle(said).as_json(), TODAY)[0], "psilocybin")


def coded(system: str, code: str) -> dict:
    return {"coding": [{"system": system, "code": code}]}


def test_atc_alone_is_enough_and_rxnorm_alone_is_not() -> None:
    assert decided(medication(coded("http://www.whocc.no/atc", "N05AN01"))).decision == NOT_ELIGIBLE
    alone = decided(
        medication(coded("http://www.nlm.nih.gov/research/umls/rxnorm", "6448"), kind="MedicationRequest")
    )
    assert (alone.decision, alone.read) == (CLINICIAN, ())
    with_text = coded("http://www.nlm.nih.gov/research/umls/rxnorm", "6448") | {"text": "lithium 300 mg"}
    assert decided(medication(with_text)).decision == NOT_ELIGIBLE


def test_entered_in_error_is_left_out_and_listed() -> None:
    result = decided(medication({"text": "lithium"}, "entered-in-error"), medication({"text": "paracetamol"}))
    assert result.decision == ELIGIBLE
    assert result.ignored == ("lithium (entered-in-error)",)


@pytest.mark.parametrize(
    ("end", "decision"), [("2026-02-20", NOT_ELIGIBLE), ("2026-01-10", CLINICIAN), ("2026-02", NOT_ELIGIBLE)]
)
def test_a_stopped_medicine_counts_until_the_required_time_is_over_and_is_asked_about_after(
    end: str, decision: str
) -> None:
    assert (
        decided(medication({"text": "lithium"}, "stopped", effectivePeriod={"end": end})).decision == decision
    )


def test_a_stop_without_a_date_and_a_medicine_without_text_need_a_clinician() -> None:
    assert decided(medication({"text": "lithium"}, "stopped")).decision == CLINICIAN
    assert decided(medication({"coding": [{"display": "something blue"}]})).decision == CLINICIAN


def test_conditions_of_a_bundle() -> None:
    who = {"reference": "Patient/p1"}
    bipolar = {
        "resourceType": "Condition",
        "subject": who,
        "code": coded("http://hl7.org/fhir/sid/icd-10", "F31.9"),
    }
    refuted = bipolar | {
        "verificationStatus": coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "refuted")
    }
    assert decided(bipolar).decision == NOT_ELIGIBLE
    assert decided(refuted).decision == ELIGIBLE


@pytest.mark.parametrize("said", [[], {}, {"resourceType": "Patient"}, {"resourceType": "Bundle"}, "x", None])
def test_what_is_no_bundle_is_refused_in_words(said: object) -> None:
    with pytest.raises(DataError):
        read_bundle(said, TODAY)


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04zip", b"\xff\xfem\x00", b"id,pills\n1,x\n", b"", b"id,medications\n1,a,b\n", b"medications\n\xe9\n",
                b"id,medications,sbp\n1,x,high\n", b"id,medications\n1," + b"a" * 2_000_000 + b"\n"], ids=range(8)
)  # fmt: skip
def test_malformed_files_are_refused_with_a_place(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        list(patients(path))
    assert str(path) in str(caught.value)


def test_a_line_of_fifty_megabytes_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"a" * 50_000_000)
    with pytest.raises(DataError, match="longer than"):
        text_file(path)


def test_hunter_truth_table() -> None:
    """Every combination of the eight signs, temperature and exposure against the criteria written out."""
    for bits in product((False, True), repeat=10):
        exposed, spontaneous, inducible, ocular, agitation, sweat, tremor, reflexes, tone, hot = bits
        expected = exposed and (
            spontaneous
            or (inducible and (agitation or sweat))
            or (ocular and (agitation or sweat))
            or (tremor and reflexes)
            or (tone and hot and (ocular or inducible))
        )
        assert hunter(Signs(*bits[:9], temperature_c=38.5 if hot else 37.0)).positive == expected
    assert not hunter(Signs(True, hypertonia=True, temperature_c=40.0)).positive
    assert not hunter(Signs(True, hypertonia=True, ocular_clonus=True, temperature_c=38.0)).positive


def visits_of(*measures: dict[str, float]) -> list[Visit]:
    """Visits of one person, the first of them the baseline."""
    return [
        Visit("P1", str(i), {name: (float(value),) for name, value in found.items()}, i == 0)
        for i, found in enumerate(measures)
    ]


@pytest.mark.parametrize(
    ("visits", "rule"),
    [
        ([{"sbp": 165, "dbp": 80}], "MON037"), ([{"sbp": 170, "dbp": 111, "after_dose": 1}], "MON038"), ([{"hr": 121}], "MON039"),
        ([{"qtcf": 400}, {"qtcf": 461}], "MON041"), ([{"qtcf": 501}], "MON041"), ([{"cssrs": 2}], "MON024"), ([{"cssrs": 3}], "MON025"),
        ([{"cssrs": 4}], "MON026"), ([{"madrs_10": 1}, {"madrs_10": 3}], "MON027"), ([{"madrs_10": 5}], "MON028"),
        ([{"madrs": 20}, {"madrs": 25}, {"madrs": 26}], "MON029"), ([{"ymrs": 12}], "MON031"), ([{"aortic_regurgitation": 2}], "MON046"),
        ([{"tremor": 1, "hyperreflexia": 1}], "MON004"), ([{"anxiety_grade": 2}, {"anxiety_grade": 2}], "MON030"),
    ],
)  # fmt: skip
def test_each_stopping_rule_fires(visits: list[dict], rule: str) -> None:
    assert rule in {alert.rule_id for alert in watch(visits_of(*visits))}


def test_ordinary_visits_raise_nothing_and_only_editorial_limits_may_change() -> None:
    calm = {
        "sbp": 120,
        "dbp": 80,
        "hr": 70,
        "qtcf": 400,
        "cssrs": 0,
        "madrs": 20,
        "madrs_10": 1,
        "mitral_regurgitation": 2,
    }
    assert watch(visits_of(calm, calm, calm)) == ()
    assert watch(visits_of({"sbp": 155, "dbp": 80}), thresholds={"MON037": [150, 95]})[0].sign_off
    with pytest.raises(DataError, match="not an editorial"):
        watch(visits_of({"aortic_regurgitation": 2}), thresholds={"MON046": [4, 4]})


def test_four_of_forty_left_with_anxiety_and_none_seen_is_not_zero() -> None:
    entries = {e.row_id: e for e in expected_per_100("LSD")}
    assert (entries["AE001"].per_100, entries["AE001"].with_event, entries["AE001"].n) == (10, 4, 40)
    assert entries["AE001"].low == pytest.approx(4.0, abs=0.1)
    assert entries["AE001"].high == pytest.approx(23.1, abs=0.1)
    assert entries["AE011"].high == pytest.approx(300 / 19)
    full = {e.row_id for e in relevant("LSD", MICRODOSE)} & {e.row_id for e in relevant("LSD", LOW)}
    assert full == set()
    assert "AE037" not in {e.row_id for e in relevant("psilocybin")}
    assert any(fact["row"] == "mechanism/receptor:REC035" for fact in valve_facts("LSD"))


def test_a_plan_has_echo_only_for_chronic_dosing() -> None:
    from limen.safety.monitoring.monitoring import plan

    def protocol(last_day: int) -> object:
        return SimpleNamespace(
            compound="LSD", outcomes=[SimpleNamespace(id="madrs")], population=SimpleNamespace(ill=SimpleNamespace(condition="depression")),
            schedule=SimpleNamespace(dosing_days=lambda: (0, last_day)), visits=SimpleNamespace(weeks=(0.0, 4.0, last_day / 7)),
        )  # fmt: skip

    def rules(last_day: int) -> set[str]:
        return {check.rule_id for visit in plan(protocol(last_day)) for check in visit.checks}  # type: ignore[arg-type]

    assert "MON043" not in rules(55)
    assert {"MON043", "MON044", "MON046"} <= rules(120)
    assert {"MON026", "MON027", "MON006"} <= rules(55)


def test_ten_patients_stream_and_the_file_is_plain(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows(
            [["id", "medications", "sbp", "dbp"], ["=1+1", "lithium\nZyrtec", "120", "80"]]
        )
    (person,) = patients(path)
    assert screen(person, "LSD").decision == NOT_ELIGIBLE
    assert json.dumps(person.id)
