"""Programs that a later process takes up: the same numbers without tracing, and nothing of another source or shape."""

import os
import subprocess
import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

from limen.engine import stored
from limen.people.identity import Identity

ASKED = """
import sys
from pathlib import Path
import jax, numpy as np
from limen.engine import stored, streams
from limen.people.identity import Identity

traced = []
def doubled(shift, who, values):
    traced.append(values.shape)
    return Identity(who.words + 1), {"found": shift + 2 * values}

doubled.__module__ = "limen.engine.stored"
stored.store_in(Path(sys.argv[1]))
program = stored.Program(doubled, 1)
who, found = program(float(sys.argv[2]), Identity(np.ones((2, 2), np.uint32)), np.arange(float(sys.argv[3])))
print(type(who).__name__, np.asarray(found["found"]).tolist(), len(traced))
"""


def asked(folder: Path, shift: float = 1.0, count: int = 3) -> str:
    done = subprocess.run(
        [sys.executable, "-c", ASKED, str(folder), str(shift), str(count)],
        env=dict(os.environ), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_another_process_takes_up_the_program_without_tracing_it_and_finds_the_same(tmp_path):
    assert asked(tmp_path) == "Identity [1.0, 3.0, 5.0] 1"
    assert asked(tmp_path) == "Identity [1.0, 3.0, 5.0] 0"
    assert asked(tmp_path, shift=2.0) == "Identity [2.0, 4.0, 6.0] 1"
    assert asked(tmp_path, count=2) == "Identity [1.0, 3.0] 1"
    for program in tmp_path.glob("*/*.program"):
        program.write_bytes(program.read_bytes()[:-100])
    assert asked(tmp_path) == "Identity [1.0, 3.0, 5.0] 1"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "_folder", tmp_path)
    return tmp_path


def test_what_has_no_name_in_another_process_is_compiled_and_not_stored(folder):
    program = stored.Program(lambda law, x: law(x), 1)
    assert program(lambda x: x + 1, np.ones(2)).tolist() == [2, 2]
    assert not list(folder.glob("*/*.program"))


def test_traced_values_and_plain_numbers_go_the_way_of_jit(folder):
    import jax

    program = stored.stored(lambda x: x**2)
    assert jax.grad(lambda x: program(x))(3.0) == 6.0
    assert program(2.0) == 4.0
    assert not list(folder.glob("*/*.program"))


def test_another_source_has_another_folder(tmp_path, monkeypatch):
    source = tmp_path / "package" / "__init__.py"
    source.parent.mkdir()
    monkeypatch.setattr(stored.limen, "__file__", str(source))
    found = []
    for text in ("one = 1", "one = 2"):
        source.write_text(text)
        stored._of_this_release.cache_clear()
        found.append(stored._of_this_release(tmp_path))
    stored._of_this_release.cache_clear()
    assert found[0] != found[1]


def test_words_of_identities_survive(folder):
    program = stored.stored(lambda who: Identity(who.words[::-1]))
    who = Identity(jnp.asarray([[1, 2], [3, 4]], jnp.uint32))
    assert np.asarray(program(who).words).tolist() == [[3, 4], [1, 2]]
