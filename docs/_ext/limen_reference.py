"""What the reference is made of: commands from the command line itself, modules from their docstrings, sources from
the one bibliography. Pages are written to reference/_generated when a build begins; nothing in them is kept by hand.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from limen_fields import protocol_page
from sphinx.application import Sphinx
from sphinx.util import logging

import limen
from limen import facts
from limen.figures import law_timeline
from limen.figures.files import save
from limen.regulation.timeline import timeline

LOG = logging.getLogger(__name__)
GENERATED = "reference/_generated"
BIBLIOGRAPHY = "reference/_generated/bibliography"
# What `import limen` gives, by what one wants to do.
TASKS = {
    "Ask": "load check answer Dossier",
    "Simulate": "simulate respond trial",
    "Design and analyse": "power analyse",
    "What is known": "meta_analysis status lint",
    "People": "screen monitor",
}
ROOMS = {
    "parameters": "every number of the model",
    "facts": "the shipped tables and the bibliography",
    "compounds": "what limen knows of each compound",
}


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-process-docstring", as_it_stands, priority=900)
    app.connect("autodoc-process-signature", short_types)
    app.add_role("source", cite)
    return {"version": "1", "parallel_read_safe": True}


def write_pages(app: Sphinx) -> None:
    folder = Path(app.srcdir) / GENERATED
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        "commands": commands_page(),
        "bibliography": bibliography_page(),
        "protocol": protocol_page(),
        "python": python_page(),
    }
    pages["article"] = article_page()
    pages |= validation_pages()
    for name, text in pages.items():
        file = folder / f"{name}.md"
        if not file.exists() or file.read_text() != text:  # an unchanged page is not built again
            file.write_text(text)
    for file in folder.glob("*.md"):
        if file.stem not in pages:
            file.unlink()
    for name, picture in pictures().items():
        save(picture, folder / f"{name}.svg")


def pictures() -> dict[str, Any]:
    """Pictures of the how-to pages that need no run: the law of every place, a forest, people against power."""
    found = limen.power("ancova", 3.0, power=0.9, sd=8.0, correlation=0.5)
    return {
        "law": law_timeline.chart(law_timeline.table(timeline("psilocybin"))),
        "forest": limen.meta_analysis("anxiety").figure().spec(),
        "people": found.figure().spec(),
    }


# Commands


def commands_page() -> str:
    import typer

    from limen.cli.main import app

    root = typer.main.get_command(app)
    lines = ["# Commands", "", root.help or "", "",
             "Generated from the command line itself: `limen COMMAND --help` says the same.", ""]  # fmt: skip
    for words, command in _leaves(root, ("limen",)):
        lines += _command(words, command)
    return "\n".join(lines) + "\n"


def _leaves(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, child in getattr(command, "commands", {}).items():
        yield (*words, name), child
        yield from _leaves(child, (*words, name))


def _command(words: tuple[str, ...], command: Any) -> list[str]:
    heading = "#" * len(words)
    lines = [f"{heading} {' '.join(words)}", ""]
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(command.help or "")):
        text = " ".join(paragraph.split())
        if text.startswith("Example: "):
            lines += ["```console", f"$ {text.removeprefix('Example: ')}", "```", ""]
        else:
            lines += [_escaped(text), ""]
    if hasattr(command, "commands") and not command.invoke_without_command:
        return lines
    arguments = [p for p in command.params if p.__class__.__name__.endswith("Argument") and not p.hidden]
    options = [p for p in command.params if p not in arguments and p.name != "help" and not p.hidden]
    names = [p.name.upper() if p.required else f"[{p.name.upper()}]" for p in arguments]
    lines += ["```text", " ".join([*words, *names, *(["[OPTIONS]"] if options else [])]), "```", ""]
    for p in [*arguments, *options]:
        lines += [_parameter(p, p in arguments), ""]
    return lines


def _parameter(p: Any, argument: bool) -> str:
    """A definition: how the parameter is written, then what it does and what it is if not given."""
    switch = getattr(p, "is_bool_flag", False)
    kind = getattr(getattr(p, "type_descriptor", None), "annotation", None)
    choices = [str(getattr(c, "value", c)) for c in kind] if hasattr(kind, "__members__") else _literals(kind)
    value = (
        ""
        if switch or argument
        else " " + ("|".join(choices) if choices else (_noun(kind) or p.name.upper()))
    )
    written = p.name.upper() if argument else ", ".join(p.opts) + value
    written += "".join(f" / {name}" for name in p.secondary_opts)
    help_text = " ".join((p.help or "").split())
    bounds = [
        f"{word} {limit}" for word, limit in (("at least", p.min), ("at most", p.max)) if limit is not None
    ]
    default = p.default
    shown = getattr(default, "value", default)
    if not switch and not callable(shown) and shown is not None and shown != () and shown != []:
        bounds.append(f"otherwise {shown}")
    if p.required and not argument:
        bounds.append("required")
    if getattr(p, "multiple", False) and "repeatable" not in help_text:
        bounds.append("repeatable")
    tail = f" ({'; '.join(bounds)})" if bounds else ""
    return f"`{written}`\n: {_escaped(help_text + tail) or 'No more is said.'}"


def _literals(kind: Any) -> list[str]:
    from typing import Literal, get_args, get_origin

    if get_origin(kind) is Literal:
        return [str(a) for a in get_args(kind)]
    return []


def _noun(kind: Any) -> str:
    return {int: "NUMBER", float: "NUMBER", Path: "PATH", str: "TEXT"}.get(kind, "")


def _escaped(text: str) -> str:
    return re.sub(r"([\\*_<>|\[\]#$])", r"\\\1", text)


# Python


def python_page() -> str:
    """The public door and nothing behind it: what it gives by task, then each with its example."""
    named = {name: task for task, names in TASKS.items() for name in names.split()}
    given = [name for name in limen.__all__ if name not in ROOMS]
    results = [name for name in given if name not in named and inspect.isclass(getattr(limen, name))]
    sections = {**{task: names.split() for task, names in TASKS.items()},
                "More": [name for name in given if name not in named and name not in results],
                "What they give": results}  # fmt: skip
    lines = [
        "# Python", "",
        "`import limen` gives everything a notebook needs; each is loaded when it is first asked for. A result prints itself,",
        "and has `.to_polars()`, `.to_json()`, and `.plot()` where there is something to look at.", "",
    ]  # fmt: skip
    listed = {title: names for title, names in sections.items() if names}
    for title, names in listed.items():
        lines += [f"**{title}**", "", "| | |", "|---|---|"]
        lines += [
            f"| [`{name}`](#{_here(name)}) | {_escaped(_summary(getattr(limen, name)))} |" for name in names
        ]
        lines += [""]
    lines += ["**Rooms of numbers**", "", "| | |", "|---|---|"]
    lines += [f"| `limen.{name}` | {about} |" for name, about in ROOMS.items()]
    for title, names in listed.items():
        lines += ["", f"## {title}", ""]
        for name in names:
            kind = "autoclass" if inspect.isclass(getattr(limen, name)) else "autofunction"
            lines += [f"({_here(name)})=", f"### {name}", "", "```{eval-rst}", f".. {kind}:: limen.{name}"]
            lines += ["   :no-members:"] if kind == "autoclass" else []
            lines += ["   :no-index:", "```", ""]
    return "\n".join(lines) + "\n"


def _here(name: str) -> str:
    """Where a name stands on the page: `power` and `Power` apart, in a browser that knows no capitals."""
    return f"{'type' if name[0].isupper() else 'call'}-{name}"


def _summary(thing: Any) -> str:
    first = " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())
    return first.split(". ")[0].rstrip(".") + "."


def as_it_stands(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Prose as paragraphs; anything indented or aligned as it was typed. Nothing is read as markup."""
    blocks = "\n".join(lines).strip("\n").split("\n\n")
    lines.clear()
    for block in blocks:
        rows = block.split("\n")
        if not block.strip():
            continue
        if _is_prose(rows):
            lines.append(_plain(rows))
        else:
            lines.extend([".. code-block:: text", "", *textwrap.indent("\n".join(rows), "    ").split("\n")])
        lines.append("")
    lines.extend(described_fields(obj))


def described_fields(obj: Any) -> list[str]:
    """Fields of a Pydantic model whose meaning the model itself states, as definitions."""
    fields = getattr(obj, "__pydantic_fields__", None) if inspect.isclass(obj) else None
    found: list[str] = []
    for name, field in (fields or {}).items():
        if field.description and name in obj.__annotations__:
            found += [f"``{name}``", f"    {_plain(field.description.splitlines())}", ""]
    return found


def short_types(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str, returns: str
) -> Any:
    """Arrays by their public name, shapes without the blank that jaxtyping asks for."""

    def short(text: str | None) -> str | None:
        return text and re.sub(r"jaxlib\.(?:_jax|xla_extension)\.Array", "Array", text).replace("' ", "'")

    return short(signature), short(returns)


def _is_prose(rows: list[str]) -> bool:
    """No line is indented, none looks like an equation or a list."""
    if any(row.startswith((" ", "- ", ">>>", "* ")) for row in rows):
        return False
    return not any(re.search(r"\S( = | ~ )\S", row) for row in rows)


def _plain(rows: list[str]) -> str:
    """One paragraph with nothing in it read as markup, but for code words between single backticks."""
    parts = " ".join(row.strip() for row in rows).split("`")
    if len(parts) % 2 == 0:  # an unpaired backtick is only a character
        parts = ["'".join(parts)]
    escaped = [re.sub(r"([\\*_|:<>\[\]])", r"\\\1", part) for part in parts[::2]]
    words = [rf"\ ``{word}``\ " if word.strip() == word and word else word for word in parts[1::2]]
    return "".join(part for pair in zip(escaped, [*words, ""], strict=True) for part in pair)


# Validation


def validation_pages() -> dict[str, str]:
    """The page of predictions and the credibility file, from the shipped results (`make validated`)."""
    from limen.calibration.validation import shipped_validation
    from limen.dossier.validated import credibility, site_page

    return {"validation": site_page(shipped_validation()), "credibility": credibility(shipped_validation())}


# Claims


def article_page() -> str:
    """A popular article against the literature, as `limen evidence article` writes it."""
    from limen.dossier.article import article_markdown
    from limen.evidence.article import article

    return article_markdown(article())


# Sources


def bibliography_page() -> str:
    from limen.dossier.references import reference

    lines = ["# Bibliography", "",
             "The one bibliography of the shipped facts. A note says what was read and what was recalled.", ""]  # fmt: skip
    for key in sorted(facts.bibliography()):
        entry = facts.bibliography()[key]
        note = entry.get("note", "")
        text = _escaped(reference(key))
        text = re.sub(r"doi:(10\.\S+)", lambda m: f"[doi:{m[1]}](https://doi.org/{_bare(m[1])})", text)
        text = re.sub(r"(?<![(\w:])https?://\S+[^\s.,;)]", lambda m: f"<{_bare(m[0])}>", text)
        lines += [f"({anchor(key)})=", "", f"**{_escaped(key)}** {text}", ""]
        if note:
            lines[-2] += f" *{_escaped(note)}*"
    return "\n".join(lines) + "\n"


def _bare(escaped: str) -> str:
    return (
        escaped.replace("\\", "")
        .replace("<", "%3C")
        .replace(">", "%3E")
        .replace("(", "%28")
        .replace(")", "%29")
    )


def anchor(key: str) -> str:
    return "ref-" + nodes.make_id(key)


def cite(name, rawtext, text, lineno, inliner, options=None, content=None):
    """{source}`key1 key2`: links to the bibliography; an unknown key fails the build."""
    environment = inliner.document.settings.env
    here = environment.app.builder.get_relative_uri(environment.docname, BIBLIOGRAPHY)
    found: list[nodes.Node] = [nodes.Text("[")]
    for key in text.split():
        if key not in facts.bibliography():
            LOG.warning("no source %r in the bibliography", key, location=(environment.docname, lineno))
        if len(found) > 1:
            found.append(nodes.Text(", "))
        found.append(nodes.reference(rawtext, key, refuri=f"{here}#{anchor(key)}", classes=["limen-source"]))
    return [*found, nodes.Text("]")], []
