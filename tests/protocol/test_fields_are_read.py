"""What a protocol may say is read by something: a field that nothing looks at is a promise that nobody keeps."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from limen import parameters
from limen.protocol import Protocol, load
from limen.protocol.fields import Part
from limen.protocol.understood import document, told
from limen.regulation.lint import lint
from limen.safety.monitoring.monitoring import plan
from limen.trial.plan import lay_out
from support.source import modules

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
REGISTERED = Path(__file__).parent / "registered"
RARE = [
    REGISTERED / f"{name}.yaml"
    for name in (
        "cancer",
        "cluster",
        "migraine_kg",
        "stack",
        "withdrawal_gate",
        "stratified_blocks",
        "resized",
        "resized_blinded",
        "dropped",
    )
]
# Names by which other rooms call a part; what they read of it by that name is seen in their text.
CALLED = {
    "Protocol": {"protocol", "p", "question"}, "Outcome": {"primary", "outcome"}, "Clock": {"clock"},
    "Analysis": {"analysis"}, "Arm": {"arm"}, "Titrate": {"moved", "titrate"}, "Schedule": {"schedule"},
    "Conduct": {"conduct", "c"}, "Allocation": {"allocation", "how"}, "InterimLooks": {"looks"}, "Resize": {"how", "resize"}, "Drop": {"how", "drop"},
}  # fmt: skip
# Read once, when the protocol itself is: the format it is written in, and what makes an outcome of its own.
AT_THE_DOOR = {
    ("Protocol", "limen"), ("Composite", "components"), ("Composite", "bounds"), ("Composite", "higher_is"),
    ("Measure", "full_name"), ("Measure", "bounds"), ("Measure", "higher_is"), ("Measure", "unit"),
}  # fmt: skip


def parts() -> list[type[Part]]:
    found, todo = [], Part.__subclasses__()
    while todo:
        one = todo.pop()
        todo += one.__subclasses__()
        found.append(one)
    return found


def asked(protocols: list[Protocol], monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """(part, field) that checking, laying out, the law and the monitoring plan look at."""
    seen: set[tuple[str, str]] = set()
    before = Part.__getattribute__

    def look(self: Part, name: str) -> Any:
        seen.add((type(self).__name__, name))
        return before(self, name)

    numbers = parameters.load()
    with monkeypatch.context() as patched:
        patched.setattr(Part, "__getattribute__", look)
        for protocol in protocols:
            told(protocol)
            document(protocol)
            lint(protocol)
            lay_out(protocol, numbers)
            plan(protocol)
    return seen


def written() -> set[tuple[str, str]]:
    """(part, field) that the text of another room names: `analysis.sided`, or a field of `conduct` in quotation marks."""
    conduct = {"says"}
    found: set[tuple[str, str]] = set()
    for module in modules():
        if module.room == "protocol":
            continue
        for node in ast.walk(module.tree):
            match node:
                case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=field):
                    found |= {(part, field) for part, names in CALLED.items() if owner in names}
                case ast.Call(func=ast.Name(id=name), args=[_, ast.Constant(value=str(field)), *_]) if (
                    name in conduct
                ):
                    found.add(("Conduct", field))
    return found


def test_every_field_of_a_protocol_is_read_by_something(monkeypatch: pytest.MonkeyPatch) -> None:
    simulated = [load(file) for file in (*EXAMPLES, *RARE)]
    read = asked(simulated, monkeypatch) | written() | AT_THE_DOOR
    unread = {(part.__name__, field) for part in parts() for field in part.model_fields} - read
    assert unread == set()


def test_a_field_that_nobody_reads_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = asked([load(EXAMPLES[0])], monkeypatch)
    assert ("Schedule", "pattern") in seen
    assert ("Schedule", "colour") not in seen | written()
