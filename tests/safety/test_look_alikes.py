"""A name that resembles is not a name: nothing but the dictionary's own names and their spellings is read as a drug."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limen.safety.reading.drugs import dictionary
from limen.safety.reading.names import read_list
from limen.safety.reading.patient import Patient
from limen.safety.reading.spelling import index, key, stem
from limen.safety.rules.hits import ELIGIBLE
from limen.safety.screening.screen import screen

# international names of psychotropics and look-alikes found by breaking the reader, recalled from the WHO lists
NAMES = sorted(set((Path(__file__).parent / "international_names.txt").read_text().split()))
OUTSIDE = [name for name in NAMES if not index().get(name) or not index()[name].drugs]
STEMS = re.compile(
    r"(azepam|azolam|oxetine|traline|pramine|triptyline|peridol|peridone|apine|piprazole|giline|triptan|setron|azine|thixol|serin|gliptin|sartan|pril|olol|statin|prazole|adine|benazine)$"
)
ENDINGS = sorted({m[1] for name in dictionary() if (m := STEMS.search(name))})


def test_the_list_has_not_shrunk() -> None:
    assert len(OUTSIDE) > 150


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("compound", ["LSD", "psilocybin"])
def test_no_international_name_outside_the_dictionary_is_read_as_another_substance(
    name: str, compound: str
) -> None:
    readings = read_list(f"{name} 10 mg daily")
    assert [r.drugs for r in readings if r.drugs] == []
    assert screen(Patient(medications=readings), compound).decision != ELIGIBLE


heads = st.text(alphabet="abcdefgilmnoprstuvz", min_size=2, max_size=7)


@settings(max_examples=400, deadline=None)
@given(heads, st.sampled_from(ENDINGS))
def test_a_made_up_name_with_an_international_stem_is_no_drug_and_clears_nobody(
    head: str, ending: str
) -> None:
    name = head + ending
    readings = read_list(name)
    known = index().get(key(name))
    spelled = {d for written, m in index().items() if stem(written) == stem(name) for d in m.drugs}
    for reading in readings:
        assert set(reading.drugs) <= (set(known.drugs) if known else spelled), name
    if known is None and not spelled:
        assert screen(Patient(medications=readings), "psilocybin").decision != ELIGIBLE


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([n for n in sorted(dictionary()) if len(n) > 6 and " " not in n]), st.data())
def test_a_misspelling_is_a_guess_and_never_clears(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(name) - 2))
    letter = data.draw(st.sampled_from("bdgjlmpqrvx"))
    written = name[:at] + letter + name[at + 1 :]
    if key(written) in index() or stem(written) in {stem(w) for w in index()}:
        return
    readings = read_list(written)
    assert not any(r.drugs for r in readings), written
    assert screen(Patient(medications=readings), "LSD").decision != ELIGIBLE
