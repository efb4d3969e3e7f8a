"""What moves the verdict: prior and data, and the parameters."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.captions import simulation
from limen.dossier.sections.verdict.nouns import Verdict
from limen.figures import knowledge, tornado
from limen.figures.figure import Figure

KINDS = {"measured": "measured", "translated": "translated from animals", "assumption": "an assumption"}
Z_90 = 1.6448536269514722  # the normal distribution's 95% point


def figures(v: Verdict, answer: Answer) -> list[Figure]:
    influences = answer.provenance.influences
    return [_knowledge(v), *([_tornado(answer)] if influences else [])]


def _knowledge(v: Verdict) -> Figure:
    lines = [("prior", v.prior), *(("data", d) for d in v.data), ("posterior", v.posterior)]
    share = v.share_of_prior or 0.0
    text = (
        "No controlled trial with an interval updates the prior: the posterior is the prior."
        if not v.data
        else f"The data narrow the prior's standard deviation to {words.percent(share)} of what it was."
        + (" They add almost nothing to it." if share > 0.9 else "")
    )
    source = "Normal distributions of the standardised drug effect; lines are 90% intervals."
    table = [
        {
            "role": role,
            "label": n.label,
            "mean": n.mean,
            "low": n.mean - Z_90 * n.sd,
            "high": n.mean + Z_90 * n.sd,
        }
        for role, n in lines
        if n is not None
    ]
    return Figure(
        "knowledge", "What was believed, what was found, what is left", text, source, table, knowledge.chart
    )


def _tornado(answer: Answer) -> Figure:
    p = answer.provenance
    top = p.influences[0]
    low, high = sorted((top.low, top.high))
    as_text = words.percent if low >= 0 and high <= 1 else lambda x: words.number(x, 2)
    kind = KINDS[top.status]
    text = (
        f"The answer moves most with {top.description} ({kind}): from its 10% to its 90% point, "
        f"the headline moves between {as_text(low)} and {as_text(high)}."
    )
    source = f"{simulation(answer)} Each bar runs from the parameter's 10% point to its 90% point."
    shared = {"headline": p.headline, "value": p.headline_value}
    table = [influence.model_dump() | shared for influence in p.influences]
    return Figure("tornado", "What moves the verdict", text, source, table, tornado.chart)
