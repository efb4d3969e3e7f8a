"""Programs that a later process takes up: the same numbers without tracing, and nothing of another source or shape."""

import threading

import jax.numpy as jnp
import numpy as np
import pytest

from limen.engine import stored
from limen.people.identity import Identity


def asked(shift: float = 1.0, count: int = 3) -> tuple[list[float], int]:
    """What a program finds that has compiled nothing yet, and how often it was traced."""
    traced = []

    def doubled(shift, who, values):
        traced.append(values.shape)
        return Identity(who.words + 1), {"found": shift + 2 * values}

    doubled.__module__ = "limen.engine.stored"
    who, found = stored.Program(doubled, 1)(
        shift, Identity(jnp.ones((2, 2), jnp.uint32)), np.arange(float(count))
    )
    assert np.asarray(who.words).tolist() == [[2, 2], [2, 2]]
    return np.asarray(found["found"]).tolist(), len(traced)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "_folder", tmp_path)
    return tmp_path


def test_a_stored_program_is_taken_up_without_tracing_it_and_finds_the_same(folder):
    assert asked() == ([1.0, 3.0, 5.0], 1)
    assert asked() == ([1.0, 3.0, 5.0], 0)
    assert asked(shift=2.0) == ([2.0, 4.0, 6.0], 1)
    assert asked(count=2) == ([1.0, 3.0], 1)
    for program in folder.glob("*/*.program"):
        program.write_bytes(program.read_bytes()[:-100])
    assert asked() == ([1.0, 3.0, 5.0], 1)


def test_what_has_no_name_in_another_process_is_compiled_and_not_stored(folder):
    def by_law(law, x):
        return law(x)

    by_law.__module__ = "limen.engine.stored"
    program = stored.Program(by_law, 1)
    assert program(lambda x: x + 1, np.ones(2)).tolist() == [2, 2]
    assert not list(folder.glob("*/*.program"))


def test_traced_values_and_plain_numbers_go_the_way_of_jit(folder):
    import jax

    program = stored.stored(lambda x: x**2)
    assert jax.grad(lambda x: program(x))(3.0) == 6.0
    assert program(2.0) == 4.0
    assert not list(folder.glob("*/*.program"))


def test_another_source_has_another_folder(tmp_path, monkeypatch):
    source = tmp_path / "package" / "trial" / "one.py"
    source.parent.mkdir(parents=True)
    monkeypatch.setattr(stored.limen, "__file__", str(tmp_path / "package" / "__init__.py"))
    found = []
    for text in ("one = 1", "one = 2"):
        source.write_text(text)
        stored._of_this_release.cache_clear()
        found.append(stored._of_this_release(tmp_path))
    stored._of_this_release.cache_clear()
    assert found[0] != found[1]


def test_what_was_asked_for_last_is_taken_up_beside_other_work(folder, monkeypatch):
    by_whom, read = [], stored.read_program

    def told(where):
        by_whom.append(threading.current_thread() is threading.main_thread())
        return read(where)

    monkeypatch.setattr(stored, "read_program", told)
    with stored.taken_up_beside("answer"):
        asked(), asked(count=2)
    assert by_whom == [True, True]  # nothing was there yet
    with stored.taken_up_beside("answer"):
        for program in stored._beside._coming.result().values():
            program.result()
        assert asked() == ([1.0, 3.0, 5.0], 0)
        assert asked(count=2) == ([1.0, 3.0], 0)
        assert asked(count=4)[1] == 1
    assert by_whom == [True, True, False, False, True]
    assert stored._beside is None
    [names] = folder.glob("*/answer.list")
    assert len(names.read_text().split()) == 3
