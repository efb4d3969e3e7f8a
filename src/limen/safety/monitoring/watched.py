"""The stopping rules that visit data meet, as one result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from limen.results import Result
from limen.safety.monitoring.monitoring import Alert


@dataclass(frozen=True)
class Watched(Result):
    """Every alert, people in order of appearance."""

    alerts: tuple[Alert, ...]

    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [{**asdict(alert), "values": "; ".join(f"{name} {value:g}" for name, value in alert.values)}
                for alert in self.alerts]  # fmt: skip

    def lines(self) -> list[str]:
        said = []
        for alert in self.alerts:
            values = ", ".join(f"{name} {value:g}" for name, value in alert.values)
            said.append(
                f"{alert.person}, visit {alert.visit}: {alert.level.upper()} [{alert.rule_id}] {values}"
            )
            said += [f"    rule: {alert.rule}", f"    action: {alert.action}"]
            said += [f"    {alert.sign_off}"] if alert.sign_off else []
        return [*said, f"{len(self.alerts)} stopping rules met" if said else "no stopping rule is met"]
