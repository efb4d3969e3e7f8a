"""When people are seen and what is measured then, as the encounters, activities and timeline of USDM."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from limen.exchange.objects import Object, Objects, chained, in_units, iso
from limen.protocol import Protocol
from limen.units import Quantity

_NEXT: dict[str, Any] = {"previousId": None, "nextId": None}


def write_visits(w: Objects, p: Protocol, epoch: str) -> dict[str, list[Object]]:
    """Encounters, activities and the main timeline of a protocol."""
    measured = {one.id: _activity(w, one.registered.full_name) for one in p.outcomes}
    encounters, instances, timings = list[Object](), list[Object](), list[Object]()
    for number, time in enumerate([Quantity(0, "wk"), *_times(p)]):
        name = f"visit {number + 1}"
        encounters.append(w.plain(
            "Encounter", name, label=in_units(time), type=w.code("study", "visit"), scheduledAtId=None, environmentalSettings=[],
            contactModes=[], transitionStartRule=None, transitionEndRule=None, **_NEXT,
        ))  # fmt: skip
        at = {
            one.id
            for one in p.outcomes
            if not number or (one.week is not None and abs(one.week - time.to("wk")) < 1e-6)
        }
        instances.append(w.new(
            "ScheduledActivityInstance", name=name, label=None, description=None, defaultConditionId=None, epochId=epoch, timelineId=None,
            timelineExitId=None, activityIds=[measured[id]["id"] for id in measured if id in at], encounterId=encounters[-1]["id"],
        ))  # fmt: skip
        timings.append(w.new(
            "Timing", name=f"time of {name}", label=None, description=None, type=w.code("timing", "after" if number else "fixed"),
            value=iso(time), valueLabel=in_units(time), relativeToFrom=w.code("timing", "start"), windowLower=None, windowUpper=None,
            windowLabel=None, relativeFromScheduledInstanceId=instances[-1]["id"], relativeToScheduledInstanceId=instances[0]["id"] if number else None,
        ))  # fmt: skip
        encounters[-1]["scheduledAtId"] = timings[-1]["id"]
    for before, after in pairwise(instances):
        before["defaultConditionId"] = after["id"]
    out = w.new("ScheduleTimelineExit")
    instances[-1]["timelineExitId"] = out["id"]
    timeline = w.new(
        "ScheduleTimeline", name="Visits", label=None, description=None, mainTimeline=True, entryCondition="Enrolled",
        entryId=instances[0]["id"], exits=[out], timings=timings, instances=instances, plannedDuration=None,
    )  # fmt: skip
    return {
        "encounters": chained(encounters),
        "activities": chained([*measured.values()]),
        "scheduleTimelines": [timeline],
    }


def _activity(w: Objects, name: str) -> Object:
    return w.plain(
        "Activity", name, childIds=[], definedProcedures=[], biomedicalConceptIds=[], bcCategoryIds=[], bcSurrogateIds=[],
        timelineId=None, **_NEXT,
    )  # fmt: skip


def _times(p: Protocol) -> tuple[Quantity, ...]:
    """The visits after the first."""
    if p.visits.at is not None:
        return p.visits.at
    assert p.visits.every is not None
    each, unit = p.visits.every.value, p.visits.every.unit
    return tuple(Quantity(each * number, unit) for number in range(1, len(p.visits.weeks)))
