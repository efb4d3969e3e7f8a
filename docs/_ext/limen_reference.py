"""What the reference is made of: commands from the command line itself, modules from their docstrings, sources from
the one bibliography. Pages are written to reference/_generated when a build begins; nothing in them is kept by hand.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

import limen
from limen import facts

LOG = logging.getLogger(__name__)
GENERATED = "reference/_generated"
BIBLIOGRAPHY = "reference/_generated/bibliography"
# In the order of the walk. A room that appears later without a place here comes last, under its own name.
ROOMS = (
    "protocol", "parameters", "facts", "people", "pharmacology", "response", "trial", "analysis", "design", "calibration",
    "evidence", "safety", "regulation", "exchange", "engine", "figures", "dossier", "units", "errors",
)  # fmt: skip
NOT_LISTED = {"cli", "web", "__main__"}


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-process-docstring", as_it_stands, priority=900)
    app.connect("autodoc-process-signature", short_types)
    app.add_role("source", cite)
    return {"version": "1", "parallel_read_safe": True}


def write_pages(app: Sphinx) -> None:
    folder = Path(app.srcdir) / GENERATED
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"commands": commands_page(), "bibliography": bibliography_page(), **dict(room_pages())}
    pages["python"] = python_page([name for name in pages if name.startswith("limen-")])
    for name, text in pages.items():
        file = folder / f"{name}.md"
        if not file.exists() or file.read_text() != text:  # an unchanged page is not built again
            file.write_text(text)
    for file in folder.glob("*.md"):
        if file.stem not in pages:
            file.unlink()


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
    if hasattr(command, "commands"):
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


# Modules


def room_pages() -> Iterator[tuple[str, str]]:
    found = [m.name for m in pkgutil.iter_modules(limen.__path__) if m.name not in NOT_LISTED]
    for room in sorted(found, key=lambda r: (ROOMS.index(r) if r in ROOMS else len(ROOMS), r)):
        yield f"limen-{room}", _room(room)


def _room(room: str) -> str:
    package = importlib.import_module(f"limen.{room}")
    lines = [f"# limen.{room}", "", *_automodule(package, members=not hasattr(package, "__path__"))]
    lifted = [f"`{name}`" for name in getattr(package, "__all__", ()) if hasattr(package, "__path__")]
    if lifted:
        lines += [f"Importable from `limen.{room}` itself: {', '.join(lifted)}.", ""]
    for info in pkgutil.walk_packages(getattr(package, "__path__", []), f"limen.{room}."):
        if any(part.startswith("_") for part in info.name.split(".")):
            continue
        title = [f"## {info.name.removeprefix('limen.')}", ""]
        try:
            module = importlib.import_module(info.name)
        except ModuleNotFoundError as error:
            if str(error.name).startswith("limen"):
                raise
            lines += [
                *title,
                f"Needs `{error.name}`, which is not installed where these pages were built.",
                "",
            ]
            continue
        lines += [*title, *_automodule(module, members=True)]
    return "\n".join(lines) + "\n"


def _automodule(module: ModuleType, members: bool) -> list[str]:
    option = "" if members else "   :no-members:\n"
    return ["```{eval-rst}", f".. automodule:: {module.__name__}", option + "```", ""]


def python_page(rooms: list[str]) -> str:
    return "\n".join([
        "# Python", "",
        "Every command calls functions that a notebook can call too. A folder of `src/limen` is a room; each room does one",
        "thing to a protocol and hands it on. Equations, units and shapes stand in the docstrings, shown here as they are in",
        "the code. Names that begin with an underscore are left out.", "",
        "```{toctree}", ":maxdepth: 1", "", *rooms, "```", "",
    ])  # fmt: skip


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
