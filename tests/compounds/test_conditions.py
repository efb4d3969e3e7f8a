"""No room decides by the name of a compound: `else` never means the other one.

`NAMED` may only get shorter.
"""

import ast

import pytest

from limen import compounds
from support.source import modules

NAMED = {"response", "calibration"}


def words() -> set[str]:
    """What a compound may be called in code: its names, analyte, forms, kinetic sets and endings of parameters."""
    found: set[str] = set()
    for name in compounds.compound_names():
        one = compounds.compound(name)
        found |= {*one.called, one.analyte, one.base, *one.form_names, *(k.name for k in one.kinetics)}
        found |= {one.marker_suffix or one.name, *(k.name.split("_")[0] for k in one.kinetics)}
    return {word.casefold() for word in found}


def decided(tree: ast.AST) -> list[ast.expr]:
    """Expressions that decide: tests of if, while and comprehensions, comparisons, keys of a dictionary that is asked."""
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        match node:
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) | ast.Assert(test=test):
                found.append(test)
            case ast.Compare():
                found.append(node)
            case ast.comprehension(ifs=ifs):
                found += ifs
            case ast.MatchValue(value=value):
                found.append(value)
            case ast.Call(func=ast.Attribute(attr="startswith" | "endswith")):
                found += node.args
            case (
                ast.Subscript(value=ast.Dict(keys=keys))
                | ast.Call(func=ast.Attribute(value=ast.Dict(keys=keys), attr="get"))
            ):
                found += [key for key in keys if key is not None]
    return found


def named_in(tree: ast.AST) -> set[str]:
    known = words()
    return {
        leaf.value
        for test in decided(tree)
        for leaf in ast.walk(test)
        if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str) and leaf.value.casefold() in known
    }


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("x = 1 if plan.compound == 'LSD' else 2", {"LSD"}),
        ("if name.startswith('lsd'): pass", {"lsd"}),
        ("unit = {'LSD': 'ug', 'psilocybin': 'mg'}[compound]", {"LSD", "psilocybin"}),
        ("[r for r in rows if r['form'] == 'dried mushroom']", {"dried mushroom"}),
        ("record = compound('LSD')", set()),
        ("if record.simulated: pass", set()),
    ],
)
def test_a_name_in_a_condition_is_seen(code, found):
    assert named_in(ast.parse(code)) == found


def test_no_room_decides_by_the_name_of_a_compound():
    rooms: dict[str, dict[str, set[str]]] = {}
    for module in modules():
        if names := named_in(module.tree):
            rooms.setdefault(module.room, {})[module.name] = names
    assert set(rooms) <= NAMED, rooms
