"""Provenance: every parameter the page rests on, how much the headline moves with it, and every reference."""

from __future__ import annotations

import numpy as np

from limen.design.influence import influences, met_by_exposure, used
from limen.dossier.asked import Asked
from limen.dossier.references import references, short
from limen.dossier.sections.provenance.nouns import Influence, Provenance, UsedParameter
from limen.dossier.sections.safety import margin
from limen.dossier.sections.verdict.build import headline
from limen.parameters.posterior import drawn_from

NO_HEADLINE = "none: there is no verdict"


def build(asked: Asked) -> Provenance:
    draws, plan, parameters = asked.who.draws, asked.plan, asked.parameters
    read = met_by_exposure if asked.beyond else used
    names = list(dict.fromkeys((*read(draws, plan), *margin.parameters(plan.compound))))
    what, values, columns = NO_HEADLINE, np.zeros(0), {name: draws[name] for name in names}
    keys = list(asked.protocol.source) + asked.cited()
    if asked.beyond is None:
        what, values = headline(asked.run)
        columns |= {"drug_effect.prior.delta": asked.run.belief.delta}
        keys += [key for e in asked.run.belief.evidence for key in e.result.study.sources]
    effects = influences(values, columns) if values.size else []
    noise = max((e.noise for e in effects), default=0.0)
    size = {e.name: e.size for e in effects}
    moved = () if parameters.joint is None else parameters.joint.columns
    listed = []
    for name in names:
        p, column = parameters[name], columns[name]
        low, high = np.quantile(column, [0.05, 0.95])
        listed.append(
            UsedParameter.like(
                p, name=name, description=p.text, value=float(np.median(column)), q05=float(low), q95=float(high),
                sources=list(p.source), influence=size.get(name, 0.0), moved=name in moved,
            )
        )  # fmt: skip
    statuses = [p.status for p in listed]
    keys += [key for p in listed for key in p.sources]
    return Provenance(
        headline=what,
        headline_value=float(values.mean()) if values.size else 0.0,
        noise=noise,
        influences=[
            Influence.like(
                parameters[e.name],
                parameter=e.name,
                description=parameters[e.name].text,
                low=e.low,
                high=e.high,
                clear=e.clear,
            )
            for e in effects[:10]
        ],
        parameters=listed,
        drawn_from=drawn_from(parameters),
        moved=sum(p.moved for p in listed),
        counts={status: statuses.count(status) for status in ("measured", "translated", "assumption")},
        references=references(keys),
        cited_as={key: short(key) for key in sorted(set(keys))},
    )
