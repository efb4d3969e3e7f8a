"""A validation as a page, as the tables of a site, and as the credibility file that a reviewer of a model asks for."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from limen import __version__
from limen.calibration import words
from limen.calibration.scores import CLIMATOLOGY
from limen.calibration.targets import PREDICTED
from limen.calibration.validation import Validation
from limen.dossier.references import references
from limen.dossier.render import INTENDED_USE, linked
from limen.figures import theme
from limen.figures.published import published_figures
from limen.files import together

NAMES = ("validation.html", "validation.json", "validation.parquet", "validation.csv", "credibility.md")
FEW = 10  # predicted values below which a group's coverage says little


def write_validation(v: Validation, folder: Path | str, force: bool = False) -> list[Path]:
    """Write the page, everything for programs, the table, and the credibility file: all of them or none."""
    table = v.to_polars()
    with together(folder, force) as out:
        return [
            out.text("validation.html", validation_page(v)),
            out.json("validation.json", v.document()),
            out.table("validation.parquet", table),
            out.table("validation.csv", table),
            out.text("credibility.md", credibility(v)),
        ]


def validation_page(v: Validation) -> str:
    """The page as one file that asks for nothing from anywhere."""
    css = (files("limen.dossier") / "templates" / "page.css").read_text()
    drawings = [
        {"of": figure, "panels": [Markup(drawn) for drawn in figure.panels()]}
        for figure in published_figures(v)
    ]  # fmt: skip
    shared = {"css": Markup(css), "light": theme.LIGHT, "dark": theme.DARK, "intended_use": INTENDED_USE}
    return _filled("validation.html.j2", v, drawings=drawings, **shared)


def site_page(v: Validation) -> str:
    """The page of the documentation, in MyST Markdown."""
    return _filled("validation.md.j2", v, drawings=[f.svg(themed=True) for f in published_figures(v)])


def credibility(v: Validation) -> str:
    """The credibility file in Markdown: question, context of use, risk, verification, validation, applicability."""
    return _filled("credibility.md.j2", v)


def grade(v: Validation, group: str) -> str:
    """What the predictions of a group carry, by rule: how many there are, and whether coverage is 80 to 97%."""
    found = v.covered(PREDICTED, group)
    if found is None:
        return "nothing here was predicted: it can be calibrated to, and rests on that"
    if found.of < FEW:
        return f"{found.inside} of {found.of} inside: too few predicted values to judge by"
    if found.remarkable:
        return f"{found.inside} of {found.of} inside: coverage is outside 80 to 97%, so intervals of this kind are not to be taken at their word"
    return f"{found.inside} of {found.of} inside: intervals of this kind have held"


def _filled(template: str, v: Validation, **more: Any) -> str:
    markup = template.endswith(".html.j2")
    environment = Environment(loader=PackageLoader("limen.dossier"), autoescape=markup, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    environment.filters |= {"linked": linked, "cell": _cell}
    cited = references(key for p in v.predicted for key in p.sources)
    return environment.get_template(template).render(
        v=v,
        words=words,
        climatology=CLIMATOLOGY,
        grade=grade,
        cited=cited,
        version=__version__,
        few=FEW,
        **more,
    )


def _cell(text: str) -> str:
    """Text that stands in one cell of a Markdown table."""
    return " ".join(text.replace("|", "/").split())
