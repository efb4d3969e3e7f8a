"""One question put to limen: the protocol, its run, and what the sections have made of them so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from limen.compounds import compound
from limen.design.operate import Enrolled, Run
from limen.dossier.sections import sections
from limen.parameters import ParameterSet
from limen.protocol import Protocol
from limen.trial.plan import Plan


def beyond(plan: Plan) -> str | None:
    """Why the trial model says nothing of a plan's compound or of its highest dose; None where it holds."""
    given = compound(plan.compound)
    return given.beyond(max(level for arm in plan.arms for level in arm.levels) / given.ug_per_unit)


@dataclass(frozen=True)
class Asked:
    """`who` are the people of the trials, and the trials themselves where the trial model holds; `people` and `command` are what was asked for; `on` is the day whose law counts."""

    protocol: Protocol
    who: Enrolled
    people: int
    command: str
    on: date
    _made: dict[str, Any] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        return self.who.plan

    @property
    def parameters(self) -> ParameterSet:
        return self.who.parameters

    @property
    def run(self) -> Run:
        """The trials, for sections that speak of them: where the trial model says nothing, they are not asked."""
        assert isinstance(self.who, Run)
        return self.who

    @property
    def beyond(self) -> str | None:
        """Why the trial model says nothing of this compound or these doses; None where it holds."""
        return beyond(self.plan)

    def made(self, name: str) -> Any:
        """The noun of a section, built when first asked for: sections may rest on each other in any order."""
        if name not in self._made:
            section = next(s for s in sections() if s.name == name)
            silent = self.beyond is not None and not section.beyond
            self._made[name] = None if silent else section.build(self)
        return self._made[name]

    def cited(self) -> list[str]:
        """Citation keys of every section that names sources."""
        return [
            key
            for s in sections()
            if s.cites and self.made(s.name) is not None
            for key in s.cited(self.made(s.name))
        ]
