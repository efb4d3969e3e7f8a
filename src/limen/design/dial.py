"""Dial: what of a protocol is turned by hand, in stops: its dose, what it is compared with, what people are told, how many take part."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10

from limen.compounds import compound
from limen.errors import ProtocolError
from limen.protocol import Arm, Protocol
from limen.protocol.allocation import Allocation
from limen.protocol.doses import implausible, to_base
from limen.units import Quantity, quantity

TOLD = (
    0.5,
    0.8,
)  # chances of the drug that people are told: the protocol's own, and that which is further from it
PEOPLE = (30, 60, 120)  # in both arms together, divided as the protocol divides them
AGENT = "caffeine"  # of the active comparator, where the protocol names none
STOPS = 10  # doses up to the highest for which the trial model holds, about
NEAR = 0.2  # a size that is nearer to the protocol's own gives way to it
ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class DoseStop:
    """A dose of the dial: its `label`, what it is of the base in the compound's unit, whether the protocol asks for it,
    whether it lies in the `measured` range, and why the trial model says nothing of it (`beyond`), if it does not."""

    label: str
    base: float
    own: bool
    measured: bool
    beyond: str | None
    dose: str | None  # as a protocol writes it; None for the levels that the protocol draws


@dataclass(frozen=True)
class Dial:
    """The stops of a protocol's dial. `own` are the places of what it asks for itself."""

    protocol: Protocol
    doses: tuple[DoseStop, ...]
    against: tuple[Arm, ...]
    told: tuple[float, ...]
    people: tuple[tuple[int, int], ...]

    @property
    def own(self) -> dict[str, int]:
        """Places of the protocol's own dose, comparator, what it tells people, and size."""
        p = self.protocol
        sizes = _drug(p).n, _control(p).n
        return {
            "dose": next(at for at, stop in enumerate(self.doses) if stop.own),
            "against": [arm.kind for arm in self.against].index(_control(p).kind),
            "told": self.told.index(_told(p)),
            "people": self.people.index(sizes),
        }

    @property
    def form(self) -> str:
        """The form that doses are stated in."""
        return _drug(self.protocol).form or ""

    @property
    def turned(self) -> tuple[DoseStop, ...]:
        """The doses that are simulated."""
        return tuple(stop for stop in self.doses if stop.beyond is None)

    @property
    def runs(self) -> int:
        """Runs that simulate every stop: one for each dose and each thing people are told."""
        return len(self.turned) * len(self.told)

    def asked(self, stop: DoseStop, told: float, against: tuple[Arm, ...]) -> Protocol:
        """The protocol at one stop, in as many people as the largest size needs, against one comparator or several."""
        drug = _drug(self.protocol)
        most = [max(size[arm] for size in self.people) for arm in (0, 1)]
        given = drug.dose if stop.dose is None else stop.dose
        turned = Arm.model_validate(
            {name: getattr(drug, name) for name in drug.model_fields_set} | {"dose": given, "n": most[0]}
        )
        others = tuple(arm.model_copy(update={"n": most[1]}) for arm in against)
        return self.protocol.model_copy(
            update={"arms": (turned, *others), "allocation": Allocation(told=told)}
        )


def dial(protocol: Protocol) -> Dial:
    """The dial of a protocol. Raises ProtocolError where nothing is blinded or limen simulates no trial of it."""
    _can_be_turned(protocol)
    drug, control = _drug(protocol), _control(protocol)
    inert = control if control.agent is None else Arm(name=_name("placebo", drug), kind="inert placebo", n=1)
    active = (
        control
        if control.agent is not None
        else Arm(name=_name(AGENT, drug), kind="active placebo", n=1, agent=AGENT)
    )
    own = _told(protocol)
    told = sorted({own, max(TOLD, key=lambda t: abs(t - own))})
    both = drug.n + control.n
    totals = sorted({both, *(n for n in PEOPLE if abs(n - both) > NEAR * both)})
    sizes = tuple((drug.n, control.n) if n == both else _divided(n, n * (drug.n / both)) for n in totals)
    return Dial(protocol, _doses(drug), (inert, active), tuple(told), sizes)


def _can_be_turned(protocol: Protocol) -> None:
    name = protocol.name
    if not protocol.control_arms or protocol.design_kind.known:
        raise ProtocolError(
            f"{name} compares the drug with nothing, so there is no blind to be broken",
            remedy="give it a placebo arm: kind: inert placebo, or active placebo with its agent",
        )
    if protocol.design_kind.unsimulated is not None:
        raise ProtocolError(
            f"{name} cannot be turned: {protocol.design_kind.unsimulated}", remedy="write it as parallel arms"
        )
    record = protocol.record
    if record.refused is not None:
        raise ProtocolError(f"no trial of {record.name} is simulated: {record.refused}")


def _drug(protocol: Protocol) -> Arm:
    return protocol.active_arms[0]


def _control(protocol: Protocol) -> Arm:
    return protocol.control_arms[0]


def _told(protocol: Protocol) -> float:
    told = protocol.allocation.told
    return 0.5 if told is None else float(told)


def _name(wanted: str, drug: Arm) -> str:
    return wanted if wanted.casefold() != drug.name.casefold() else f"{wanted} arm"


def _divided(people: int, first: float) -> tuple[int, int]:
    """So many people in two arms, about `first` of them in the first and at least two in each."""
    first = min(max(round(first), 2), people - 2)
    return first, people - first


def _doses(drug: Arm) -> tuple[DoseStop, ...]:
    """Round doses in the unit the protocol writes, up to one beyond the highest that the trial model holds for, and the
    protocol's own."""
    assert drug.dose is not None
    assert drug.form is not None
    unit = drug.dose.drawn[0][0].unit
    record = compound(drug.compound or "")
    assert record.domain is not None
    highest = record.domain.high / _base(Quantity(1.0, unit), drug)
    step = _round(highest / STOPS)
    count = floor(highest / step * 1.0001) + 1
    values = {round(step * at, 9) for at in range(1, count + 1)}
    stops = [_stop(Quantity(value, unit), drug) for value in values]
    own = drug.dose.fixed
    if own is None:
        stops.append(_levels(drug))
    else:
        same = Quantity(round(own.to(unit), 9), unit)
        stops = [stop for stop in stops if quantity(str(stop.dose), "mass").to(unit) != same.value]
        stops.append(_stop(same, drug, own=True))
    said = [s for s in stops if s.own or (s.dose and not implausible(quantity(s.dose, "mass"), drug.form))]
    return tuple(sorted(said, key=lambda stop: (stop.base, not stop.own)))


def _base(dose: Quantity, drug: Arm) -> float:
    assert drug.form is not None
    median = drug.potency.median if drug.potency is not None else None
    return to_base(dose, drug.form, median, drug.content)


def _stop(dose: Quantity, drug: Arm, own: bool = False) -> DoseStop:
    base = _base(dose, drug)
    return _said(f"{dose.value:g} {dose.unit}", drug, [base], base, own, f"{dose.value:g} {dose.unit}")


def _levels(drug: Arm) -> DoseStop:
    assert drug.dose is not None
    written = [q for q, _ in drug.dose.drawn]
    label = f"{written[0].value:g} to {written[-1].value:g} {written[0].unit}"
    return _said(label, drug, [base for base, _ in drug.dose_levels], drug.base_dose(), True, None)


def _said(label: str, drug: Arm, bases: list[float], base: float, own: bool, dose: str | None) -> DoseStop:
    record = compound(drug.compound or "")
    assert record.domain is not None
    low, kinetics = record.domain.low, record.kinetic_set(drug.route, max(bases))
    measured = all(low <= b * 1.0001 and kinetics.measured(b) for b in bases)
    beyond = record.beyond(max(bases))
    return DoseStop(label, base, own, measured and beyond is None, beyond, dose)


def _round(step: float) -> float:
    """The round number nearest to a step, by ratio."""
    size = 10.0 ** floor(log10(step))
    return size * min(ROUND, key=lambda r: abs(log10(step / (size * r))))
