"""A small dossier, number by number: any change of the model shows here first, to be looked at and then accepted.

Regenerate with `make golden` after reading the difference.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from limen.dossier.compose import answer
from limen.files import without_nan
from limen.protocol import load

GOLDEN = Path(__file__).with_name("lsddep2.json")
PROTOCOL = Path(__file__).parents[2] / "examples" / "lsddep2.yaml"
# Sections that depend on the day, the machine or the installed versions are not part of the model. The courses of
# markers are right to the 1e-6 of the engine's default and not to the bit: `tests/response` checks them.
LEFT_OUT = ("reproduce",)


def small_dossier() -> dict:
    found, _ = answer(load(PROTOCOL), draws=20, people=178, seed=5, on=date(2026, 5, 1))
    data = without_nan(found.model_dump(mode="python"))
    return json.loads(json.dumps({k: v for k, v in data.items() if k not in LEFT_OUT}))


def flat(value, path=""):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, f"{path}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from flat(item, f"{path}/{index}")
    else:
        yield path, value


@pytest.fixture(scope="module")
def pair():
    return dict(flat(json.loads(GOLDEN.read_text()))), dict(flat(small_dossier()))


def test_the_small_dossier_has_the_same_fields(pair):
    golden, now = pair
    assert golden.keys() == now.keys()


def test_the_small_dossier_has_the_same_numbers_and_words(pair):
    golden, now = pair
    numbers = [p for p, v in golden.items() if isinstance(v, int | float) and not isinstance(v, bool)]
    before, after = (np.array([side[p] for p in numbers], float) for side in (golden, now))
    off = ~np.isclose(before, after, rtol=1e-6, atol=1e-9)
    assert not off.any(), [(numbers[i], before[i], after[i]) for i in np.flatnonzero(off)[:10]]
    assert [p for p in golden if p not in set(numbers) and golden[p] != now.get(p)] == []


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(small_dossier(), indent=1) + "\n")
