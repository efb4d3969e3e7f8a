"""Claims are found by their words, and a protocol meets what bears on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from limen.errors import DataError
from limen.evidence import tables
from limen.evidence.bearing import dose_class_of, known_for, pipeline, primary_construct
from limen.evidence.nearest import FAR, nearest
from limen.protocol import load

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_there_are_57_claims() -> None:
    assert len(tables.claims()) == 57


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("microdosing lowers cortisol", "C24"),
        ("microdosing lowers cortisole", "C24"),  # misspelt
        ("psilocybin was legalised in Australia", "C41"),
        ("SSRIs cause serotonin syndrome with psychedelics", "C38"),
        ("microdosing grows dendritic spines", "C14"),
        ("FDA breakthrough designation for psilocybin", "C45"),
    ],
)
def test_the_nearest_claim_is_the_one_meant(text: str, claim: str) -> None:
    assert nearest(text, 1)[0].claim.claim_id == claim


@pytest.mark.parametrize("text", ["the moon is made of cheese", "bitcoin price will rise", "cats and dogs"])
def test_nothing_near_is_said_to_be_nothing(text: str) -> None:
    assert nearest(text) == ()


def test_every_claim_is_nearest_to_itself() -> None:
    for claim in tables.claims():
        found = nearest(claim.claim, 1)
        if found:
            assert found[0].distance < FAR
        assert not found or found[0].claim.claim_id == claim.claim_id or found[0].distance < 0.35


def test_no_word_is_no_question() -> None:
    with pytest.raises(DataError):
        nearest("the of and")


def test_a_claimed_trial_meets_the_claim_made_for_it() -> None:
    found = known_for(load(EXAMPLES / "claimed_lsd_trd.yaml"))
    assert "C17" in [claim.claim_id for claim in found.claims]
    assert found.absence == "too few to pool"


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_has_something_known(file: Path) -> None:
    protocol = load(file)
    found = known_for(protocol)
    assert found.dose_class == "microdose"
    assert found.construct == primary_construct(protocol)
    assert found.studies
    assert "C57" in [claim.claim_id for claim in found.claims]
    assert found.meta is None or bool(found.absence) == (found.meta.verdict != "pooled")


def test_a_registered_trial_is_not_its_own_rival() -> None:
    protocol = load(EXAMPLES / "adhd_20ug.yaml")
    assert protocol.registry
    assert protocol.registry not in {other.row["registry_id"] for other in pipeline(protocol)}
    assert all(other.alike for other in pipeline(protocol))
    assert dose_class_of(protocol) == "microdose"
