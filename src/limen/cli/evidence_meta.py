"""`limen evidence meta`: pooled effects, or the honest absence of a pool."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Bayes = Annotated[bool, typer.Option("--bayes", help="Sample the Bayesian model too (loads JAX; seconds).")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Figure = Annotated[Path | None, typer.Option("--figure", help="Draw the forest plot (SVG, PDF, PNG).")]


def meta(
    outcome: Annotated[
        str, typer.Option("--outcome", "-o", help="A construct (depression, anxiety, adhd) or an outcome.")
    ],
    dose_class: Annotated[
        list[str],
        typer.Option("--dose-class", help="Repeat to pool classes, which are otherwise kept apart."),
    ] = ["microdose"],  # noqa: B006
    compound: Annotated[str | None, typer.Option("--compound", "-c", help="LSD or psilocybin.")] = None,
    measure: Annotated[str, typer.Option("--measure", help="smd (Hedges g), md, rr or or.")] = "smd",
    method: Annotated[
        str, typer.Option("--method", help="Heterogeneity: REML, ML, DL, PM; EE for a common effect.")
    ] = "REML",
    hartung_knapp: Annotated[
        bool, typer.Option(help="Hartung-Knapp intervals with the ad-hoc guard.")
    ] = True,
    timepoint: Annotated[
        float | None, typer.Option("--timepoint", help="Week; the last one if left out.")
    ] = None,
    subgroup: Annotated[
        str | None, typer.Option("--subgroup", help="compound, dose_class, control, verification or outcome.")
    ] = None,
    moderator: Annotated[str | None, typer.Option("--moderator", help="Regress on year, size or se.")] = None,
    bayes: Bayes = False,
    as_json: Json = False,
    figure: Figure = None,
) -> None:
    """Pool the effects on an outcome, one a set of participants; with one trial, say what a second would add.

    Standardised effects above zero favour the active arm. Dose classes are never pooled unless asked; results
    that are only a direction, uncontrolled, or of the same people again are listed with the reason.

        limen evidence meta --outcome depression --dose-class microdose
    """
    from limen import files
    from limen.evidence import report
    from limen.evidence.contrasts import MEASURES
    from limen.evidence.meta import MetaChoices, meta_analysis
    from limen.evidence.pool import METHODS
    from limen.evidence.tables import one_of

    scale = one_of("effect measure", measure.lower(), MEASURES)
    found = meta_analysis(
        outcome,
        dose_class=dose_class,
        compound=compound,
        measure=scale,
        timepoint=timepoint,
        pooling=MetaChoices(
            one_of("method", method.upper(), METHODS), hartung_knapp, subgroup, moderator, bayes
        ),
    )
    if figure is not None:
        from limen.figures import files as drawings
        from limen.figures import forest as plot
        from limen.figures.forest_lines import table

        typer.echo(f"drew {drawings.save(plot.chart(table(found)), figure)}", err=True)
    typer.echo(files.json_text(report.meta_data(found)) if as_json else "\n".join(report.meta_text(found)))
