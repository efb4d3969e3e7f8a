"""An Answer as a page: one HTML file that opens with no network, and its figures on request."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemBytecodeCache,
    FunctionLoader,
    PackageLoader,
    StrictUndefined,
)
from markupsafe import Markup, escape

from limen import facts
from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.references import short
from limen.dossier.section import Section, Topic
from limen.dossier.sections import sections
from limen.engine.runs import cache
from limen.figures import theme
from limen.figures.figure import Figure
from limen.files import write_bytes
from limen.units import lasting, moment

INTENDED_USE = (
    "For research and trial design. It says what a trial would be expected to show; "
    "it is never advice to anybody on taking a drug, or on a dose of one."
)
SECTION = "section/"
LONGEST = 6  # parameters in a drawer
_WORD = re.compile(r"(?<![\w#/.-])[a-z]\w*[\d_]\w*(?![\w-])")  # what may be a citation key
_HEADING = re.compile(r'<section id="([^"]+)">\s*<h2>(.*?)</h2>')


def figures_of(answer: Answer) -> dict[str, Figure]:
    """The figures of the page by name, in its order."""
    return {figure.name: figure for section in sections() for figure in section.figures(answer)}


def html(answer: Answer, long: bool = False) -> str:
    """The whole page as one string: inline styles, inline SVG, no request to anywhere. With `long` nothing is folded."""
    drawn = {name: _drawn(figure, n + 1) for n, (name, figure) in enumerate(figures_of(answer).items())}
    there = [section for section in sections() if section.found(answer)]
    environment = _environment(answer, long)
    shown = [Markup(_section(environment, section, answer, drawn)) for section in there]
    page = environment.get_template("page.html.j2")
    text = page.render(
        title=answer.question.title,
        shown=shown,
        contents=[part for text in shown[1:] for part in _HEADING.findall(text)],
        intended_use=INTENDED_USE,
        light=theme.LIGHT,
        dark=theme.DARK,
        css=Markup(_asset("page.css") + "".join(section.file("style.css") for section in there)),
        script=Markup(_asset("page.js")),
    )
    return re.sub(r"\n\s*\n+", "\n", spoken_keys(text))


def spoken_keys(page: str) -> str:
    """The page with citation keys in its text as author and year; marks, code, styles and scripts are left as they are."""
    parts = re.split(r"(<(?:style|script|code)\b.*?</(?:style|script|code)>|<[^>]*>)", page, flags=re.S)
    return "".join(part if part.startswith("<") else _WORD.sub(_cited, part) for part in parts)


def _cited(word: re.Match[str]) -> str:
    return short(word.group()) if word.group() in facts.bibliography() else word.group()


def _section(
    environment: Environment,
    section: Section,
    answer: Answer,
    drawn: Mapping[str, dict[str, Any]],
) -> str:
    """One section's template, with what the contract gives it."""
    if not section.file("template.html.j2"):
        return ""
    return environment.get_template(f"{SECTION}{section.name}").render(
        s=section.found(answer),
        a=answer,
        words=section.words,
        figures={figure.name: drawn[figure.name] for figure in section.figures(answer)},
        notices=[text for other in sections() if (text := other.say("notice", answer))],
        topics=section.drawers,
        behind=lambda topic: _behind(answer, topic),
        references=_references(answer),
    )


def _behind(answer: Answer, topic: Topic) -> list[Any]:
    """The most influential parameters of a drawer, at most six; the whole list stands at the page's end."""
    found = [p for p in answer.provenance.parameters if p.name.startswith(topic.prefixes)]
    return sorted(found, key=lambda p: -abs(p.influence))[:LONGEST]


def write_html(answer: Answer, path: Path | str) -> Path:
    """Write the page. Raises OutputError where the folder cannot be written to; never leaves half a file."""
    return write_bytes(Path(path), html(answer).encode())


def write_figures(answer: Answer, folder: Path | str, formats: Iterable[str] = ("svg", "png")) -> list[Path]:
    """Write every figure of the page as `NAME.svg` and `NAME.png` in the light theme."""
    written = []
    for name, figure in figures_of(answer).items():
        for kind in formats:
            drawn = theme.png(figure.spec()) if kind == "png" else figure.svg().encode()
            written.append(write_bytes(Path(folder) / f"{name}.{kind}", drawn))
    return written


def _drawn(figure: Figure, number: int) -> dict[str, Any]:
    return {
        "figure": figure,
        "number": number,
        "panels": [Markup(drawn) for drawn in figure.panels()],
        "csv": "data:text/csv;charset=utf-8," + quote(figure.to_csv(), safe=",:;/()+="),
    }


def _references(answer: Answer) -> dict[str, Markup]:
    return {key: linked(text) for key, text in sorted(answer.provenance.references.items())}


def linked(text: str) -> Markup:
    """The text with its DOIs as anchors: the only links out of the page."""
    found = re.search(
        r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)(10\.\d{4,9}/[^\s\"<>]*[^\s\"<>.,;)])", text, re.I
    )
    if found is None:
        return Markup(escape(text))
    doi = found.group(1)
    link = Markup('<a href="https://doi.org/{0}">doi:{0}</a>').format(doi)
    return Markup(escape(text[: found.start()])) + link + Markup(escape(text[found.end() :]))


def _anchor(parameter: Any) -> str:
    """The page's anchor of a parameter, or of any other name."""
    name = getattr(parameter, "name", parameter)
    return "p-" + re.sub(r"[^a-zA-Z0-9]+", "-", name).strip("-")


def _spoken(name: str) -> str:
    """The name of a field, or what holds one, in words."""
    return re.sub(r"\b[a-z]+(?:[._][a-z]+)+\b", lambda m: re.sub(r"[._]", " ", m.group()), name)


def _environment(answer: Answer, long: bool) -> Environment:
    loader = ChoiceLoader([FunctionLoader(_template_of_section), PackageLoader("limen.dossier")])
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True, bytecode_cache=_translated())  # fmt: skip
    for name in (
        "about",
        "number",
        "compact",
        "percent",
        "span",
        "value",
        "full",
        "brief",
        "simulated",
        "listed",
        "sentence",
        "stop",
        "of_100",
    ):
        environment.filters[name] = getattr(words, name)
    environment.filters.update(linked=linked, anchor=_anchor, spoken=_spoken, lasting=lasting, moment=moment)
    environment.globals.update(
        status_words=words.STATUS_WORDS, cited_as=answer.provenance.cited_as, long=long
    )
    return environment


def _template_of_section(name: str) -> str | None:
    """The template of a section, by `section/NAME`, with the macros that all of them use."""
    if not name.startswith(SECTION):
        return None
    section = next(s for s in sections() if s.name == name.removeprefix(SECTION))
    head = '{% from "macros.html.j2" import chip, cite, figure, drawer, fold with context %}\n'
    return head + section.file("template.html.j2")


def _translated() -> FileSystemBytecodeCache | None:
    """Where templates are kept as the code they become; nowhere if the user's cache folder cannot be written to."""
    folder = cache() / "templates"
    try:
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None


def _asset(name: str) -> str:
    return (files("limen.dossier") / "templates" / name).read_text()
