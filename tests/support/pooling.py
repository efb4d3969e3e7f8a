"""Worlds of drug effects drawn from the hierarchy's prior, written out sum by sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.stats import norm

from limen.evidence.hierarchy import Cell, Contribution, PoolPrior, pool_effects


def effects(random: np.random.Generator, count: int, prior: PoolPrior, cells: Sequence[Cell]):
    """delta of each cell [count, cells] and tau [count]."""
    widths = (prior.compound, prior.indication, prior.both, prior.study)
    a_sd, b_sd, g_sd, tau = (np.abs(random.standard_normal(count)) * width for width in widths)
    mu = prior.mean + prior.sd * random.standard_normal(count)
    a = {c: a_sd * random.standard_normal(count) for c in dict.fromkeys(c for c, _ in cells)}
    b = {i: b_sd * random.standard_normal(count) for i in dict.fromkeys(i for _, i in cells)}
    each = [mu + a[c] + b[i] + g_sd * random.standard_normal(count) for c, i in cells]
    return np.stack(each, 1), tau


def world(random, count: int, prior: PoolPrior, studies: Sequence[Contribution], ratio, target: Cell):
    """Likelihood of the studies under `count` draws of the prior, and the target's effect in each."""
    cells = [*dict.fromkeys([target, *(s.cell for s in studies)])]
    delta, tau = effects(random, count, prior, cells)
    log = np.zeros(count)
    for s, r in zip(studies, ratio, strict=True):
        sd = np.sqrt(s.se**2 + s.bias_sd**2 + tau**2)
        seen = r * delta[:, cells.index(s.cell)] + s.bias
        if s.y is not None:
            log += s.weight * norm.logpdf(s.y, seen, sd)
        else:
            inside = norm.cdf(s.between[1], seen, sd) - norm.cdf(s.between[0], seen, sd)
            log += s.weight * np.log(np.maximum(inside, 1e-300))
    return np.exp(log - log.max()), delta[:, 0]


def sbc_ranks(
    prior: PoolPrior, studies: Sequence[Contribution], ratio, target: Cell, replicates: int, seed: int
):
    """Where the true effect falls in the posterior of data it made: uniform where the inference is right.

    Every study counts fully, since a likelihood to a power is no model of data; a direction is that of its data.
    """
    random = np.random.default_rng(seed)
    cells = [*dict.fromkeys([target, *(s.cell for s in studies)])]
    delta, tau = effects(random, replicates, prior, cells)
    found = []
    for k in range(replicates):
        made = []
        for s, r in zip(studies, ratio, strict=True):
            spread = np.sqrt(s.se**2 + s.bias_sd**2 + tau[k] ** 2)
            y = r * delta[k, cells.index(s.cell)] + s.bias + spread * random.standard_normal()
            side = (-np.inf, 0.0) if y < 0 else (0.0, np.inf)
            made.append(replace(s, weight=1.0, **({"between": side} if s.y is None else {"y": float(y)})))
        found.append(1 - pool_effects(made, np.array([ratio]), target, prior).above(delta[k, 0])[0])
    return np.array(found)
