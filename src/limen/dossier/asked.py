"""One question put to limen: the protocol, its run, and what the sections have made of them so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from limen.compounds import compound
from limen.design.operate import Run
from limen.dossier.sections import sections
from limen.parameters import ParameterSet
from limen.protocol import Protocol
from limen.trial.plan import Plan


@dataclass(frozen=True)
class Asked:
    """`people` and `command` are what was asked for; `on` is the day whose law counts."""

    protocol: Protocol
    run: Run
    people: int
    command: str
    on: date
    _made: dict[str, Any] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        return self.run.plan

    @property
    def parameters(self) -> ParameterSet:
        return self.run.parameters

    @cached_property
    def beyond(self) -> str | None:
        """Why the trial model says nothing of this compound or these doses; None where it holds."""
        given = compound(self.plan.compound)
        if given.domain is None:
            return given.refused
        top = max(level for arm in self.plan.arms for level in arm.levels) / given.ug_per_unit
        if top <= given.domain.high * 1.0001:
            return None
        return (
            f"{top:.3g} {given.unit} of {given.base} lies beyond the doses in which perception, effect and harms of the trial "
            f"model were measured ({given.domain.low:g} to {given.domain.high:g} {given.unit})"
        )

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
