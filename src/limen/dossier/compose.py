"""Compose: run a protocol and gather everything the dossier says about it."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from importlib.metadata import version
from typing import Any

import jax
import numpy as np

from limen import __version__
from limen.design.operate import Enrolled, Run, enrol, operate
from limen.dossier.answer import Answer, Reproduce
from limen.dossier.asked import Asked, beyond
from limen.dossier.assembled import Assembled, answer_type
from limen.dossier.sections import sections
from limen.figures import theme
from limen.parameters import parameters_for
from limen.protocol import Protocol, digest
from limen.trial.plan import lay_out

DRAWS, PEOPLE, SEED = 200, 1000, 1
SOFTWARE = ("jax", "numpy", "equinox", "scipy")


def answer(
    protocol: Protocol,
    draws: int = DRAWS,
    people: int = PEOPLE,
    seed: int = SEED,
    workers: int = 2,
    tick: Callable[[int], None] | None = None,
    command: str = "limen answer PROTOCOL",
    on: date | None = None,
) -> tuple[Assembled, Enrolled]:
    """Answer a protocol: the dossier as data, and the run behind it; where the trial model does not hold, the people alone.
    Raises ProtocolError for what cannot be run.

    `on` is the day whose law counts, today if left out; nothing simulated depends on it.
    """
    parameters = parameters_for(protocol)
    plan = lay_out(protocol, parameters)
    if beyond(plan) is None:
        who = operate(plan, parameters, draws, people, seed, workers, tick)
    else:
        who = enrol(plan, parameters, draws, people, seed)
    return compose(Asked(protocol, who, people, command, on or date.today())), who


def compose(asked: Asked) -> Assembled:
    """Every section's noun, what gives the same numbers again, and what weakens them. Where the drawing engine was started
    each section's figures are drawn while the next is built."""
    with ThreadPoolExecutor(1) as beside:
        reproduce = beside.submit(_reproduce, asked)
        so_far, made = _SoFar.of(asked, reproduce), dict[str, Any]()
        for section in sections():
            if section.noun is not None:
                made[section.name] = asked.made(section.name)
            if theme.drawing():
                for figure in section.figures(so_far):
                    figure.draw_ahead()
        return answer_type()(
            **made, reproduce=reproduce.result(), warnings=list(asked.plan.warnings), beyond=asked.beyond
        )


class _SoFar(Answer):
    """An answer whose parts are made when they are first asked for: what figures see before all of it is there."""

    @classmethod
    def of(cls, asked: Asked, reproduce: Future[Reproduce]) -> _SoFar:
        found = cls.model_construct(beyond=asked.beyond)
        vars(found).update(_asked=asked, _reproduced=reproduce)
        return found

    def __getattr__(self, name: str) -> Any:
        held = self.__dict__
        if name == "reproduce":
            return held["_reproduced"].result()
        if name.startswith("_") or all(name != section.name for section in sections()):
            raise AttributeError(name)
        return held["_asked"].made(name)


def _reproduce(asked: Asked) -> Reproduce:
    who = asked.who
    return Reproduce(
        version=__version__,
        command=asked.command,
        seed=who.seed,
        draws=who.draws.count,
        people=asked.people,
        trials=who.trials if asked.beyond is None else 0,
        protocol_hash=digest(asked.protocol),
        parameter_hash=asked.parameters.digest,
        result_digest=result_digest(who),
        software={"python": platform.python_version()} | {name: version(name) for name in SOFTWARE},
    )


def result_digest(who: Enrolled) -> str:
    """A hash over every recorded number of the run; without one, over the parameters drawn."""
    hashed = hashlib.sha256()
    for leaf in jax.tree.leaves(who.records if isinstance(who, Run) else dict(who.draws.columns)):
        hashed.update(np.ascontiguousarray(leaf).reshape(-1).data)
    return hashed.hexdigest()
