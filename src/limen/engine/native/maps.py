"""One panel of a linear state as an affine map: x(end) = fall x + gain, x(node) = carried x + gained."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from limen.engine.elementary import gauss, to_end
from limen.engine.march import GONE
from limen.engine.native.lanes import Lanes, matvec, total


class Affine(NamedTuple):
    """The map of a panel, and its values at the nodes."""

    fall: Lanes
    gain: Lanes
    carried: list[Lanes]
    gained: list[Lanes]


def integrating_factor(loss: list[Lanes], source: list[Lanes]) -> Affine:
    """x(u) = e^(-A(u)) (x(0) + int_0^u e^A source), A = int loss; loss and source times the width at each node."""
    _, w, integrate, _ = gauss(len(loss))
    cumulate = np.concatenate([integrate, w[None]])
    growth = [a.exp() for a in matvec(cumulate, loss)]
    summed = matvec(cumulate, [g * s for g, s in zip(growth[:-1], source, strict=True)])
    fall = [1.0 / g for g in growth]
    gained = [x * f for x, f in zip(summed, fall, strict=True)]
    return Affine(fall[-1], gained[-1], fall[:-1], gained[:-1])


def collocation(loss: list[Lanes], source: list[Lanes]) -> Affine:
    """(1 + S D) x = x(0) + S p, stable for any loss, the end read off the nodes where nothing of the start is left; both parts of the map by one elimination over the nodes."""
    q = len(loss)
    _, w, S, _ = gauss(q)
    rows = [[loss[n] * float(S[m, n]) + (1.0 if m == n else 0.0) for n in range(q)] for m in range(q)]
    gained = matvec(S, source)
    carried = [loss[0] * 0.0 + 1.0] * q
    for k in range(q):
        inverse = 1.0 / rows[k][k]
        for m in range(k + 1, q):
            factor = rows[m][k] * inverse
            for n in range(k + 1, q):
                rows[m][n] = rows[m][n] - factor * rows[k][n]
            carried[m] = carried[m] - factor * carried[k]
            gained[m] = gained[m] - factor * gained[k]
    for right in (carried, gained):
        for k in reversed(range(q)):
            for n in range(k + 1, q):
                right[k] = right[k] - rows[k][n] * right[n]
            right[k] = right[k] / rows[k][k]
    lost = [lo * float(v) for lo, v in zip(loss, w, strict=True)]
    fall = 1.0 - total([lo * c for lo, c in zip(lost, carried, strict=True)])
    gain = total([s * float(v) - lo * g for s, v, lo, g in zip(source, w, lost, gained, strict=True)])
    gone = total([lo * float(v) for lo, v in zip(loss, w, strict=True)]).compare(">", GONE)
    at_end = (total([x * float(c) for x, c in zip(v, to_end(q), strict=True)]) for v in (carried, gained))
    fall, gain = (gone.where(end, step) for end, step in zip(at_end, (fall, gain), strict=True))
    return Affine(fall, gain, carried, gained)
