"""Published numbers beside simulated ones, as results: exposure row by row, trials replayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from limen.calibration.pk import Compared, compare
from limen.calibration.replay import Prediction, replay
from limen.design.operate import draw_parameters
from limen.parameters import load
from limen.protocol import examples
from limen.results import Result, aligned

SCHEMA_VERSION, DRAWS = 1, 200


@dataclass(frozen=True)
class Exposures(Result):
    """Every published exposure that was read in a source, beside the simulated value."""

    compared: tuple[Compared, ...]
    parameter_hash: str

    @property
    def judged(self) -> tuple[Compared, ...]:
        return tuple(row for row in self.compared if row.inside is not None)

    def document(self) -> dict[str, Any]:
        return {"schema_version": SCHEMA_VERSION, "parameter_hash": self.parameter_hash,
                "inside": sum(bool(row.inside) for row in self.judged), "compared": len(self.judged),
                "rows": [asdict(row) for row in self.compared]}  # fmt: skip

    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [asdict(row) for row in self.compared]

    def lines(self) -> list[str]:
        head = ["row", "what", "dose", "published", "simulated (95% of the mean)", "inside"]
        cells = [[row.obs_id, row.what, row.dose, _published(row), _simulated(row), "yes" if row.inside else "NO"]
                 for row in self.judged]  # fmt: skip
        said = aligned(head, cells, left=6)
        said += [f"{row.obs_id} outside: {row.why}" for row in self.judged if not row.inside]
        left = [row for row in self.compared if row.inside is None]
        for why in dict.fromkeys(row.why for row in left):
            said.append(f"not compared, {why}: {' '.join(row.obs_id for row in left if row.why == why)}")
        count = sum(bool(row.inside) for row in self.judged)
        said.append(
            f"{count} of {len(self.judged)} compared rows inside; {len(left)} rows cannot be compared."
        )
        calibrated = "Microdose and full-dose Cmax were calibrated to, not predicted."
        return [*said, f"Parameters {self.parameter_hash[:12]}. {calibrated}"]


@dataclass(frozen=True)
class Replayed(Result):
    """Published trials replayed: where each published value falls in what limen predicts."""

    predictions: tuple[Prediction, ...]
    parameter_hash: str

    def document(self) -> dict[str, Any]:
        return {
            "schema_version": SCHEMA_VERSION,
            "parameter_hash": self.parameter_hash,
            "rows": list(self.rows()),
        }

    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [asdict(row) for row in self.predictions]

    def lines(self) -> list[str]:
        said = []
        for kind in ("predicted", "calibrated to"):
            head = [kind, "delta", "published", "predicted (90%)", "percentile", "note"]
            cells = [[row.what, "" if row.delta is None else f"{row.delta:g}", row.published_text,
                      f"{row.median:.3g} ({row.q05:.3g} to {row.q95:.3g})",
                      "" if row.percentile is None else f"{100 * row.percentile:.0f}", row.note]
                     for row in self.predictions if row.kind == kind]  # fmt: skip
            said += [*aligned(head, cells, left=6), ""]
        tail = "A percentile below 5 or above 95 is a published value in the tail."
        return [*said, f"Parameters {self.parameter_hash[:12]}. {tail}"]


def exposures(seed: int = 1) -> Exposures:
    """Simulate every published exposure."""
    parameters = load()
    return Exposures(tuple(compare(draw_parameters(parameters, DRAWS, seed), seed)), parameters.digest)


def replayed(seed: int = 1) -> Replayed:
    """Replay the published trials among the examples."""
    parameters = load()
    return Replayed(tuple(replay(parameters, examples(), seed=seed)), parameters.digest)


def _published(row: Compared) -> str:
    centre = "" if row.published is None else f"{row.published:g}"
    spread = row.published_interval
    return centre + (f" ({spread[0]:g}-{spread[1]:g})" if spread else "")


def _simulated(row: Compared) -> str:
    assert row.of_mean is not None
    return f"{row.simulated:.3g} ({row.of_mean[0]:.3g}-{row.of_mean[1]:.3g}) {row.unit}"
