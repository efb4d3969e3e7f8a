"""One figure as a reader meets it: what it shows, where it comes from, its table, and the function that draws it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from limen.figures import theme
from limen.figures.marks import Datum
from limen.figures.theme import Spec

if TYPE_CHECKING:
    import polars as pl

Draw = Callable[[Sequence[Datum], bool], Spec]


@dataclass(frozen=True)
class Figure:
    """`draw(table, narrow)` gives the Vega-Lite specification for a wide page or a phone. The table is all it is given,
    and the same that a reader downloads; the module of `draw` says what its COLUMNS mean."""

    name: str
    title: str
    sentence: str
    source: str
    table: list[Datum]
    draw: Draw

    def spec(self, narrow: bool = False) -> Spec:
        """The figure as a Vega-Lite dictionary."""
        return self.draw(self.table, narrow)

    def svg(self, narrow: bool = False, themed: bool = False) -> str:
        return theme.svg(self.spec(narrow), f"{self.name}{'-narrow' * narrow}", themed)

    def panels(self) -> list[str]:
        """The figure as one drawing a panel, each fit for a phone: side by side where there is room, else one below the other."""
        return [theme.svg(part, f"{self.name}-{n}", themed=True) for n, part in enumerate(self._parts(), 1)]

    def draw_ahead(self) -> None:
        """Have the panels drawn beside other work, if the drawing engine was started."""
        for part in self._parts():
            theme.draw_ahead(part)

    def _parts(self) -> list[Spec]:
        whole = self.spec(narrow=True)
        shared = {name: whole[name] for name in ("config", "background") if name in whole}
        return [part | shared for part in whole["vconcat"]] if "vconcat" in whole else [whole]

    def plot(self) -> Any:
        """The figure as an Altair chart, for a notebook."""
        import altair as alt

        spec = self.spec()
        kinds = {
            "layer": alt.LayerChart, "vconcat": alt.VConcatChart, "hconcat": alt.HConcatChart, "concat": alt.ConcatChart,
            "facet": alt.FacetChart, "repeat": alt.RepeatChart,
        }  # fmt: skip
        made = next((kind for name, kind in kinds.items() if name in spec), alt.Chart)
        return made.from_dict(spec, validate=False)

    def to_polars(self) -> pl.DataFrame:
        import polars as pl

        return pl.DataFrame(self.table, infer_schema_length=None)

    def to_csv(self) -> str:
        text = io.StringIO()
        columns = list(dict.fromkeys(key for row in self.table for key in row))
        writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.table)
        return text.getvalue()

    def _repr_svg_(self) -> str:
        return self.svg()
