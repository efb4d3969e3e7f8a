"""Arms stand in the order of the protocol, not in that of their letters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from limen.figures import results

ARMS = ("placebo", "5 ug", "10 ug")
ROWS = [
    {"arm": arm, "series": "plasma", "unit": "ng/mL", "hour": at, "visit": at, "score": 1.0, "q05": 0, "q50": 1, "q95": 2,
     "difference": arm, "value": "all", "estimate": 0.0, "low": -1.0, "high": 1.0}
    for arm in ARMS for at in (0, 1)
]  # fmt: skip


def sorted_by(spec: Any) -> Iterator[Any]:
    """The order given to whatever shows arms apart."""
    if isinstance(spec, dict):
        if spec.get("field") in ("arm", "difference"):
            yield spec.get("sort", spec.get("scale", {}).get("domain"))
        for part in spec.values():
            yield from sorted_by(part)
    elif isinstance(spec, list):
        for part in spec:
            yield from sorted_by(part)


@pytest.mark.parametrize("draw", [results._ranges, results._means, results._intervals])
@pytest.mark.parametrize("narrow", [False, True])
def test_what_is_shown_apart_keeps_its_order(draw, narrow) -> None:
    orders = list(sorted_by(draw(ROWS, narrow)))
    assert orders
    assert all(list(order) == list(ARMS) for order in orders)
