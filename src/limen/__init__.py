"""limen: a laboratory for psychedelic microdosing research. It never gives dosing advice to individuals.

Everything a notebook needs is here, and loaded when it is first asked for: `limen.answer(limen.load("lsddep2"))`.
`limen.facts`, `limen.parameters` and `limen.compounds` are the rooms of that name.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from limen.results import views

if TYPE_CHECKING:
    from limen import compounds, facts, parameters
    from limen.analysis.analyse import analyse
    from limen.analysis.analysed import Analysed, AnalysedEach
    from limen.analysis.blinded import Blinded, blinding
    from limen.analysis.nca import KineticsTable, kinetics
    from limen.analysis.pooled_table import PooledTable, pool_table
    from limen.analysis.power.ask import Power, power
    from limen.analysis.power.sequential import Bounds, bounds
    from limen.analysis.power.staged import Staged, staged
    from limen.calibration.posterior import Calibrated
    from limen.calibration.validation import Validation
    from limen.compounds import Compound
    from limen.design.designs import Designs
    from limen.design.population import PopulationSummary
    from limen.design.trials import Trials
    from limen.door import (
        adam,
        answer,
        calibrated,
        check,
        design,
        from_registry,
        from_usdm,
        load,
        monitor,
        respond,
        screen,
        simulate,
        status,
        to_usdm,
        trial,
        turn,
        validate,
    )
    from limen.dossier.dossier import Dossier
    from limen.errors import LimenError, LimenWarning
    from limen.evidence.meta import Meta, meta_analysis
    from limen.exchange.draft import Draft
    from limen.exchange.usdm import Usdm
    from limen.parameters.posterior import priors
    from limen.protocol import Protocol
    from limen.regulation.check import ProtocolCheck
    from limen.regulation.lint import Report, lint
    from limen.regulation.status import Status
    from limen.response import Markers
    from limen.safety.monitoring.visits import Watched
    from limen.safety.screening.screen import Screening
    from limen.turn.turned import Turned

__version__ = "0.1.0"
__all__ = [
    "Analysed",
    "AnalysedEach",
    "Blinded",
    "Bounds",
    "Calibrated",
    "Compound",
    "Designs",
    "Dossier",
    "Draft",
    "KineticsTable",
    "LimenError",
    "LimenWarning",
    "Markers",
    "Meta",
    "PooledTable",
    "PopulationSummary",
    "Power",
    "Protocol",
    "ProtocolCheck",
    "Report",
    "Screening",
    "Staged",
    "Status",
    "Trials",
    "Turned",
    "Usdm",
    "Validation",
    "Watched",
    "adam",
    "analyse",
    "answer",
    "blinding",
    "bounds",
    "calibrated",
    "check",
    "compounds",
    "design",
    "facts",
    "from_registry",
    "from_usdm",
    "kinetics",
    "lint",
    "load",
    "meta_analysis",
    "monitor",
    "parameters",
    "pool_table",
    "power",
    "priors",
    "respond",
    "screen",
    "simulate",
    "staged",
    "status",
    "to_usdm",
    "trial",
    "turn",
    "validate",
]

_HOMES = {
    "limen.analysis.blinded": "Blinded blinding",
    "limen.analysis.nca": "KineticsTable kinetics",
    "limen.analysis.pooled_table": "PooledTable pool_table",
    "limen.analysis.power.ask": "Power power",
    "limen.analysis.power.sequential": "Bounds bounds",
    "limen.analysis.power.staged": "Staged staged",
    "limen.calibration.posterior": "Calibrated",
    "limen.calibration.validation": "Validation",
    "limen.analysis.analyse": "analyse",
    "limen.analysis.analysed": "Analysed AnalysedEach",
    "limen.compounds": "Compound",
    "limen.design.designs": "Designs",
    "limen.design.population": "PopulationSummary",
    "limen.design.trials": "Trials",
    "limen.door": "adam answer calibrated check design from_registry from_usdm load monitor respond screen simulate status to_usdm trial turn validate",
    "limen.dossier.dossier": "Dossier",
    "limen.exchange.draft": "Draft",
    "limen.exchange.usdm": "Usdm",
    "limen.errors": "LimenError LimenWarning",
    "limen.evidence.meta": "Meta meta_analysis",
    "limen.parameters.posterior": "priors",
    "limen.protocol": "Protocol",
    "limen.regulation.check": "ProtocolCheck",
    "limen.regulation.lint": "Report lint",
    "limen.regulation.status": "Status",
    "limen.response": "Markers",
    "limen.safety.monitoring.visits": "Watched",
    "limen.safety.screening.screen": "Screening",
    "limen.turn.turned": "Turned",
}
_HOME = {name: room for room, names in _HOMES.items() for name in names.split()}


class _Door(ModuleType):
    """The package. A room that shares its name with a function (`trial`) is reached by `from limen.trial import ...`."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _HOME or not isinstance(value, ModuleType):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *__all__})


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    elif name in __all__:
        value = import_module(f"limen.{name}")
    else:
        raise AttributeError(f"module 'limen' has no attribute {name!r}")
    globals()[name] = value
    return value


# What a room above the one of a result says of it; strings, so that nothing is loaded before it is asked for.
views.update(
    Analysed={"figure": "limen.figures.results:analysed"},
    Blinded={"figure": "limen.figures.results:blinded"},
    AnalysedEach={"figure": "limen.figures.results:analysed_each"},
    Meta={
        "figure": "limen.figures.results:pooled",
        "document": "limen.evidence.report:meta_data",
        "lines": "limen.evidence.report:meta_text",
    },
    Designs={"figure": "limen.figures.results:designed"},
    PopulationSummary={"figure": "limen.figures.results:population"},
    Power={"figure": "limen.figures.results:powered"},
    Bounds={"figure": "limen.figures.results:bounded"},
    PooledTable={"figure": "limen.figures.results:pooled_table"},
    KineticsTable={"figure": "limen.figures.results:concentrations_seen"},
    Staged={"figure": "limen.figures.results:stages"},
    Trials={"figure": "limen.figures.results:scores"},
    Calibrated={"lines": "limen.calibration.words:calibrated_lines"},
    Validation={"figure": "limen.figures.published:drawn", "lines": "limen.calibration.words:told"},
    Markers={
        "rows": "limen.response.summary:summary",
        "document": "limen.response.summary:marked",
        "lines": "limen.response.summary:told_of",
    },
    Status={"document": "limen.regulation.report:report", "lines": "limen.regulation.report:in_words"},
    Report={"document": "limen.regulation.check:reported", "lines": "limen.regulation.check:held"},
    Screening={
        "document": "limen.safety.screening.report:as_data",
        "lines": "limen.safety.screening.report:as_text",
    },
)
sys.modules[__name__].__class__ = _Door
