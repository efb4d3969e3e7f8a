"""`limen screen`: who a trial would admit, on the medicines and conditions given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from limen.cli.options import taking

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from limen.safety.reading.patient import Patient
    from limen.safety.screening.dosing import StatedDose
    from limen.safety.screening.screen import Screening

    Judge = Callable[[Patient], Screening]

NAME = "screen"
EVERY = 200


@dataclass(frozen=True)
class Options:
    """What may be said to it."""

    medications: Annotated[
        str | None, typer.Argument(help="A typed medication list, such as 'sertraline 50 mg; Zyrtec'.")
    ] = None
    compound: Annotated[str, typer.Option(help="LSD or psilocybin; the protocol's where one is given.")] = ""
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
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False


@taking(Options)
def command(given: Options) -> None:
    """Screen medicines and conditions for a trial: eligible, not eligible, or needs a clinician, with every rule met.

    A name nobody can place, or one like several, is never passed: the patient needs a clinician. These are facts about
    eligibility, never advice to change a treatment. Nothing about a patient is written unless --out asks for it.

      limen screen --compound psilocybin --dose "3 mg" "sertraline 50 mg; lithium; Zyrtec"
    """
    from datetime import date
    from functools import partial

    from limen.safety.reading.intake import patient
    from limen.safety.reading.lines import text_file
    from limen.safety.rules.book import RuleBook, for_protocol
    from limen.safety.rules.overlay import load_overlay

    book, compound, population = RuleBook(), given.compound, given.population
    if given.protocol is not None:
        from limen.protocol import load

        asked = load(given.protocol)
        book, compound = for_protocol(asked), compound or asked.compound
        population = population or asked.population.indication
    if given.rules is not None:
        book = load_overlay(given.rules, book)
    _coherent(given, compound)
    from limen.safety.screening.dosing import stated_dose
    from limen.safety.screening.screen import screen

    understood, today = stated_dose(compound, given.dose), date.today()
    judge = partial(screen, compound=compound, book=book, population=population, form=understood.form)
    if given.csv is not None:
        _many(given.csv, given, judge, understood, today)
        return
    if given.fhir is not None:
        from limen.safety.reading.fhir import bundle

        people = bundle(given.fhir, today)
    else:
        listed = text_file(given.file) if given.file else given.medications or ""
        people = (patient(listed, given.conditions, "", today),)
    _few(people, judge, understood, given.as_json)


def _coherent(given: Options, compound: str) -> None:
    """Raises DataError for what is missing, or does not go together."""
    from limen.errors import DataError

    medications, csv, out = given.medications, given.csv, given.out
    if not compound:
        raise DataError("no compound was given", remedy="add --compound psilocybin or --compound LSD")
    sources = [source for source in (medications, given.file, csv, given.fhir) if source is not None]
    if len(sources) > 1:
        raise DataError(
            "more than one source of patients", remedy="give one of a list, --file, --csv and --fhir"
        )
    stated = given.conditions.strip()
    if not stated and (not sources or (medications is not None and not medications.strip())):
        raise DataError(
            "no medications were given",
            remedy='limen screen --compound LSD "sertraline 50 mg"; where none is taken: "none"',
        )
    if out is not None and (csv is None or (out.exists() and csv.exists() and out.samefile(csv))):
        what = "--out goes with --csv" if csv is None else "--out would write over the patients of --csv"
        raise DataError(what, remedy="give --csv FILE --out ANOTHER FILE")
    if csv is not None and stated:
        raise DataError("--conditions is for one patient", remedy="give the file a column `conditions`")


def _few(people: tuple[Patient, ...], judge: Judge, dose: StatedDose, as_json: bool) -> None:
    from limen.files import json_text
    from limen.safety.screening.report import people_data, people_text

    found = [judge(person) for person in people]
    typer.echo(json_text(people_data(found, dose)) if as_json else "\n".join(people_text(found, dose)))


def _many(csv: Path, given: Options, judge: Judge, dose: StatedDose, today: date) -> None:
    from limen.files import json_text
    from limen.safety.reading.intake import patients
    from limen.safety.screening.funnel import Funnel, write_rows
    from limen.safety.screening.report import funnel_data

    funnel = Funnel()

    def screened() -> Any:
        with _progress(csv) as step:
            for person in patients(csv, today):
                result = judge(person)
                funnel.add(result)
                step()
                yield result

    if given.out is not None:
        write_rows(given.out, screened(), given.force)
    else:
        for _ in screened():
            pass
    typer.echo(
        json_text(funnel_data(funnel, dose.compound)) if given.as_json else "\n".join(funnel.as_text())
    )


def _progress(csv: Path) -> Any:
    """A bar on stderr where somebody looks; it counts patients and names nobody."""
    from contextlib import contextmanager

    @contextmanager
    def bar() -> Any:
        import sys

        if not sys.stderr.isatty():
            yield lambda: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        with csv.open("rb") as stream:
            total = max(0, sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b"")) - 1)
        columns = ("screening", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task, seen = progress.add_task("", total=total), 0

            def step() -> None:
                nonlocal seen
                seen += 1
                if seen % EVERY == 0:
                    progress.update(task, completed=seen)

            yield step

    return bar()
