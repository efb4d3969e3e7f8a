"""Every record answers from numbers that exist, and refuses by name what it lacks."""

import subprocess
import sys
from importlib.resources import files

import pytest

from limen import compounds, facts, parameters
from limen.errors import CompoundError

RECORDS = [compounds.compound(name) for name in compounds.compound_names()]
EVERY = pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.name)
TEXT = files("limen.compounds").joinpath("lsd.toml").read_text()


@EVERY
def test_every_parameter_a_record_names_exists(record):
    shipped = parameters.load()
    for what, name in record.parameters.items():
        assert name in shipped or shipped.under(name), f"{record.name}.{what} names {name}"
    for one in record.kinetics:
        assert {"cl", "v", "ka", "tlag"} <= set(shipped.under(one.parameters))


@EVERY
def test_every_source_of_a_record_is_in_the_bibliography(record):
    parts = [
        *record.kinetics,
        *filter(None, (f.potency for f in record.forms)),
        *filter(None, [record.domain]),
    ]
    parts += filter(None, (f.conversion_yield for f in record.forms))
    for part in parts:
        assert part.source
        assert set(part.source) <= facts.bibliography().keys()


@EVERY
def test_a_compound_is_found_by_any_of_its_names_in_any_case(record):
    for called in record.called:
        assert compounds.compound(f" {called.swapcase()} ") is record


@EVERY
def test_an_unknown_compound_form_or_route_is_refused_with_the_known_ones(record):
    with pytest.raises(CompoundError, match=r"known are:.*LSD"):
        compounds.compound(f"not {record.name}")
    with pytest.raises(CompoundError, match=f"forms of {record.name} are"):
        record.form("a lump")
    with pytest.raises(CompoundError, match=f"routes of {record.name} are"):
        record.kinetic_set("rectal", 1.0)


@EVERY
def test_a_number_no_record_holds_is_refused_and_no_other_compound_s_is_taken(record):
    with pytest.raises(CompoundError, match=f"{record.name} lacks clearance of the moon"):
        record.need("clearance of the moon")
    for what, why in record.inapplicable.items():
        assert not record.applies(what)
        with pytest.raises(CompoundError) as refusal:
            record.need(what)
        assert why in str(refusal.value)


def test_kinetics_follow_route_and_highest_dose():
    lsd = compounds.compound("LSD")
    assert lsd.kinetic_set("oral", 20.0).name == "lsd_oral_micro"
    assert lsd.kinetic_set("sublingual", 20.0).name == "lsd_sublingual"
    assert lsd.kinetic_set("oral", 50.0).name == "lsd_oral_full"
    assert lsd.kinetic_set("oral", 20.0).measured(5.0)
    assert not lsd.kinetic_set("oral", 20.0).measured(4.9)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('unit = "ug"', 'unit = "h"', "is no mass"),
        ("[domain]", '[domain]\nlowest = 1.0', "there is no field domain.lowest"),
        ("low = 5.0", 'low = "five"', "domain.low is not of type float"),
        ("low = 5.0", "low = 500.0", "is no range"),
        ('threshold = "measured"', 'threshold = "known"', "evidence.threshold is 'known'"),
        ('analyte = "LSD"', "", "the field analyte is missing"),
        ('unit = "ug"', 'unit = "ug"\nrefused = "no"', "neither or both"),
        ("[domain]", "[domain", "not TOML"),
        ('words = ["base"]', 'potency = {median = "1 mg/g", gsd = 2, low = 1, high = 2, source = []}', "needs its unit"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_record_is_named_with_its_file_and_field(tmp_path, before, after, said):
    file = tmp_path / "wrong.toml"
    file.write_text(TEXT.replace(before, after, 1))
    with pytest.raises(CompoundError, match=r"wrong\.toml") as found:
        compounds.register(file)
    assert said in str(found.value)


def test_a_name_is_never_taken_twice(tmp_path):
    file = tmp_path / "again.toml"
    file.write_text(TEXT.replace('name = "LSD"', 'name = "Lysergide"', 1))
    with pytest.raises(CompoundError, match="already a name of LSD"):
        compounds.register(file)


def test_records_are_read_without_jax():
    code = "import sys, limen.compounds as c; c.compound('LSD'); sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_prodrug_gives_the_base_by_molar_mass_and_no_more_than_all_of_it():
    """391.51 g of 1cP-LSD hold the 323.43 g of LSD that its acyl group is added to."""
    kind = compounds.of_form("1cP-LSD").form("1cP-LSD")
    assert kind.mass_ratio == pytest.approx(391.51 / 323.43, abs=1e-4)
    assert kind.conversion_yield is not None
    assert 0 < kind.conversion_yield.median <= 1
    assert kind.batch_log_sd > 0


def test_a_compound_answered_like_another_says_so_and_claims_nothing_measured():
    record = compounds.compound("1cP-LSD")
    assert record.like == "LSD"
    assert record.caution is not None
    assert record.kinetics == compounds.compound("LSD").kinetics
    assert "measured" not in record.evidence.values()


def test_mescaline_has_kinetics_of_the_published_half_life_and_peak_and_no_trial():
    """Mueller 2025: half-life 3.5 h, peak at 2.0 h, one compartment with a lag."""
    from math import log

    record = compounds.compound("mescaline")
    assert not record.simulated
    assert record.refused is not None
    assert record.refused.startswith("exposure only, because")
    typical = {
        k: p.value for k, p in parameters.load().under(record.kinetic_set("oral", 100.0).parameters).items()
    }
    rate = typical["cl"] / typical["v"]
    assert log(2) / rate == pytest.approx(3.5, rel=0.02)
    peak = typical["tlag"] + log(typical["ka"] / rate) / (typical["ka"] - rate)
    assert peak == pytest.approx(2.0, rel=0.02)
    for what in ("threshold", "ec50", "adverse_event", "adverse_exit"):
        with pytest.raises(CompoundError, match=f"mescaline lacks {what}"):
            record.need(what)
