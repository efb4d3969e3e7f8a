"""The page of a turned protocol, from its document alone: one HTML file that asks nothing of any network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from limen.dossier.render import INTENDED_USE
from limen.figures import theme


def html(document: Mapping[str, Any]) -> str:
    """The page as one string."""
    environment = Environment(loader=PackageLoader("limen.turn"), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    return environment.get_template("page.html.j2").render(
        d=document,
        data=Markup(_in_script(document)),
        light=theme.LIGHT,
        dark=theme.DARK,
        css=Markup(_asset("page.css")),
        script=Markup(_asset("page.js")),
        intended_use=INTENDED_USE,
        markup=Markup,
    )


def _in_script(document: Mapping[str, Any]) -> str:
    """What the script reads, as JSON that cannot end its own element."""
    kept = ("dials", "own", "answer", "arrays", "texts", "cells", "citation", "title", "form")
    text = json.dumps({name: document[name] for name in kept}, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _asset(name: str) -> str:
    return (files("limen.turn") / "templates" / name).read_text(encoding="utf-8")
