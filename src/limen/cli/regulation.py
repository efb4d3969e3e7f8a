"""`limen regulation`: what is the law on this compound, there, on that day?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen.cli.options import AsJson, Force, among
from limen.cli.output import show, wrote

NAME = "regulation"


def command(
    jurisdiction: Annotated[
        str | None,
        typer.Option(
            "--jurisdiction",
            "-j",
            help="ISO 3166 code: AU, US-OR; left out, every place.",
            autocompletion=among("limen.regulation.events", "jurisdictions"),
        ),
    ] = None,
    compound: Annotated[
        str,
        typer.Option(
            "--compound",
            "-c",
            help="LSD, psilocybin, psilocybin mushrooms, MDMA ...",
            autocompletion=among("limen.regulation.events", "compounds"),
        ),
    ] = "psilocybin",
    on: Annotated[str | None, typer.Option("--on", help="Day, YYYY-MM-DD; today if left out.")] = None,
    as_json: AsJson = False,
    figure: Annotated[
        Path | None, typer.Option("--figure", help="Draw the timeline of every jurisdiction (SVG, PDF, PNG).")
    ] = None,
    force: Force = False,
) -> None:
    """The status in force on a day, the event that made it so, what it allows, what is pending and what comes
    next.

    Only enacting events change a status: applications, announcements, recommendations and drafts are pending.
    A date known to the year spans that year, and inside it nobody can tell. The day the data reach to is
    always shown.

        limen regulation --on 2024-06-01 --jurisdiction AU --compound psilocybin
    """
    from datetime import date

    from limen.regulation.report import everywhere
    from limen.regulation.status import iso_day, status_on

    when = iso_day(on) if on is not None else date.today()
    if figure is not None:
        from limen.figures import files, law_timeline
        from limen.files import vacant
        from limen.regulation.timeline import timeline

        if not force:
            vacant(figure)
        wrote([files.save(law_timeline.chart(law_timeline.table(timeline(compound))), figure)])
        if jurisdiction is None:
            return
    found = everywhere(compound, when) if jurisdiction is None else status_on(jurisdiction, compound, when)
    show(found, as_json)
