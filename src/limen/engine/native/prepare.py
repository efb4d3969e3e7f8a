"""What a march takes ready-made for each person: modes, starts of the states, and where the panels are placed."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir

from limen.engine.native.emit import entry, whole
from limen.engine.native.lanes import WIDTH
from limen.engine.native.recipe import Recipe
from limen.engine.native.translate import translate
from limen.engine.placing import Accuracy

PREPARE = (
    "prepare",
    ("parameters", "gaps", "largest", "rates", "coefficients", "initial", "graded"),
    ("first", "last", "people", "rows"),
)


def prepare(module: ir.Module, recipe: Recipe, accuracy: Accuracy) -> None:
    """Builds `prepare`: parameters (names, people), gaps (rows, people) and the largest dose (people) in."""
    f = entry(module, *PREPARE)
    args, b = f.arguments, f.builder
    with f.loop(args["first"], args["last"]) as group:
        lane = b.mul(group, whole(WIDTH))

        def at(row: Any) -> Any:
            return f.index((row, args["people"]), lane)

        given = [f.load(args["parameters"], at(i)) for i in range(len(recipe.parameters))]
        for name, values in zip(
            ("rates", "coefficients", "initial"), translate(recipe.ready.jaxpr, given, b), strict=True
        ):
            for i, value in enumerate(np.ravel(values)):
                f.store(value, args[name], at(i))
        largest = f.load(args["largest"], lane)
        with f.loop(whole(0), args["rows"]) as row:
            gap = f.load(args["gaps"], at(row))
            (edges,) = translate(recipe.placed(accuracy).jaxpr, [*given, gap, largest], b)
            for i, value in enumerate(np.ravel(edges)):
                f.store(value, args["graded"], at(f.index((row, accuracy.panels), i)))
    b.ret_void()
