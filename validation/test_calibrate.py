"""Simulation-based calibration: parameters drawn from the prior, trials from the walk, ranks from the fit (Talts et al. 2018)."""

from pathlib import Path

import numpy as np
import pytest
from jaxtyping import Int
from scipy import stats

from limen.calibration.block import block, participant_sets
from limen.calibration.calibrate import DESIGN
from limen.calibration.emulate import Emulated, coordinates, emulate, features, informed, summaries
from limen.calibration.sampling import Sampler
from limen.files import write_text
from limen.parameters import load

HELD_OUT, BINS, SEED = 100, 10, 1
TABLE = Path(__file__).with_name("sbc.md")
POWER = (
    "What 100 trials can see, by 400 runs of both tests on ranks of normal posteriors, drawn independently for "
    "each of the 25 parameters: a fit that is right fails in 2% (ranks are discrete). One parameter is caught by "
    "its ranks in 99% where its intervals are half as wide as they should be, in 79% at 0.6, 32% at 0.7 and 3% at "
    "0.8; in 56% where it is off by half a posterior SD, 98% by 0.7. All of them too narrow at once are caught in "
    "7% at 0.9, 68% at 0.8, 95% at 0.75; too wide by 1.3 in 56%; off by 0.3 SD in 79%. So a parameter whose "
    "intervals are a fifth too narrow passes."
)

KNOWN = (
    "One interval holds too rarely: `outcomes.TRD.madrs.p_nonspec`, 76% (by the binomial distribution, times 25 parameters, p = 0.001; ten bins do not "
    "see it). Its two studies are one protocol, so here both are read from the same simulated people: what the quadratics leave over of "
    "the two correlates at 0.77, and the fit rightly takes two studies as independent. That is a fault of this check and not of the "
    "fit; it stays until each set has a trial of its own."
)


def ranked() -> Int[np.ndarray, "trials block"]:
    """Rank of each true coordinate among 99 thinned draws, for trials that no quadratic was fitted to: those of the design of
    `limen calibrate` itself."""
    known, sets = load(), participant_sets()
    z = coordinates(known, DESIGN, SEED)
    seen = summaries(sets, known, z, SEED)
    whole = np.all([np.isfinite(y).all(1) for y in seen.values()], axis=0)
    held = np.flatnonzero(whole)[-HELD_OUT:]
    rest = np.setdiff1d(np.arange(DESIGN), held)
    emulated = emulate(sets, z[rest], {name: y[rest] for name, y in seen.items()}, informed(sets, known))
    y = np.concatenate([e.whitened(seen[e.of.name][held]) for e in emulated], 1)
    draws, divergences = Sampler(emulated, kept=400, warmup=400).each(y, "sbc", 1)
    assert divergences.mean() < 1  # of 400
    thinned = draws[:, np.linspace(0, draws.shape[1] - 1, 99).astype(int)]
    return (thinned < z[held][:, None]).sum(1)


def by_parameter(ranks: Int[np.ndarray, "trials block"]) -> list[tuple[str, float, float, float]]:
    """Each parameter's p of a chi-square over ten bins, its mean rank, and the share of trials whose 90% interval holds."""
    counts = [np.bincount(np.minimum(r // BINS, BINS - 1), minlength=BINS) for r in ranks.T]
    return [
        (name, float(stats.chisquare(c).pvalue), float(r.mean()), float(((r >= 5) & (r < 95)).mean()))
        for name, c, r in zip(block().wider, counts, ranks.T, strict=True)
    ]


def page(ranks: Int[np.ndarray, "trials block"]) -> str:
    """The ranks as a table, with what they can see."""
    found = by_parameter(ranks)
    p = sorted(row[1] for row in found)
    holm = min(value * (len(p) - place) for place, value in enumerate(p))
    inside = np.mean([row[3] for row in found])
    lines = [
        "# Simulation-based calibration of `limen calibrate`", "",
        f"{len(ranks)} of the {DESIGN} trials of each set of participants that the fit rests on (seed {SEED}) are held out; the quadratics "
        "are fitted to the others, and the rank of each true coordinate among 99 thinned draws is counted. Written by "
        "`python -m validation.test_calibrate`; `test_calibrate.py` checks it.", "",
        f"Smallest p over the {len(found)} parameters by Holm's rule: {min(holm, 1.0):.2g}. 90% intervals hold in {100 * inside:.1f}% over all parameters.",
        "", KNOWN, "", f"What it can see. {POWER}", "", "| parameter | p, ten bins | mean rank of 0 to 99 | 90% interval holds |", "|---|---|---|---|",
        *(f"| `{name}` | {pv:.2f} | {mean:.1f} | {100 * share:.0f}% |" for name, pv, mean, share in found),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def ranks():
    return ranked()


def test_the_kept_table_comes_out_again(ranks):
    assert TABLE.read_text(encoding="utf-8") == page(ranks)


def test_ranks_are_uniform(ranks):
    """Each parameter's by a chi-square over ten bins, all of them together by Holm's rule at 1%."""
    p = np.sort([row[1] for row in by_parameter(ranks)])
    assert (p > 0.01 / np.arange(len(p), 0, -1)).all()


def test_intervals_hold_as_often_as_they_say(ranks):
    """Over all parameters, 90% intervals hold in 90% of trials, within three binomial errors of the trials alone."""
    share = ((ranks >= 5) & (ranks < 95)).mean()
    assert abs(share - 0.9) < 3 * np.sqrt(0.9 * 0.1 / HELD_OUT)


def test_ranks_of_the_truth_are_uniform_where_the_quadratic_is_the_truth():
    """Two parameters, one through a square; 200 trials see intervals half as wide as they should be in nearly every run."""
    (of, *_) = (s for s in participant_sets() if len(s.targets) == 1)
    weights = np.array([[0.5, 1.5, 0, 0.3, 0, 0], [0, 0, 1.0, 0, 0.4, 0]])
    random = np.random.default_rng(5)
    z = random.standard_normal((200, 2))
    y = features(z) @ weights.T + random.standard_normal((200, 2))
    quadratic = Emulated(of, weights, np.eye(2), np.ones(2), np.zeros(2))
    draws, divergences = Sampler([quadratic], kept=300, warmup=300).each(y, "ranks", 1)
    assert divergences.mean() < 1
    ranks = (draws[:, np.linspace(0, 299, 99).astype(int)] < z[:, None]).sum(1)
    for r in ranks.T:
        assert stats.chisquare(np.bincount(r // 10, minlength=10)).pvalue > 0.001
    assert draws.std(1).mean(0) == pytest.approx([0.55, 0.66], abs=0.12)


if __name__ == "__main__":
    write_text(TABLE, page(ranked()))
