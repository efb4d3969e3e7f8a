"""`limen screen`: who a trial would admit, on the medicines and conditions given."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from limen.cli import output
from limen.cli.options import COMPOUNDS, AsJson, taking
from limen.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from limen.safety.reading.patient import Patient
    from limen.safety.rules.book import RuleBook


@dataclass(frozen=True)
class Asked:
    """What `limen screen` was asked."""

    medications: Annotated[
        str | None, typer.Argument(help="A typed medication list, such as 'sertraline 50 mg; Zyrtec'.")
    ] = None
    compound: Annotated[
        str,
        typer.Option(help="LSD or psilocybin; the protocol's where one is given.", autocompletion=COMPOUNDS),
    ] = ""
    dose: Annotated[
        str, typer.Option(help="Such as '3 mg' or '10 ug'; a form may follow ('0.3 g dried mushroom').")
    ] = ""
    file: Annotated[
        Path | None, typer.Option("--file", help="A text file with one patient's medication list.")
    ] = None
    csv: Annotated[
        Path | None,
        typer.Option("--csv", help="Many patients: columns id, medications, conditions, sex, measures."),
    ] = None
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Where the decisions of --csv go; nothing is written without it."),
    ] = None
    fhir: Annotated[Path | None, typer.Option("--fhir", help="A FHIR R4 Bundle (JSON).")] = None
    conditions: Annotated[
        str, typer.Option(help="Such as 'F31.9; epilepsy; BP 150/95; QTc 460; age 70'.")
    ] = ""
    population: Annotated[
        str, typer.Option(help="Of the trial, such as MDD, ADHD or healthy: brings in its own rules.")
    ] = ""
    protocol: Annotated[
        Path | None, typer.Option(help="A protocol: its compound, population and medication rules.")
    ] = None
    rules: Annotated[
        Path | None, typer.Option(help="Local rules (TOML): tighten, add, relax with a reason, choose.")
    ] = None
    force: Annotated[bool, typer.Option("--force", help="Replace the file of --out if it is there.")] = False
    as_json: AsJson = False


@taking(Asked)
def command(asked: Asked) -> None:
    """Screen medicines and conditions for a trial: eligible, not eligible, or needs a clinician, with every rule met.

    A name nobody can place, or one like several, is never passed: the patient needs a clinician. These are facts about
    eligibility, never advice to change a treatment. Nothing about a patient is written unless --out asks for it.

      limen screen --compound psilocybin --dose "3 mg" "sertraline 50 mg; lithium; Zyrtec"
    """
    from limen.safety.screening.dosing import stated_dose
    from limen.safety.screening.screen import screen

    book, compound, population = _rules(asked)
    _one_source(asked)
    dose = stated_dose(compound, asked.dose)
    judge = partial(screen, compound=dose.compound, book=book, population=population, form=dose.form)
    found = map(judge, _patients(asked))
    if asked.csv is not None:
        from limen.safety.screening.funnel import recruited

        output.show(recruited(found, dose.compound, asked.out, asked.force), asked.as_json)
    else:
        from limen.safety.screening.report import People

        output.show(People(tuple(found), dose), asked.as_json)


def _rules(asked: Asked) -> tuple[RuleBook, str, str]:
    """The rule book with the protocol's and the local rules, the compound, and the population."""
    from limen.safety.rules.book import RuleBook, for_protocol
    from limen.safety.rules.overlay import load_overlay

    book, compound, population = RuleBook(), asked.compound, asked.population
    if asked.protocol is not None:
        from limen.protocol import load

        given = load(asked.protocol)
        book, compound = for_protocol(given), compound or given.compound
        population = population or given.population.indication
    if not compound:
        raise DataError("no compound was given", remedy="add --compound psilocybin or --compound LSD")
    return load_overlay(asked.rules, book) if asked.rules else book, compound, population


def _one_source(asked: Asked) -> None:
    """Refuse no source of patients, several, and options that do not go together."""
    csv, out, typed = asked.csv, asked.out, asked.medications
    given = [source for source in (typed, asked.file, csv, asked.fhir) if source is not None]
    if len(given) > 1:
        raise DataError(
            "more than one source of patients", remedy="give one of a list, --file, --csv and --fhir"
        )
    if not asked.conditions.strip() and (not given or (typed is not None and not typed.strip())):
        raise DataError(
            "no medications were given",
            remedy='limen screen --compound LSD "sertraline 50 mg"; where none is taken: "none"',
        )
    if out is not None and (csv is None or (out.exists() and csv.exists() and out.samefile(csv))):
        what = "--out goes with --csv" if csv is None else "--out would write over the patients of --csv"
        raise DataError(what, remedy="give --csv FILE --out ANOTHER FILE")
    if csv is not None and asked.conditions.strip():
        raise DataError("--conditions is for one patient", remedy="give the file a column `conditions`")


def _patients(asked: Asked) -> Iterable[Patient]:
    from limen.safety.reading.intake import patient, patients

    today = date.today()
    if asked.csv is not None:
        return _watched(patients(asked.csv, today), asked.csv)
    if asked.fhir is not None:
        from limen.safety.reading.fhir import bundle

        return bundle(asked.fhir, today)
    from limen.safety.reading.lines import text_file

    typed = text_file(asked.file) if asked.file else asked.medications or ""
    return (patient(typed, asked.conditions, "", today),)


def _watched(people: Iterable[Patient], csv: Path) -> Iterable[Patient]:
    """The people, with a bar on stderr where somebody looks; it counts them and names nobody."""
    if not sys.stderr.isatty():
        return people
    from rich.console import Console
    from rich.progress import track

    with csv.open("rb") as stream:
        total = max(0, sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b"")) - 1)
    return track(people, "screening", total, console=Console(stderr=True), transient=True)
