"""What is varied over the same people: named what-ifs, each a drug effect and which channels are on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Float

from limen.engine.streams import on_device
from limen.errors import LimenError
from limen.trial.follow import Channels
from limen.trial.shapes import to_draws
from limen.trial.walk import Scenarios

CHANNELS = ("course", "belief", "drug")


@dataclass(frozen=True)
class Variant:
    """`delta`: standardised drug effect, None for what is believed now; `channels`: those that are on."""

    name: str
    channels: frozenset[str]
    delta: float | None = None


def subset_name(channels: frozenset[str]) -> str:
    """The name of a subset of the channels at the believed effect."""
    on = [channel for channel in CHANNELS if channel in channels]
    return AS_BELIEVED if len(on) == len(CHANNELS) else " + ".join(on) or SELECTION


AS_BELIEVED, SELECTION = "as believed", "selection"
ALL = frozenset(CHANNELS)
SUBSETS = tuple(
    frozenset(channel for channel, on in zip(CHANNELS, flags, strict=True) if on)
    for flags in product((True, False), repeat=len(CHANNELS))
)
# The first is recorded in full. Every subset of the channels is what the decomposition over orders needs.
WHAT_IFS: tuple[Variant, ...] = (
    *(Variant(subset_name(subset), subset) for subset in SUBSETS),
    Variant("delta 0.2", ALL, 0.2),
    Variant("delta 0.4", ALL, 0.4),
)
# A drug that does nothing, with belief and without it: what a design is judged by, beside what is believed.
DEAD, UNSEEN = "course + belief", "course"
JUDGED_BY = tuple(what for what in WHAT_IFS if what.name in (AS_BELIEVED, DEAD, UNSEEN))
NAMES: tuple[str, ...] = tuple(what.name for what in WHAT_IFS)


def position(what_ifs: tuple[Variant, ...], name: str) -> int:
    """Where a what-if stands among those of a run. Raises LimenError naming them."""
    names = [what.name for what in what_ifs]
    if name not in names:
        raise LimenError(f"no what-if {name!r} was run", remedy=f"those run are: {', '.join(names)}")
    return names.index(name)


def scenarios(what_ifs: tuple[Variant, ...], believed: Float[np.ndarray, " draws"]) -> Scenarios:
    """What-ifs as the arrays the walk traces; switches are no part of the compiled program."""
    delta = np.array([believed if w.delta is None else np.full(len(believed), w.delta) for w in what_ifs])
    flags = {c: on_device([float(c in w.channels) for w in what_ifs]) for c in CHANNELS}
    return Scenarios(to_draws(delta), Channels(**flags))
