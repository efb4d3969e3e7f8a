"""What weakens the answer to a protocol: what stands in for what nobody measured, and what its trial leaves out.

One list for whoever shows a result of a protocol and for whoever checks it before there is one; it loads no JAX.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb

from limen.compounds import compound
from limen.parameters import ParameterSet
from limen.parameters.announced import announced, whole_week
from limen.protocol import Arm, Protocol
from limen.protocol.arms import Titrate
from limen.safety.screening.admission import ANTIDEPRESSANTS, Admitted, admission
from limen.units import lasting, moment

LISTED = 6  # doses named one by one


def cautions(
    protocol: Protocol, parameters: ParameterSet, admitted: tuple[Admitted, ...] | None = None
) -> tuple[str, ...]:
    """Everything a reader of a simulated result of this protocol is warned of, in sentences without their stop.

    `admitted` is what its trial makes of each comedication, worked out where left out.
    """
    model = announced(protocol, parameters).model
    return (
        *of_doses(protocol),
        *_of_primary(protocol, model),
        *_moved(protocol, model),
        *_barred(protocol, admitted),
        *_assumed(protocol),
        *_put_in_arms(protocol, model),
        *_of_design(protocol),
    )


def of_doses(protocol: Protocol) -> tuple[str, ...]:
    """Those of them that weaken what is said of concentrations."""
    weighed = any(arm.dose is not None and arm.dose.per_kg is not None for arm in protocol.arms)
    return (
        *(said.removesuffix(".") for said in [protocol.record.caution] if said),
        *_extrapolated(protocol),
        *["doses per kilogram are drawn over weights, and clearance does not grow with weight"] * weighed,
    )


def _of_primary(protocol: Protocol, model: str | None) -> Iterator[str]:
    """What the primary outcome does not say, and from when to when it looks back."""
    primary = protocol.primary
    entry, week = primary.registered, primary.week
    if entry.neutral:
        yield (
            f"neither end of {entry.full_name} is a benefit: a difference says that the drug does something, not that it helps"
        )
    begins = protocol.schedule.first_dose / 7
    if week is not None and entry.window is not None and week - begins < entry.window - 1e-9:
        yield (
            f"the {entry.full_name} looks back over {lasting(entry.window)}, and {moment(week)} a part of them lies before the "
            "first dose"
        )
    if week is not None and model is not None and abs(week - whole_week(week)) > 1e-9:
        yield f"the {entry.full_name} {moment(week)} is simulated as its score at the end of week {whole_week(week)}"


def _moved(protocol: Protocol, model: str | None) -> Iterator[str]:
    """Visits between whole weeks."""
    own = None if model is None else protocol.primary.week
    weeks = [week for week in protocol.visits.weeks if own is None or abs(week - own) > 1e-9]
    moved = [moment(week) for week in weeks if abs(week - round(week)) > 1e-9]
    if moved:
        yield f"visits {', '.join(moved)} are simulated at the nearest whole week"


def _extrapolated(protocol: Protocol) -> Iterator[str]:
    """Doses beyond those in which the kinetics were measured."""
    given = compound(protocol.compound)
    doses = sorted({dose for arm in protocol.arms for dose in arm.every_dose})
    route = next(arm.route for arm in protocol.arms if arm.gives_drug)
    kinetics = given.kinetic_set(route, doses[-1])
    outside = [dose for dose in doses if not kinetics.measured(dose)]
    if not outside:
        return
    low, high = kinetics.low, kinetics.high
    listed = ", ".join(f"{dose:.3g}" for dose in outside)
    if len(outside) > LISTED:
        some = "all" if len(outside) == len(doses) else f"{len(outside)} of"
        listed = f"{some} {len(doses)} doses between {outside[0]:.3g} and {outside[-1]:.3g}"
    measured = f"{low:g} {given.unit}" if low == high else f"{low:g}-{high:g} {given.unit}"
    yield (
        f"{listed} {given.unit}: outside the range in which the {kinetics.label} parameters were measured ({measured}), "
        "so concentrations are an extrapolation"
    )


def _barred(protocol: Protocol, admitted: tuple[Admitted, ...] | None) -> Iterator[str]:
    share = protocol.population.on_antidepressant
    if not share:
        return
    found = admission(protocol) if admitted is None else admitted
    if found and all(one.let_in + one.held == 0 for one in found if one.name in ANTIDEPRESSANTS):
        yield (
            f"{share:.0%} of the people are said to take an antidepressant, but every antidepressant is excluded: "
            "nobody on one is simulated"
        )


def _assumed(protocol: Protocol) -> list[str]:
    """What stands in for what nobody measured, where the protocol asks for it."""
    ill, notes = protocol.population.ill, list[str]()
    if protocol.record.safety is not None and ill.takes != ill.name:
        notes.append(f"what people with {ill.name} take besides is taken from {ill.takes}: an assumption")
    for arm in protocol.arms:
        if arm.agent is not None and arm.agent != arm.noticed:
            notes.append(f"{arm.agent} is noticed as often as {arm.noticed}: an assumption")
    inert = sorted({one.name for arm in protocol.arms for one in arm.added if one.role == "inert"})
    if inert:
        notes.append(f"{', '.join(inert)} is taken to do nothing: an assumption")
    if protocol.alongside:
        beside = ", ".join(protocol.alongside)
        notes.append(
            f"{beside} beside the capsules is equal in all arms; what it adds to the course was not measured"
        )
    if protocol.sites > 1:
        notes.append(
            f"{protocol.sites} sites are simulated as one: how they differ is in the spread between trials"
        )
    return notes


def _put_in_arms(protocol: Protocol, model: str | None) -> list[str]:
    """What a scheme of allocation gives away, and what of it nothing simulated hangs on."""
    how, notes = protocol.allocation, list[str]()
    unseen = [one for one in how.strata if one != "antidepressant" and (one != "baseline" or model is None)]
    if unseen:
        notes.append(
            f"strata of {', '.join(unseen)} are spread evenly, and no simulated score hangs on them: balancing them changes nothing here"
        )
    size = min(how.blocks, default=sum(protocol.ratio))
    if how.by == "blocks" and protocol.ratio == (1, 1):
        notes.append(
            f"in blocks of {size} whoever learns the arms of those before, by noticing too, guesses {_foreseen(size):.0%} of the next "
            "ones right; guessing alone is right in 50%"
        )
    return notes


def _foreseen(size: int) -> float:
    """Share of allocations in blocks of 2b, two arms alike, that the best guess from those before gets right:
    [b + (2^2b / C(2b, b) - 1) / 2] / 2b. Source: blackwell1957."""
    b = size // 2
    return (b + (4**b / comb(2 * b, b) - 1) / 2) / size


def titrated_by_percept(protocol: Protocol, arm: Arm) -> Titrate | None:
    """The titration of an arm whose doses move by what its people notice, where that is simulated: not over the periods of a
    crossover, nor for a compound of which nobody knows what is noticed."""
    moved = None if arm.dose is None else arm.dose.titrate
    alone = moved is not None and moved.by_percept
    return moved if alone and protocol.record.simulated and not protocol.design_kind.periods else None


def _titrated(protocol: Protocol) -> Iterator[str]:
    """How far doses that move by a rule are simulated."""
    for arm in protocol.arms:
        if arm.dose is None or arm.dose.titrate is None:
            continue
        moved = titrated_by_percept(protocol, arm)
        if moved is None:
            how = (
                ""
                if arm.dose.titrate.by_percept
                else "; write steps where it moves over time, felt and unfelt where by what is noticed"
            )
            yield f"titration of {arm.name} is simulated as dose levels drawn once per person, not by its rule{how}"
            continue
        often = "after every dose" if moved.review is None else f"every {moved.review}"
        yield (
            f"doses of {arm.name} move by what people notice, {moved.felt or 'stay'} where something was and {moved.unfelt or 'stay'} where "
            f"nothing was, looked at {often}; what else its rule says is not simulated"
        )


def _of_design(protocol: Protocol) -> Iterator[str]:
    """What the design and its analysis mean for whoever reads the result."""
    if protocol.analysis.sided == 1:
        yield "the protocol plans a one-sided test: every p of a difference is that of a benefit, and harm is never significant"
    yield from _titrated(protocol)
    if protocol.schedule.lead_in is not None:
        yield "ratings of dosing days are means over the capsules of the lead-in too"
    if protocol.taken_off:
        yield "everybody is simulated as blinded from the first dose on, an open stage before the withdrawal too"
    yield from _adapted(protocol)
    if protocol.design_kind.periods:
        yield "drug, tolerance and effect carry over between the periods of the crossover; a period has no effect of its own"
    if any(arm.kind == "open label" for arm in protocol.arms) and protocol.compared[1] is not None:
        yield "an open-label arm stands beside a control: what participants are told differs between arms"


def _adapted(protocol: Protocol) -> Iterator[str]:
    """What a decision on the way means for the numbers beside it."""
    if protocol.analysis.drop is not None:
        first = protocol.arms[protocol.compared[0]].name
        yield (
            f"which arm is kept is decided on the way: significance is that of the kept one, the parts of the difference are those of {first}, "
            "and what settles the question is not counted"
        )
    if protocol.analysis.resize is not None:
        yield "the size is decided on the way: what people notice, guess and leave is counted in the largest"
