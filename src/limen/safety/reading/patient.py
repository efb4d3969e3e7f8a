"""One person as read from a list, a table or a record."""

from __future__ import annotations

from dataclasses import dataclass, field

from limen.heard import Heard, Reading
from limen.safety.reading import conditions
from limen.safety.reading.conditions import Condition, Measurements
from limen.safety.reading.names import Medicine
from limen.safety.reading.spelling import NO_RULE


@dataclass(frozen=True)
class Patient:
    """What is known of one person. `id` is for the caller's bookkeeping; nothing here is written unless asked."""

    id: str = ""
    medications: tuple[Medicine, ...] = ()
    conditions: tuple[Condition, ...] = ()
    measured: Measurements = field(default_factory=Measurements)
    ignored: tuple[str, ...] = ()
    unread: tuple[Heard, ...] = ()  # parts of a record that nobody read, or that are not there


def heard(patient: Patient) -> Reading:
    """What was understood of a person's medicines, conditions, measurements and record, and what was not."""
    understood, denied, guessed, unread = [], [], [], []
    for m in patient.medications:
        named = " + ".join(m.drugs) or " + ".join(m.meaning.guess)
        if m.denied:
            denied.append(Heard("medicine", named, m.text, m.denied))
        elif m.meaning.guess or (m.negated and m.drugs):
            guessed.append(
                Heard("medicine", named, m.text, "a likeness" if m.meaning.guess else "is it taken?")
            )
        elif m.drugs or m.meaning.how == NO_RULE:
            understood.append(Heard("medicine", named or m.meaning.candidates[0][0], m.text, _taking(m)))
        else:
            unread.append(Heard("medicine", "", m.text, m.meaning.how))
    medicines = Reading(tuple(understood), tuple(denied), tuple(guessed), tuple(unread))
    return (
        medicines
        + conditions.conditions_heard(patient.conditions, patient.measured)
        + Reading(unread=patient.unread)
    )


def _taking(medicine: Medicine) -> str:
    if not medicine.stopped:
        return ""
    return "stopped" if medicine.stopped_days is None else f"stopped {medicine.stopped_days:g} d ago"
