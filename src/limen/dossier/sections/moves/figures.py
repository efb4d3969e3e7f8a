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
    shared = {"headline": p.headline, "value": p.headline_value}
    clear = [i for i in p.influences if i.clear]
    others = len(p.parameters) - len(clear)
    rest = {
        "parameter": "", "description": f"{others} others, not to be told from the noise of {answer.reproduce.draws} draws", "status": "",
        "low": p.headline_value - p.noise / 2, "high": p.headline_value + p.noise / 2,
    }  # fmt: skip
    table = [
        row | shared
        for row in (*(i.model_dump(exclude={"clear"}) for i in clear), *([rest] if others > 0 else []))
    ]
    source = f"{simulation(answer)} Each bar runs from the parameter's 10% point to its 90% point; the grey one is as long as noise may be."
    return Figure("tornado", "What moves the expected result", _finding(answer), source, table, tornado.chart)


def _finding(answer: Answer) -> str:
    p = answer.provenance
    top = next((i for i in p.influences if i.clear), None)
    if top is None:
        return f"No single parameter moves {p.headline.partition(',')[0]} by more than the noise of this run."
    low, high = sorted((top.low, top.high))
    as_text = words.percent if low >= 0 and high <= 1 else lambda x: words.number(x, 2)
    return (
        f"It moves most with {top.description} ({KINDS[top.status]}): from its 10% to its 90% point between {as_text(low)} and "
        f"{as_text(high)}. What cannot be told from noise stands in one line."
    )
