"""What a section of the dossier is: one folder that owns what it says as data, in words, in figures and on the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

from limen.dossier.answer import Answer
from limen.figures.figure import Figure


@dataclass(frozen=True)
class Topic:
    """A drawer's title and the parameter files, or parts of files, that feed the numbers it stands behind."""

    title: str
    prefixes: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A folder whose `__init__` holds one of these as SECTION. Its name is the key in the JSON and the page's anchor.

    `package`: the folder's `__name__`. `noun`: type of the entry in the JSON; None for a section that shows what the
    section named `about` found. `drawers`: parameters that stand behind the section's numbers, by anchor. `beyond`: whether it
    has anything to say of a compound or a dose that the trial model was not measured for.

    AsReported it lie, each only where there is something to do:
    `build.py`            `build(asked) -> noun`, and `cited(noun)`, the citation keys shown, where the noun has any;
    `figures.py`          `figures(noun, answer) -> list of Figure`;
    `words.py`            `notice(noun)`, a warning for the first screen; `summary(noun, answer)`, lines of (label, text)
                          for the terminal; `remarks(noun)`, sentences under them; and what the template calls as `words`;
    `template.html.j2`    the section on the page, given `s` (its noun), `a` (the answer), `figures` (its own, by name);
    `style.css`           what no other section needs.
    """

    package: str
    noun: Any = None
    about: str = ""
    drawers: Mapping[str, Topic] = field(default_factory=dict)
    beyond: bool = True

    @property
    def name(self) -> str:
        return self.package.rpartition(".")[2]

    def found(self, answer: Answer) -> Any:
        """What this section shows of an answer; None where there is nothing to show."""
        silent = answer.beyond is not None and not self.beyond
        return None if silent else getattr(answer, self.about or self.name, None)

    def build(self, asked: Any) -> Any:
        """The noun, from an `Asked`."""
        return self._call("build", "build", asked)

    @property
    def cites(self) -> bool:
        """Whether the section's noun names sources."""
        return hasattr(self._part("build"), "cited")

    def cited(self, noun: Any) -> Iterable[str]:
        return self._call("build", "cited", noun)

    def figures(self, answer: Answer) -> list[Figure]:
        found = self.found(answer)
        return (self._call("figures", "figures", found, answer) or []) if found else []

    def say(self, what: str, answer: Answer) -> Any:
        """`notice`, `summary` or `remarks` of the section's words; None where it has none."""
        found = self.found(answer)
        given = (found, answer) if what == "summary" else (found,)
        return self._call("words", what, *given) if found and not self.about else None

    @cached_property
    def words(self) -> Any:
        """The module of the section's own words, for its template."""
        return self._part("words")

    def file(self, name: str) -> str:
        """Text of a file of the folder; empty where there is none."""
        path = files(self.package) / name
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def _part(self, name: str) -> Any:
        full = f"{self.package}.{name}"
        return import_module(full) if find_spec(full) is not None else None

    def _call(self, part: str, function: str, *given: Any) -> Any:
        does = getattr(self._part(part), function, None)
        return None if does is None else does(*given)
