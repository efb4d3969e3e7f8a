"""Where things stand in the scratch memory of a march, counted in vectors: a head per slot, then a record per panel."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from limen.engine.native.lanes import WIDTH
from limen.engine.native.recipe import Recipe


@dataclass(frozen=True)
class Memory:
    """Offsets by name. A slot holds one kind of interval: its head, then one record after another."""

    head: dict[str, int]
    head_size: int
    record: dict[str, int]
    record_size: int

    def scratch(self, slots: int, panels: int, states: int) -> int:
        """Doubles that a march needs: states at the panel edges, then the slots."""
        return WIDTH * ((panels + 1) * states + slots * (self.head_size + panels * self.record_size))


def memory(recipe: Recipe, nodes: int) -> Memory:
    """The memory of a recipe."""
    head = {"amplitude": recipe.modes, "fade": recipe.modes, "dose": 1, "tad": 1}
    record = {"since": nodes, "width": nodes}
    record |= {f"{name}{m}": nodes for name in recipe.observables for m in range(recipe.modes)}
    record |= dict.fromkeys(recipe.kept, nodes)
    for part in recipe.parts:
        if part.form == "weighted":
            record |= {f"{part.name} weight": nodes, f"{part.name} fall": 1}
            if part.static:
                record[f"{part.name} gain"] = 1
        elif part.form != "signal" and part.static:
            record |= {f"{part.name} fall": 1, f"{part.name} gain": 1}
            if part.inside:
                record |= {f"{part.name} carried": nodes, f"{part.name} gained": nodes}
    return Memory(_offsets(head), sum(head.values()), _offsets(record), sum(record.values()))


def _offsets(sizes: dict[str, int]) -> dict[str, int]:
    return dict(zip(sizes, accumulate(sizes.values(), initial=0), strict=False))
