"""How help, mistakes and severities look at a terminal: legible on white and on black, no word cut."""

from __future__ import annotations

import os
import re
from importlib import import_module
from typing import Any, TextIO

import typer
import typer.core

from limen.results import within

# Hues that show on white and on black; what is neither good nor bad is bold.
RED, MAGENTA, BOLD = "31", "35", "1"
SEVERE = (
    (f"{RED};{BOLD}", ("error", "not eligible", "STOP", "not met")),
    (f"{MAGENTA};{BOLD}", ("warning", "caution", "needs a clinician", "HOLD", "ASSUMED", "cannot tell")),
    (BOLD, ("eligible",)),
)
# A severity stands at the beginning of a line, or after the visit or rule it is of; a colon or a bracket follows.
AFTER, BEFORE = r"(?m)(^ *|visit [^:\n]+: |, [^:\n]+: )", r"(?=:| \[)"
STYLES = (
    ("STYLE_OPTION", "bold"), ("STYLE_SWITCH", "bold"), ("STYLE_NEGATIVE_OPTION", "bold"), ("STYLE_NEGATIVE_SWITCH", "bold"),
    ("STYLE_COMMANDS_TABLE_FIRST_COLUMN", "bold"), ("STYLE_TYPES", ""), ("STYLE_TYPES_SEPARATOR", ""), ("STYLE_USAGE", "bold"),
    ("STYLE_HELPTEXT", ""), ("STYLE_OPTION_DEFAULT", ""), ("STYLE_OPTION_ENVVAR", ""), ("STYLE_REQUIRED_LONG", "red"),
    ("STYLE_ERRORS_SUGGESTION", ""), ("RICH_HELP", "Try '{command_path} {help_option}' for help."),
)  # fmt: skip
KINDS = dict((("<str>", "<text>"), ("<int>", "<whole number>"), ("<float>", "<number>"), ("<int range>", "<whole number>"),
         ("<float range>", "<number>"), ("<list[str]>", "<text>")))  # fmt: skip


def painted(text: str, stream: TextIO) -> str:
    """Severities in their colour where a terminal shows colours; the words are the same without."""
    if not stream.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb":
        return text
    for colour, said in SEVERE:
        text = re.sub(
            f"{AFTER}({'|'.join(said)}){BEFORE}",
            lambda found, colour=colour: f"{found[1]}\x1b[{colour}m{found[2]}\x1b[0m",
            text,
        )
    return text


def _styled(name: str) -> Any:
    """Typer loads what draws its help when it is first asked for; here it comes in colours that show on white too."""
    if name != "rich_utils":
        raise AttributeError(name)
    drawn = import_module("typer.rich_utils")
    for style, value in STYLES:
        setattr(drawn, style, value)
    return drawn


def _kind(self: Any, ctx: Any) -> str | None:
    """What an option takes, in words that can be broken between; nothing for a switch."""
    if self.metavar is not None:
        return self.metavar
    if getattr(self, "is_flag", False):
        return None
    said = self.display_type(ctx)
    return KINDS.get(said, said.replace("|", " | "))


def _between(self: Any) -> str | None:
    """The numbers an option takes."""
    return within(self.min, self.max)


typer.__getattr__ = _styled  # type: ignore[attr-defined]
for _parameter in (typer.core.TyperOption, typer.core.TyperArgument):
    _parameter.display_type_rich = _kind  # type: ignore[method-assign]
typer.core.TyperOption._get_number_range_help_str = _between  # type: ignore[method-assign]
