"""The rules of the house that a syntax tree can check.

Each list of exceptions below may only get shorter: a test fails for what is not on it, and nothing is added.
"""

from __future__ import annotations

import ast
from collections import defaultdict

import pytest

from support.source import Function, Module, by_name, circles, modules

LONGEST, MOST = 60, 8

# Names that every module of a folder gives because its registry asks for them; the folder counts as one.
CONTRACTS = {
    "limen.figures.": {"chart", "table", "COLUMNS"},
    "limen.dossier.sections.": {"build", "cited", "words", "figures", "summary", "SECTION"},
    "limen.response.markers.": {"MARKER"},
}

CIRCLES: set[tuple[str, ...]] = {
    ("limen.protocol.model", "limen.protocol.paths", "limen.protocol.sense"),
}
LONG = {
    "trial:walk", "response:respond", "cli:command", "engine:run", "analysis:evaluate", "figures:chart",
    "figures:forest", "evidence:pool",
}  # fmt: skip
WIDE = {
    "response:respond", "cli:command", "trial:follow", "cli:meta", "evidence:select", "evidence:meta_analysis",
    "cli:outcomes", "cli:studies", "trial:walk", "trial:curves", "engine:course", "design:operate",
}  # fmt: skip
TWICE = {
    "Analysis", "Answer", "Arm", "CLASSES", "Compound", "Effect", "Exposure", "Form", "Interval", "Known",
    "Line", "Mark", "Marker", "Modes", "Outcome", "Part", "Pattern", "Population", "Posterior", "Potency",
    "Prior", "Reading", "Row", "Schedule", "Size", "Split", "Status", "Stretch", "Structure", "Timeline",
    "about", "aids", "atomic", "beside", "blinding", "cited", "construct_of", "doses", "effects", "entry",
    "evaluate", "expected", "exposure", "hours", "implausible", "in_order", "interval", "known", "lay_out",
    "limits", "load", "modes", "names", "nearest", "number", "outcomes", "patients", "read", "references",
    "rows", "select", "shown", "span", "stop", "summary", "washout", "wilson", "without_nan", "write_json",
    "write_text",
}  # fmt: skip
REACHING = {"limen.protocol.doses"}


def label(module: Module, function: Function) -> str:
    return f"{module.room}:{function.name}"


def test_no_module_reaches_itself_through_its_imports():
    """Imports inside functions and under TYPE_CHECKING count: a circle deferred is a circle."""
    graph = {module.name: {name for name, _ in module.imported()} for module in modules()}
    assert set(circles(graph)) <= CIRCLES


def test_a_circle_is_found_when_there_is_one():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [("a", "b", "c")]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_functions_fit_on_a_screen():
    found = {
        label(module, function)
        for module in modules()
        for function in module.functions()
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST
    }
    assert found <= LONG


def test_functions_take_few_arguments():
    """What a method is called on does not count."""
    found = set()
    for module in modules():
        for function in module.functions():
            a = function.args
            names = [
                x.arg for x in (*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg) if x is not None
            ]
            if len(names) - (names[:1] in (["self"], ["cls"])) > MOST:
                found.add(label(module, function))
    assert found <= WIDE


def test_a_public_name_is_defined_once():
    """Classes and functions without an underscore, and constants that another module reads.

    The commands of `cli` are named for the terminal and imported by nobody.
    """
    read = {(name, taken) for module in modules() for name, taken in module.imported() if taken}
    homes = defaultdict(set)
    for module in modules():
        if module.room == "cli":
            continue
        classes = {n.name for n in module.tree.body if isinstance(n, ast.ClassDef | Function)}
        for name in module.defined():
            shared = next(
                (f for f, names in CONTRACTS.items() if module.name.startswith(f) and name in names), None
            )
            if name in classes or (module.name, name) in read:
                homes[name].add(shared or module.name)
    twice = {name: sorted(where) for name, where in homes.items() if len(where) > 1 and name not in TWICE}
    assert not twice


def test_a_room_opens_its_own_files_only():
    """Shipped data of another room are asked for, never opened by path."""
    reaching = set()
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "files" and node.args:
                (package,) = node.args
                if isinstance(package, ast.Constant) and not f"{module.name}.".startswith(
                    f"{package.value}."
                ):
                    reaching.add(module.name)
                if isinstance(package, ast.Constant) and package.value == "limen":
                    reaching.add(module.name)
    assert reaching <= REACHING


def bare(annotation: ast.expr) -> bool:
    """Does the annotation hold an array whose shape nobody states?"""
    match annotation:
        case ast.Subscript(
            value=ast.Name(
                id="Float" | "Int" | "Bool" | "Num" | "Real" | "Shaped" | "UInt" | "UInt32" | "Key"
            )
        ):
            return False
        case ast.Attribute() if ast.unparse(annotation) in ("np.ndarray", "jax.Array", "jnp.ndarray"):
            return True
        case ast.Name(id="Array" | "ArrayLike"):
            return True
    return any(bare(part) for part in ast.iter_child_nodes(annotation) if isinstance(part, ast.expr))


@pytest.mark.parametrize(
    ("annotation", "found"),
    [
        ("np.ndarray", True),
        ("list[np.ndarray] | None", True),
        ("dict[str, Array]", True),
        ("Float[np.ndarray, 'people visits']", False),
        ("tuple[Float[Array, ''], Bool[ArrayLike, 'people']]", False),
        ("Callable[[float], int]", False),
    ],
)  # fmt: skip
def test_a_bare_array_is_seen(annotation, found):
    assert bare(ast.parse(annotation, mode="eval").body) is found


# Rooms whose signatures do not yet state every shape.
SHAPELESS = {
    "analysis", "calibration", "design", "dossier", "engine", "evidence", "parameters", "people", "response", "trial",
}  # fmt: skip


def test_arrays_in_signatures_and_fields_state_their_shape():
    found = defaultdict(set)
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, Function) and not node.name.startswith("_"):
                a = node.args
                arguments = (x.annotation for x in (*a.posonlyargs, *a.args, *a.kwonlyargs))
                annotations = [x for x in (*arguments, node.returns) if x is not None]
            elif isinstance(node, ast.ClassDef):
                annotations = [x.annotation for x in node.body if isinstance(x, ast.AnnAssign)]
            else:
                continue
            if any(bare(x) for x in annotations):
                found[module.room].add(f"{module.name}.{node.name}")
    assert {room: sorted(names) for room, names in found.items() if room not in SHAPELESS} == {}


def test_every_module_is_read():
    assert {"limen.trial.plan", "limen.facts", "limen"} <= set(by_name())
