"""`limen power`: power, size and detectable effect in closed form, and group-sequential bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from limen.cli import output
from limen.cli.options import AsJson, Force, taking

NAME = "power"
app = typer.Typer(
    no_args_is_help=True,
    help="Power without simulation. Give two of --effect, --n and --power; the third is found. A benefit is positive.",
)
Out = Annotated[Path | None, typer.Option("--out", help="Folder for the figure and the JSON file.")]


class Option:
    """Every option of a design, once."""

    effect = Annotated[float | None, typer.Option(help="Difference to be shown, a benefit positive.")]
    n = Annotated[
        int | None, typer.Option(help="People in all groups together: analysed, for mmrm randomised.")
    ]
    power = Annotated[float | None, typer.Option(help="Power wanted, such as 0.9.")]
    aim = Annotated[
        Literal["superiority", "non-inferiority", "equivalence"], typer.Option(help="What is to be shown.")
    ]
    alpha = Annotated[float | None, typer.Option(help="Level: 0.05 if not given, 0.025 for non-inferiority.")]
    sides = Annotated[int | None, typer.Option(help="1 or 2 for superiority; 2 if not given.")]
    margin = Annotated[float, typer.Option(help="Of non-inferiority or equivalence, above zero.")]
    sd = Annotated[float, typer.Option(help="Standard deviation of the outcome within a group.")]
    sd_control = Annotated[
        float | None, typer.Option(help="Standard deviation in the control arm, if another: Welch's test.")
    ]
    correlation = Annotated[
        float, typer.Option(help="Of baseline and outcome, or of the two scores of a person.")
    ]
    correlations = Annotated[
        str,
        typer.Option(
            "--correlation", help="Of two visits; unstructured, all below the diagonal by row: 0.6,0.5,0.6."
        ),
    ]
    allocation = Annotated[float, typer.Option(help="People on active for each on control.")]
    dropout = Annotated[float, typer.Option(help="Share who are randomised and not analysed, such as 0.15.")]
    lost = Annotated[
        float, typer.Option("--dropout", help="Share lost by the last visit, evenly from the first on.")
    ]
    visits = Annotated[int, typer.Option(help="Visits after baseline.")]
    structure = Annotated[
        Literal["compound-symmetry", "ar1", "unstructured"],
        typer.Option(help="Correlation of a person's visits."),
    ]
    retention = Annotated[
        str | None, typer.Option(help="Share still seen at each visit: 1,0.9,0.85,0.8; instead of --dropout.")
    ]
    retention_control = Annotated[str | None, typer.Option(help="The same in the control arm, if another.")]
    baseline = Annotated[
        bool, typer.Option("--baseline", help="The first score is a covariate, correlated like the visits.")
    ]
    control = Annotated[float, typer.Option(help="Share of responders on control.")]
    method = Annotated[
        Literal["score", "wald", "arcsine", "score-exact", "fisher"], typer.Option(help="Test of two shares.")
    ]
    over = Annotated[Literal["n", "effect"], typer.Option(help="What the curve of --out runs over.")]


class Design:
    """The designs: what each assumes, and its help."""

    two_sample = "sd sd_control allocation dropout", "Two arms, a t test: --effect 3 --sd 8 --power 0.9."
    ancova = (
        "sd correlation allocation dropout",
        "Two arms, adjusted for baseline: --effect 3 --sd 8 --correlation 0.5 --power 0.9.",
    )
    mmrm = (
        "sd visits correlations structure lost retention retention_control baseline allocation",
        "Two arms, repeated visits, dropout: --effect 3 --sd 8 --visits 4 --correlation 0.6 --dropout 0.2 --power 0.9.",
    )
    one_sample = "sd dropout", "One group against a fixed value."
    paired = (
        "sd correlation dropout",
        "Two scores of each person: --effect 1 --sd 3 --correlation 0.6 --power 0.8.",
    )
    crossover = "sd correlation dropout", "Two periods in both orders, without carry-over."
    responders = (
        "control method allocation dropout",
        "Two shares of responders: --control 0.3 --effect 0.2 --power 0.8; the effect is the difference of the shares.",
    )


FIRST = "effect n power"
REST = "aim alpha sides margin over"
DEFAULTS = dict(
    aim="superiority", margin=0.0, over="n", allocation=1.0, dropout=0.0, lost=0.0, structure="compound-symmetry",
    baseline=False, method="score",
)  # fmt: skip
NEEDED = ("sd", "correlation", "correlations", "visits", "control")
LISTS = ("correlation", "retention", "retention_control")


def _command(design: str, takes: str, text: str) -> Callable[..., None]:
    def command(out: Path | None, force: bool, as_json: bool, over: str, **given: Any) -> None:
        from limen.analysis.power.ask import power, typed_numbers

        named: dict[str, Any] = {
            dict(correlations="correlation", lost="dropout").get(k, k): v
            for k, v in given.items()
            if v is not None
        }
        listed: dict[str, Any] = {
            k: typed_numbers(v) for k, v in named.items() if k in LISTS and isinstance(v, str)
        }
        found = power(design, **{**named, **listed})
        if out is not None:
            from limen.door import save

            output.wrote(save(found, out, NAME, force, over=over))
        output.show(found, as_json)

    names = (*FIRST.split(), *takes.split(), *REST.split())
    shared = [("out", Out, None), ("force", Force, False), ("as_json", AsJson, False)]
    options = [(n, vars(Option)[n], Parameter.empty if n in NEEDED else DEFAULTS.get(n)) for n in names]
    command.__name__, command.__doc__, command.__annotations__ = design, text, dict[str, object]()
    command.__dict__["__signature__"] = Signature(
        [Parameter(n, Parameter.KEYWORD_ONLY, default=d, annotation=a) for n, a, d in (*options, *shared)]
    )
    return command


for _name, _given in vars(Design).items():
    if not _name.startswith("_"):
        _design = _name.replace("_", "-")
        app.command(_design)(_command(_design, *_given))


@dataclass(frozen=True)
class Looks:
    """What may be said of looking early."""

    information: Annotated[str, typer.Option(help="Information at each look, in any unit: 0.5,0.75,1.")]
    alpha: Annotated[float, typer.Option(help="Level over all looks.")] = 0.05
    sided: Annotated[int, typer.Option(help="1 or 2 sides; two spend half of alpha each.")] = 2
    spending: Annotated[
        str,
        typer.Option(
            help="obrien-fleming, pocock, wang-tsiatis(0.25), lan-demets-obrien-fleming, lan-demets-pocock, "
            "hwang-shih-decani(-4) or kim-demets(3)."
        ),
    ] = "lan-demets-obrien-fleming"
    power: Annotated[float, typer.Option(help="Power wanted.")] = 0.9
    fixed_n: Annotated[int | None, typer.Option(help="People that one look would need (limen power).")] = None
    futility: Annotated[
        str | None, typer.Option(help="Stop below these z, one for each look but the last: 0,0.5.")
    ] = None
    futility_spending: Annotated[
        str | None, typer.Option(help="Or bounds that spend 1 - power: hwang-shih-decani(-2).")
    ] = None
    binding: Annotated[bool, typer.Option("--binding", help="Futility will not be overruled.")] = False
    out: Out = None
    force: Force = False
    as_json: AsJson = False


@app.command()
@taking(Looks)
def sequential(given: Looks) -> None:
    """Bounds for looking early: how far z must be at each look, the inflation of the size, and where the trial stops.

    Example: limen power sequential --information 0.5,0.75,1 --power 0.9 --fixed-n 228
    """
    from limen.analysis.power.ask import typed_numbers
    from limen.analysis.power.sequential import Futility, bounds
    from limen.analysis.power.staged import staged

    stop = None
    if given.futility is not None or given.futility_spending is not None:
        beta = None if given.futility_spending is None else 1 - given.power
        stop = Futility(
            typed_numbers(given.futility or ""), beta, given.futility_spending or "", given.binding
        )
    at = typed_numbers(given.information)
    found = staged(bounds(at, given.alpha, given.spending, given.sided, stop), given.power, given.fixed_n)
    if given.out is not None:
        from limen.door import save

        output.wrote(save(found, given.out, "sequential", given.force))
    output.show(found, given.as_json)
