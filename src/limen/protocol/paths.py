"""Field paths: how a place inside a protocol is written, and which fields stand there."""

from __future__ import annotations

import re
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from limen.protocol.fields import Choice, meant

FieldPath = tuple[str | int, ...]
_STEP = re.compile(r"\[(\d*)\]|\.?([^.\[\]]+)")


def path_text(path: FieldPath) -> str:
    """`arms[0].dose` for ("arms", 0, "dose"); names that are not plain words are quoted."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            name = step if re.fullmatch(r"[\w-]{1,80}", step, re.ASCII) else ascii(step[:80])
            text += f".{name}" if text else name
    return text


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The model classes an annotation may hold, tuples and mappings opened."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (Annotated, Union, UnionType, tuple, dict):
        return [model for part in get_args(annotation) for model in _models(part)]
    return []


def model_at(root: type[BaseModel], path: FieldPath) -> type[BaseModel] | None:
    """The model class that stands at a path, or None. List indices are stepped over."""
    model = root
    for step in path:
        if isinstance(step, str) and step in model.model_fields:
            found = _models(model.model_fields[step].annotation)
            if not found:
                return None
            model = found[0]
    return model


def fields_at(root: type[BaseModel], path: FieldPath) -> tuple[str, ...]:
    """The field names that may stand at a path; none where it holds no model."""
    model = model_at(root, path)
    return tuple(model.model_fields) if model is not None else ()


def described(root: type[BaseModel], path: FieldPath) -> str | None:
    """What belongs at a path: the choices, the description of the field, or the fields inside it."""
    parent, name = path[:-1], path[-1] if path else ""
    model = model_at(root, parent)
    if model is not None and name in model.model_fields:
        field = model.model_fields[str(name)]
        choices = [word for choice in field.metadata if isinstance(choice, Choice) for word in choice.known()]
        if get_origin(field.annotation) is Literal:
            choices = get_args(field.annotation)
        if choices:
            return f"choices are: {'; '.join(map(str, choices))}"
        if field.description:
            return f"{name}: {field.description}"
    inner = fields_at(root, path)
    return (
        f"fields of {path_text(path)} are: {', '.join(inner)}"
        if inner and inner != fields_at(root, parent)
        else None
    )


def known_path(root: type[BaseModel], text: str) -> tuple[str, str] | None:
    """None where the text is a path below `root` (`arms[1].dose`); else what is wrong and the remedy."""
    path: FieldPath = ()
    for _, name in _STEP.findall(text):
        if not name:
            continue
        fields = fields_at(root, path)
        if (
            not fields
        ):  # below plain values and the forms of a dose or pattern the author may say what they like
            return None
        if name not in fields:
            place = f" of {path_text(path)}" if path else ""
            return f"left_open names {name!r}, which is not a field{place}", meant(name, fields)
        path = (*path, name)
    return None if path else (f"{text!r} is not a field path", "write it as arms.form or schedule.adherence")
