"""The rules of the house that a syntax tree can check.

Each list of exceptions below may only get shorter: a test fails for what is not on it, and for what need not be.
"""

from __future__ import annotations

import ast
from collections import defaultdict

import pytest

from limen import compounds
from support.source import Function, Module, by_name, circles, modules

LONGEST, MOST = 60, 8

# Names that every module of a folder gives because its registry asks for them; the folder counts as one.
CONTRACTS = {
    "limen.figures.": {"chart", "table", "COLUMNS"},
    "limen.dossier.sections.": {"build", "cited", "words", "figures", "summary", "SECTION"},
    "limen.analysis.estimators.": {"fit", "many", "ESTIMATOR"},
    "limen.response.markers.": {"MARKER"},
}

LONG: set[str] = set()
WIDE: set[str] = set()
TWICE: set[str] = set()


def label(module: Module, function: Function) -> str:
    return f"{module.room}:{function.name}"


def test_no_module_reaches_itself_through_its_imports():
    """Imports inside functions and under TYPE_CHECKING count: a circle deferred is a circle."""
    graph = {module.name: {name for name, _ in module.imported()} for module in modules()}
    del graph["limen"]  # names the types of the door, and imports them when it is asked
    assert circles(graph) == []


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
    assert found == LONG


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
    assert found == WIDE


def defined_twice() -> dict[str, list[str]]:
    """A name that one room takes from another is public and has one home; within a room a class or a function has.
    A constant that nobody else reads is its module's own.

    The commands of `cli` and the functions of the door are named for the user and imported by no room.
    """
    homes, made = defaultdict(set), set()
    imported = {(module, home, name) for module in modules() for home, name in module.imported() if name}
    read = {(home, name) for module, home, name in imported if home != module.name}
    taken = {
        name
        for module, home, name in imported
        if home in by_name() and module.name != "limen" and by_name()[home].room != module.room
    }
    for module in modules():
        if module.room in ("cli", "door"):
            continue
        made |= {(module.name, n.name) for n in module.tree.body if isinstance(n, ast.ClassDef | Function)}
        for name in module.defined():
            folder = next(
                (f for f, names in CONTRACTS.items() if module.name.startswith(f) and name in names), None
            )
            if (module.name, name) in made | read:
                homes[name].add(folder or module.name)
    found = {}
    for name, where in homes.items():
        rooms = [home.split(".")[1] for home in where if folder_or_made(home, name, made)]
        if len(where) > 1 and (name in taken or len(set(rooms)) < len(rooms)):
            found[name] = sorted(where)
    return found


def folder_or_made(home: str, name: str, made: set[tuple[str, str]]) -> bool:
    return home.endswith(".") or (home, name) in made


def test_a_public_name_is_defined_once():
    found = defined_twice()
    assert {name: where for name, where in found.items() if name not in TWICE} == {}
    assert TWICE - found.keys() == set()


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
    assert reaching == set()


def bare(annotation: ast.expr) -> bool:
    """Does the annotation hold an array whose shape nobody states?"""
    match annotation:
        case ast.Subscript(
            value=ast.Name(
                id="Float" | "Int" | "Bool" | "Num" | "Real" | "Shaped" | "UInt" | "UInt32" | "Key"
            ),
            slice=ast.Tuple(elts=[_, stated]),
        ):
            return not isinstance(stated, ast.Constant)
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
        ("Float[np.ndarray, (people  # visits\n)]", True),  # what a formatter makes of an unspaced "people #visits"
        ("Callable[[float], int]", False),
    ],
)  # fmt: skip
def test_a_bare_array_is_seen(annotation, found):
    assert bare(ast.parse(annotation, mode="eval").body) is found


# Modules whose signatures do not yet state every shape.
SHAPELESS = {"limen.design.operate", "limen.dossier.sections.verdict.build"}


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
                found[module.name].add(node.name)
    assert {name: sorted(where) for name, where in found.items() if name not in SHAPELESS} == {}
    assert SHAPELESS - found.keys() == set()


def compound_names_compared(tree: ast.AST, known: set[str]) -> set[str]:
    """Names of compounds that a condition compares with, looks up in a dictionary of, or matches the start or end of."""
    found: set[str] = set()
    for node in ast.walk(tree):
        asked: list[ast.AST] = []
        match node:
            case ast.Compare():
                asked = [node.left, *node.comparators]
            case ast.MatchValue():
                asked = [node.value]
            case ast.Call(func=ast.Attribute(attr="startswith" | "endswith")):
                asked = list(node.args)
            case ast.Dict():
                asked = [key for key in node.keys if key is not None]
        words = [
            c.value
            for part in asked
            for c in [part, *getattr(part, "elts", [])]
            if isinstance(c, ast.Constant)
        ]
        found |= {word for word in words if isinstance(word, str) and word.casefold() in known}
    return found


def called() -> set[str]:
    """Every name that a compound goes by, and the endings of its parameters."""
    every = [compounds.compound(name) for name in compounds.compound_names()]
    return {
        word.casefold() for one in every for word in (*one.called, one.marker_suffix, one.analyte) if word
    }


def test_no_condition_names_a_compound():
    """What differs between compounds stands in their records."""
    found = {m.name: compound_names_compared(m.tree, called()) for m in modules()}
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "line", ["x == 'LSD'", "x in ('lsd', y)", "k.startswith('psi')", "K = {'psilocybin': 1.0}", "match x:\n case 'mushroom': ..."]
)  # fmt: skip
def test_a_condition_that_names_a_compound_is_seen(line):
    assert compound_names_compared(ast.parse(line), called())


def test_every_module_is_read():
    assert {"limen.trial.plan", "limen.facts", "limen"} <= set(by_name())
