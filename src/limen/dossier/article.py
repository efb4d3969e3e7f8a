"""An article beside the literature as a page that can be sent to an editor, and as a page of the site."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from limen import __version__
from limen.dossier import words
from limen.dossier.references import letters, reference, short
from limen.errors import OutputError, Place
from limen.evidence.article import MEANS, Article
from limen.evidence.tables import every_reference
from limen.figures import theme
from limen.files import vacant, write_text

SUFFIXES = (".html", ".md")
_MARKED = re.compile(r"([\\`*_\[\]<>|])")


def writable(path: Path, force: bool) -> str:
    """The kind of page a name asks for. Raises OutputError for one that is neither `.html` nor `.md`, or is taken."""
    if path.suffix.lower() not in SUFFIXES:
        raise OutputError(
            f"{path.suffix or 'no ending'!r} is no kind of page", Place(file=path), "name it .html or .md"
        )
    if not force:
        vacant(path)
    return path.suffix.lower()


def write_article(found: Article, path: Path | str, force: bool = False) -> Path:
    """Write the page, one self-contained file of HTML or Markdown by its name. Raises OutputError."""
    page = article_page if writable(Path(path), force) == ".html" else article_markdown
    return write_text(path, page(found), force)


def article_page(found: Article) -> str:
    """The page as one file that asks for nothing from anywhere."""
    css = (files("limen.dossier") / "templates" / "page.css").read_text()
    return _filled("article.html.j2", found, css=Markup(css), light=theme.LIGHT, dark=theme.DARK)


def article_markdown(found: Article) -> str:
    """The same in Markdown, for a site or a letter."""
    return _filled("article.md.j2", found)


def address(key: str) -> str:
    """Where a source can be read: its DOI, its page, its record in a registry; empty where none is known."""
    entry = every_reference().get(key, {})
    if entry.get("doi") or entry.get("url"):
        return f"https://doi.org/{entry['doi']}" if entry.get("doi") else entry["url"]
    number = re.search(r"\b(NCT\d{8}|ACTRN\d{14})\b", entry.get("title", ""))
    if number is None:
        return ""
    return (
        f"https://clinicaltrials.gov/study/{number[1]}"
        if number[1].startswith("NCT")
        else f"https://www.anzctr.org.au/{number[1]}.aspx"
    )


@cache
def _abbreviations() -> Mapping[str, str]:
    return tomllib.loads(files("limen.dossier").joinpath("abbreviations.toml").read_text(encoding="utf-8"))


def spelled(text: str) -> dict[str, str]:
    """The abbreviations that a text holds, with what they stand for."""
    held = set(re.findall(r"[\w-]+", text)) | set(re.findall(r"\w+", text))
    plural = {word.removesuffix("s") for word in held}
    return {
        name: means
        for name, means in _abbreviations().items()
        if {part.strip() for part in name.split(",")} & (held | plural)
    }


def _filled(template: str, found: Article, **more: object) -> str:
    environment = Environment(
        loader=PackageLoader("limen.dossier"),
        autoescape=template.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "sentence": words.sentence, "short": short, "address": address, "listed": words.listed,
        "md": lambda text: _MARKED.sub(r"\\\1", text)
    }  # fmt: skip
    parts = [
        part for s in found.statements for each in (s, *s.near) for part in (each.words, each.literature)
    ]
    cited = {
        key: letters(reference(key)) for key in sorted(found.sources, key=lambda key: short(key).casefold())
    }
    page = environment.get_template(template).render(
        a=found,
        means=MEANS,
        cited=cited,
        spelled=spelled(" ".join(parts)),
        version=__version__,
        **more,
    )
    return re.sub(r"\n{3,}", "\n\n", page)
