"""One question put to limen: the protocol, its run, and what the sections have made of them so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

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

    def made(self, name: str) -> Any:
        """The noun of a section, built when first asked for: sections may rest on each other in any order."""
        if name not in self._made:
            self._made[name] = next(s for s in sections() if s.name == name).build(self)
        return self._made[name]

    def cited(self) -> list[str]:
        """Citation keys of every section that names sources."""
        return [key for s in sections() if s.cites for key in s.cited(self.made(s.name))]
