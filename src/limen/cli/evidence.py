"""`limen evidence`: what is already known, what can be pooled, what a sentence is worth; a user's own rows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from limen.cli.options import AsJson, Force, Level, Only, taking
from limen.cli.output import show, wrote

if TYPE_CHECKING:
    from limen.evidence.listings import Listing

NAME = "evidence"
app = typer.Typer(
    no_args_is_help=True,
    help="What is already known: studies, outcomes, comparators, claims, references, and what can be pooled.",
)
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV with every column.")]
Bibtex = Annotated[bool, typer.Option("--bibtex", help="Print the references of these rows as BibTeX.")]
Limit = Annotated[
    int | None, typer.Option("--limit", min=1, help="At most so many rows; at a terminal 20 if left out.")
]
AT_A_TERMINAL = 20
OUTCOME = "A construct (depression, anxiety, adhd) or an outcome."


class Filter:
    """Every condition on rows, once: the commands that list take those of their rows, `refs` and `meta` theirs."""

    compound = Annotated[
        str | None, typer.Option("--compound", "-c", help="LSD, psilocybin (mushrooms included) ...")
    ]
    dose_class = Annotated[
        str | None, typer.Option("--dose-class", help="microdose, low dose comparator, full dose.")
    ]
    indication = Annotated[
        str | None, typer.Option("--indication", help="depression, anxiety, ADHD, healthy ...")
    ]
    design = Annotated[
        str | None, typer.Option("--design", help="Words of the design: RCT, crossover, open-label ...")
    ]
    year = Annotated[str | None, typer.Option("--year", help="2025, or a span such as 2022-2026.")]
    verification = Annotated[
        str | None, typer.Option("--verification", help="seen, recalled, derived or not_found.")
    ]
    topic = Annotated[str | None, typer.Option("--topic", help="clinical, pharmacology, hpa, regulatory ...")]
    verdict = Annotated[
        str | None,
        typer.Option("--verdict", help="supported, partly supported, contradicted, not found, opinion."),
    ]
    outcome = Annotated[str | None, typer.Option("--outcome", "-o", help=OUTCOME)]  # fmt: skip


class Lists:
    """The commands that list rows: the filters each answers to, and its help."""

    studies = (
        "compound dose_class indication design year verification",
        "Studies and registered trials, one a row.",
    )
    outcomes = (
        "outcome compound dose_class indication design year verification",
        "Results by arm, and contrasts, as found: a direction without a number stays a direction.",
    )
    comparators = (
        "indication compound verification",
        "Standard care and full-dose trials, with the control of each: read it before comparing.",
    )
    claims = "topic verdict verification", "Claims of a popular article beside what the literature says."
    pipeline = (
        "compound dose_class indication design year verification",
        "Registered trials, planned or done. A planned size is a target, and says so.",
    )


def _lister(name: str, filters: str, text: str) -> Callable[..., None]:
    """A command that lists rows of a kind, with the filters it answers to and the three forms."""

    def command(
        limit: int | None, as_json: bool, as_csv: bool, as_bibtex: bool, **chosen: str | None
    ) -> None:
        from limen.evidence.listings import listing
        from limen.evidence.tables import Filters

        _print(listing(name, Filters(**chosen)), limit, as_json, as_csv, as_bibtex)

    options = [(each, vars(Filter)[each], None) for each in filters.split()]
    forms = [
        ("limit", Limit, None),
        ("as_json", AsJson, False),
        ("as_csv", Csv, False),
        ("as_bibtex", Bibtex, False),
    ]
    command.__name__, command.__doc__, command.__annotations__ = name, text, dict[str, object]()
    command.__dict__["__signature__"] = Signature(
        [Parameter(n, Parameter.KEYWORD_ONLY, default=d, annotation=a) for n, a, d in (*options, *forms)]
    )
    return command


for _name, _kind in vars(Lists).items():
    if not _name.startswith("_"):
        app.command(_name)(_lister(_name, *_kind))


@app.command()
def refs(
    key: Annotated[
        list[str] | None, typer.Argument(help="Citation keys; left out, all.", show_default=False)
    ] = None,
    year: Filter.year = None,
    search: Annotated[str | None, typer.Option("--search", help="Words in author, title or journal.")] = None,
    limit: Limit = None,
    as_json: AsJson = False,
    as_csv: Csv = False,
    as_bibtex: Bibtex = False,
) -> None:
    """The bibliography. Its notes say which DOI was seen and which was recalled."""
    from limen.evidence.listings import reference_list

    _print(reference_list(key or [], year, search), limit, as_json, as_csv, as_bibtex)


@app.command()
def facts(
    table: Annotated[
        str | None,
        typer.Argument(help="A table, such as mechanism/hpa; left out, the list.", show_default=False),
    ] = None,
    limit: Limit = None,
    as_json: AsJson = False,
    as_csv: Csv = False,
    as_bibtex: Bibtex = False,
) -> None:
    """Any shipped table as it was found, with source and verification of each row."""
    from limen.evidence import listings

    _print(listings.facts(table), limit, as_json, as_csv, as_bibtex)


@app.command()
def check(
    text: Annotated[str, typer.Argument(help="A claim in words.", show_default=False)],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many claims at most.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Whether a sentence is a known claim: its verdict, or in what it differs and what limen holds on it.

    limen evidence check "microdosing lowers cortisol"
    """
    from limen.evidence import check as checking

    show(checking.check(text, count), as_json)


@app.command()
def article(
    text: Annotated[
        Path | None,
        typer.Argument(
            help="An article as plain text; left out, the claims limen holds.", show_default=False
        ),
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="Of the article whose text is given.")] = None,
    published: Annotated[str | None, typer.Option("--published", help="The day, YYYY-MM-DD.")] = None,
    link: Annotated[str | None, typer.Option("--link", help="Where it can be read.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="A page for an editor: FILE.html or FILE.md.")
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """The article against the literature, sentence by sentence: verdict, what was published, and sources.

    A sentence stands in quotation marks only where it is the article's own, which then has a title, a date and a link.

        limen evidence article --out article.html

        limen evidence article text.txt --title "..." --published 2024-05-01 --link https://...
    """
    from limen.evidence.article import article_beside, quoted_from

    whose = quoted_from(text, title, published, link)
    if out is None:
        show(article_beside(text, whose), as_json)
        return
    from limen.dossier.article import writable, write_article

    writable(out, force)
    found = article_beside(text, whose)
    wrote([write_article(found, out, force)])
    if as_json:
        show(found, as_json)
    else:
        typer.echo(found.lines()[0])


@app.command()
def add(
    file: Annotated[
        Path, typer.Argument(help="A CSV of extraction rows, or a BibTeX file.", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Check a file of your own extraction rows and add it to your overlay, whole or not at all.

    The table is recognised by its header; the same guard as for the shipped rows applies. Add the reference
    first (a .bib file), then the study, then its outcomes. The overlay is LIMEN_OVERLAY, or a folder of your
    user data.
    """
    from limen.evidence import overlay

    show(overlay.add(file), as_json)


@dataclass(frozen=True)
class Pooled:
    """What may be said of a meta-analysis."""

    outcome: Annotated[str, typer.Option("--outcome", "-o", help=OUTCOME)]
    dose_class: Annotated[
        list[str],
        typer.Option("--dose-class", help="Repeat to pool classes, which are otherwise kept apart."),
    ] = field(default_factory=lambda: ["microdose"])
    compound: Filter.compound = None
    measure: Annotated[str, typer.Option("--measure", help="smd (Hedges g), md, rr or or.")] = "smd"
    method: Annotated[
        str, typer.Option("--method", help="Heterogeneity: REML, ML, DL, PM; EE for a common effect.")
    ] = "REML"
    hartung_knapp: Annotated[
        bool,
        typer.Option(
            "--hartung-knapp/--normal", help="Hartung-Knapp intervals with the ad-hoc guard, or normal ones."
        ),
    ] = True
    timepoint: Annotated[
        float | None, typer.Option("--timepoint", min=0, help="Week; the last one if left out.")
    ] = None
    subgroup: Annotated[
        str | None, typer.Option("--subgroup", help="compound, dose_class, control, verification or outcome.")
    ] = None
    moderator: Annotated[str | None, typer.Option("--moderator", help="Regress on year, size or se.")] = None
    bayes: Annotated[
        bool, typer.Option("--bayes", help="Sample the Bayesian model too (loads JAX; seconds).")
    ] = False
    as_json: AsJson = False
    figure: Annotated[Path | None, typer.Option("--figure", help="Draw the forest plot (SVG, PDF, PNG).")] = (
        None
    )
    force: Force = False


@app.command()
@taking(Pooled)
def meta(given: Pooled) -> None:
    """Pool the effects on an outcome, one a set of participants; with one trial, say what a second would add.

    Standardised effects above zero favour the active arm. Dose classes are never pooled unless asked; results
    that are only a direction, uncontrolled, or of the same people again are listed with the reason.

        limen evidence meta --outcome depression --dose-class microdose
    """
    from limen.evidence.contrasts import MEASURES
    from limen.evidence.meta import MetaChoices, meta_analysis
    from limen.evidence.pool import METHODS
    from limen.evidence.tables import one_of
    from limen.files import vacant

    scale, how = (
        one_of("effect measure", given.measure.lower(), MEASURES),
        one_of("method", given.method.upper(), METHODS),
    )
    if given.figure is not None and not given.force:
        vacant(given.figure)
    pooling = MetaChoices(how, given.hartung_knapp, given.subgroup, given.moderator, given.bayes)
    found = meta_analysis(
        given.outcome,
        dose_class=given.dose_class,
        compound=given.compound,
        measure=scale,
        timepoint=given.timepoint,
        pooling=pooling,
    )
    if given.figure is not None:
        from limen.figures.files import save

        wrote([save(found.figure().spec(), given.figure)])
    show(found, given.as_json)


@dataclass(frozen=True)
class OwnTable:
    """What may be said of a meta-analysis of a table of one's own."""

    data: Annotated[Path, typer.Argument(help="A table, one row a study.", show_default=False)]
    study: Annotated[str | None, typer.Option(help="Column that names the study.")] = None
    measure: Annotated[
        str,
        typer.Option(
            help="given (--effect with --variance or --se); smd, md, md-pooled (one SD for both arms) of --m1 --sd1 --n1 "
            "--m2 --sd2 --n2; rr, or, rd of --events1 --n1 --events2 --n2. 1 is active."
        ),
    ] = "given"
    effect: Annotated[str | None, typer.Option(help="Column of the effect.")] = None
    variance: Annotated[str | None, typer.Option(help="Column of its variance.")] = None
    se: Annotated[str | None, typer.Option(help="Column of its standard error.")] = None
    m1: Annotated[str | None, typer.Option(help="Column of the mean, active arm.")] = None
    sd1: Annotated[str | None, typer.Option(help="Column of the SD, active arm.")] = None
    n1: Annotated[str | None, typer.Option(help="Column of the people, active arm.")] = None
    m2: Annotated[str | None, typer.Option(help="Column of the mean, control.")] = None
    sd2: Annotated[str | None, typer.Option(help="Column of the SD, control.")] = None
    n2: Annotated[str | None, typer.Option(help="Column of the people, control.")] = None
    events1: Annotated[str | None, typer.Option(help="Column of the events, active arm.")] = None
    events2: Annotated[str | None, typer.Option(help="Column of the events, control.")] = None
    scale: Annotated[float, typer.Option(help="Multiplies every effect: 100 for percentage points.")] = 1.0
    method: Annotated[str, typer.Option(help="Heterogeneity: REML, ML, DL, PM; EE for a common effect.")] = (
        "REML"
    )
    hartung_knapp: Annotated[
        bool,
        typer.Option(
            "--hartung-knapp/--normal", help="Hartung-Knapp intervals with the guard, or normal ones."
        ),
    ] = True
    moderator: Annotated[list[str] | None, typer.Option(help="Column to regress on (repeatable).")] = None
    derive: Annotated[
        list[str] | None,
        typer.Option(help='A column to be made of others: "capped = min(weeks, 3)" (repeatable).'),
    ] = None
    only: Only = None
    level: Level = 0.95
    as_json: AsJson = False


# The parts of its help.
PANELS = (
    ("Columns", "study effect variance se m1 sd1 n1 m2 sd2 n2 events1 events2"),
    ("The table", "moderator derive only"),
    ("The pooling", "measure scale method hartung_knapp level"),
)


@app.command()
@taking(OwnTable, PANELS)
def pool(given: OwnTable) -> None:
    """Pool the effects of a table of your own, one row a study; nothing of limen's evidence is beside them.

    limen evidence pool effects.csv --study trial --effect g --se se

    limen evidence pool counts.csv --study trial --measure rd --events1 a --n1 n1 --events2 c --n2 n2 --scale 100
    """
    from limen.analysis.pooled_table import COLUMNS, pool_table
    from limen.evidence.pool import METHODS
    from limen.evidence.tables import one_of

    columns = {name: column for name in ("study", *COLUMNS) if (column := getattr(given, name)) is not None}
    found = pool_table(
        given.data,
        columns,
        measure=given.measure.lower(),
        method=one_of("method", given.method.upper(), METHODS),
        hartung_knapp=given.hartung_knapp,
        moderators=given.moderator or (),
        derive=given.derive or (),
        only=given.only or (),
        level=given.level,
        scale=given.scale,
    )
    show(found, given.as_json)


def _print(found: Listing, limit: int | None, as_json: bool, as_csv: bool, as_bibtex: bool) -> None:
    """As asked for; a person at a terminal is first shown some of many rows."""
    if limit is None and sys.stdout.isatty() and not (as_json or as_csv or as_bibtex):
        limit = AT_A_TERMINAL
    found = found.first(limit)
    if as_csv and not as_json:
        typer.echo(found.as_csv(), nl=False)
    elif as_bibtex and not as_json:
        typer.echo(found.as_bibtex())
    else:
        show(found, as_json)
