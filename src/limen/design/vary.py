"""Vary: what of a protocol a search changes, and the protocols it becomes. An axis is a name and its values as written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import floor

from limen.analysis.registry import method_named
from limen.errors import LimenError
from limen.protocol import Arm, Protocol, Schedule
from limen.protocol.allocation import Allocation
from limen.protocol.model import InterimLooks
from limen.protocol.sense import mistakes
from limen.units import Quantity, quantity

MOST = 2000  # cells of one search
STEP = 2  # people between two sizes that are searched among
Change = Callable[[Protocol, str], Protocol]


@dataclass(frozen=True)
class Axis:
    """One thing that is varied, and its values as a protocol would write them; `searched`, the values among which the smallest
    that will do is looked for."""

    name: str
    values: tuple[str, ...]
    searched: bool = False


@dataclass(frozen=True)
class Varied:
    """A protocol with one value of every axis but its size, and how those are written."""

    said: Mapping[str, str]
    protocol: Protocol


def axis(text: str, protocol: Protocol) -> Axis:
    """An axis from `name=first:last:step` or `name=one,another`, or `n=first:last` for a size that is searched for. Raises
    LimenError naming what can be varied."""
    name, _, given = (part.strip() for part in text.partition("="))
    if name not in CHANGES and name != "n":
        raise LimenError(f"{name!r} cannot be varied", remedy=f"these can: {', '.join((*CHANGES, 'n'))}")
    searched = name == "n" and given.count(":") == 1
    given = f"{given}:{STEP}" if searched else given
    values = tuple(_ranged(name, given)) if ":" in given else tuple(v.strip() for v in given.split(","))
    if not all(values):
        raise LimenError(
            f"--vary {text}: no values are given", remedy=f"write {name}=2:10:2 or {name}=2,4,10"
        )
    if name == "dose":
        unit = _unit(protocol)
        values = tuple(value if _has_unit(value) else f"{value} {unit}" for value in values)
    if name == "n":
        values = tuple(str(_people(value)) for value in values)
    return Axis(name, tuple(dict.fromkeys(values)), searched)


def combinations(protocol: Protocol, axes: tuple[Axis, ...]) -> list[Varied]:
    """Every combination of the axes but `n`, in the order they were given. Raises LimenError for one that is no protocol."""
    names = [a.name for a in axes]
    if len(names) != len(set(names)):
        raise LimenError("one thing is varied twice", remedy="give each --vary another name")
    varied = [a for a in axes if a.name != "n"]
    count = 1
    for a in axes:
        count *= 1 if a.searched else len(a.values)
    if count > MOST:
        raise LimenError(f"{count} designs are more than {MOST}", remedy="give fewer values, or wider steps")
    found: list[Varied] = []
    for chosen in product(*(a.values for a in varied)):
        said, changed = {a.name: v for a, v in zip(varied, chosen, strict=True)}, protocol
        for name, value in said.items():
            changed = _changed(changed, name, value)
        found.append(Varied(said, changed))
    return found


def people_asked(protocol: Protocol, axes: tuple[Axis, ...]) -> tuple[int, ...]:
    """The numbers of people asked for in the arms that are compared, smallest first; the protocol's own where none were."""
    control = protocol.compared[1]
    compared = [protocol.arms[at].n for at in protocol.compared if at is not None]
    if protocol.analysis.drop is not None:
        compared = [arm.n for at, arm in enumerate(protocol.arms) if arm.gives_drug or at == control]
    own = protocol.participants if protocol.design_kind.periods else sum(compared)
    return next((tuple(sorted(map(int, a.values))) for a in axes if a.name == "n"), (own,))


def _changed(protocol: Protocol, name: str, value: str) -> Protocol:
    try:
        return CHANGES[name](protocol, value)
    except ValueError as error:
        first = str(getattr(error, "errors", lambda: [{"msg": str(error)}])()[0]["msg"])
        raise LimenError(f"{name}={value} is no design of {protocol.name}: {first}") from None


def _dose(protocol: Protocol, value: str) -> Protocol:
    return _arms(protocol, "active", dose=value)


def _against(protocol: Protocol, value: str) -> Protocol:
    if value == "inert":
        return _arms(protocol, "control", kind="inert placebo", agent=None, agent_dose=None)
    return _arms(protocol, "control", kind="active placebo", agent=value)


def _arms(protocol: Protocol, which: str, **changes: str | None) -> Protocol:
    chosen = protocol.active_arms if which == "active" else protocol.control_arms
    arms: list[Arm] = []
    for arm in protocol.arms:
        said = {name: getattr(arm, name) for name in arm.model_fields_set}
        said |= changes if arm in chosen else {}
        arms.append(Arm.model_validate({name: held for name, held in said.items() if held is not None}))
    return protocol.model_copy(update={"arms": tuple(arms)})


def _interval(protocol: Protocol, value: str) -> Protocol:
    return _schedule(protocol, pattern={"every": value if _has_unit(value) else f"{value} d"})


def _adherence(protocol: Protocol, value: str) -> Protocol:
    return _schedule(protocol, adherence=float(value))


def _schedule(protocol: Protocol, **changes: object) -> Protocol:
    said = {name: getattr(protocol.schedule, name) for name in protocol.schedule.model_fields_set}
    return protocol.model_copy(update={"schedule": Schedule.model_validate(said | changes)})


def _told(protocol: Protocol, value: str) -> Protocol:
    said = protocol.allocation.model_dump(exclude_unset=True)
    return protocol.model_copy(
        update={"allocation": Allocation.model_validate(said | {"told": float(value)})}
    )


def _method(protocol: Protocol, value: str) -> Protocol:
    return _analysed(protocol, method=method_named(value))


def _looks(protocol: Protocol, value: str) -> Protocol:
    """So many looks, evenly spaced, the last at the end; one is a trial without any before it."""
    count, own = int(value), protocol.analysis.looks
    if count == 1:
        return _analysed(protocol, looks=None)
    said = {} if own is None else own.model_dump(exclude={"at", "futility"})
    if own is not None and len(set(own.futility)) > 1:
        raise ValueError(
            "its bounds for futility differ from look to look, so they fit no other number of looks"
        )
    futility = () if own is None else own.futility[:1] * (count - 1)
    at = tuple((k + 1) / count for k in range(count))
    return _analysed(protocol, looks=InterimLooks(**said, at=at, futility=futility))


def _spending(protocol: Protocol, value: str) -> Protocol:
    return _looked(protocol, spending=value)


def _futility(protocol: Protocol, value: str) -> Protocol:
    """One z below which every look but the last stops, or none."""
    own = protocol.analysis.looks
    z = () if value == "none" or own is None else (float(value),) * (len(own.at) - 1)
    return _looked(protocol, futility=z)


def _looked(protocol: Protocol, **changes: object) -> Protocol:
    own = protocol.analysis.looks
    if own is None:
        raise ValueError("it has no interim looks: vary looks before it, or write analysis.looks")
    return _analysed(protocol, looks=InterimLooks.model_validate(own.model_dump() | changes))


def _analysed(protocol: Protocol, **changes: object) -> Protocol:
    changed = protocol.model_copy(update={"analysis": protocol.analysis.model_copy(update=changes)})
    wrong = mistakes(changed, frozenset({"analysis", "design", "arms"}))
    if wrong:
        raise ValueError(wrong[0].what)
    return changed


CHANGES: dict[str, Change] = {
    "dose": _dose,
    "interval": _interval,
    "against": _against,
    "told": _told,
    "adherence": _adherence,
    "method": _method,
    "looks": _looks,
    "spending": _spending,
    "futility": _futility,
}


def _ranged(name: str, given: str) -> Iterator[str]:
    parts = given.split(":")
    try:
        first, last, step = (float(part) for part in parts)
    except ValueError:
        raise LimenError(
            f"--vary {name}={given}: a range is first:last:step", remedy=f"write {name}=20:200:20"
        ) from None
    if not step > 0 or not first <= last < float("inf"):
        raise LimenError(f"--vary {name}={given}: a range runs upwards by a step above zero")
    if (last - first) / step > MOST:
        raise LimenError(f"--vary {name}={given}: more than {MOST} values", remedy="take a wider step")
    for at in range(floor((last - first) / step * (1 + 1e-9)) + 1):
        yield f"{first + at * step:.10g}"


def _people(value: str) -> int:
    try:
        people = int(float(value)) if float(value).is_integer() else -1
    except ValueError:
        people = -1
    if people < 8:
        raise LimenError(
            f"n={value} is no number of people",
            remedy="give at least 8, in the arms that are compared together",
        )
    return people


def _has_unit(value: str) -> bool:
    return value[-1:].isalpha()


def _unit(protocol: Protocol) -> str:
    written: list[Quantity] = [q for arm in protocol.active_arms if arm.dose for q, _ in arm.dose.drawn]
    if not written:
        raise LimenError("no arm gives the drug", remedy="there is no dose to vary")
    return str(quantity(str(written[0]), "mass").unit)
