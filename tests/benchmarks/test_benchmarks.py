"""The benchmark compares like with like, and says what it could not run. Nothing here is timed."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from benchmarks.general_peers import SLOPES, antimony_model, myokit_model, signals
from benchmarks.problem import DOSES, NAMES, field, people, rates, table
from benchmarks.simulators import ALL, BY_NAME, limen, scipy_lsoda
from benchmarks.threads import in_halves

from benchmarks import mixed_models, r_peers, report

FEW = 3
NEEDS = {
    "Numba RK4 in SIMD blocks": ("numba",),
    "numbalsoda LSODA": ("numba", "numbalsoda"),
    "libRoadRunner CVODE": ("roadrunner", "antimony"),
    "Myokit CVODES": ("myokit",),
}


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    return scipy_lsoda(rtol=1e-12)(people(FEW))


def test_everybody_gets_the_same_people():
    """A draw depends on the seed alone, and the table the peers read holds what limen is given by name."""
    one, again = people(50), people(50)
    assert set(one) == set(NAMES)
    for name in NAMES:
        np.testing.assert_array_equal(one[name], again[name])
        np.testing.assert_array_equal(table(one)[:, NAMES.index(name)], one[name])
    assert (people(50, seed=2)["cl"] != one["cl"]).all()


def test_limen_agrees_with_lsoda_on_the_problem(truth):
    found = limen()(people(FEW))
    assert found.shape == (FEW, DOSES, 5)
    np.testing.assert_allclose(found, truth, rtol=1e-6)


@pytest.mark.parametrize("simulator", ALL[2:], ids=lambda s: s.name)
def test_peers_solve_that_problem(simulator, truth):
    """Peers err within what their tolerance of 1e-6 allows at the troughs of states that have all but decayed."""
    if missing := [m for m in NEEDS.get(simulator.name, ()) if find_spec(m) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}")
    try:
        run = simulator.make(1)
    except Exception as error:
        if type(error).__name__ == "CompilationError":
            pytest.skip("Myokit finds no SUNDIALS here")
        raise
    np.testing.assert_allclose(run(people(FEW)), truth, rtol=1e-3)


def test_the_text_models_state_the_same_field():
    """Slopes written for other simulators, read as Python, are `problem.field` at a random state."""
    random = np.random.default_rng(3)
    person = table(people(1))[0]
    y = random.uniform(0.1, 1, 7)
    known = dict(zip(NAMES, person, strict=True)) | dict(zip(SLOPES, y, strict=True))
    for name, right in signals("(P / v)").items():
        known[name] = eval(right.replace("^", "**"), {}, known)
    slopes = [eval(right, {}, known) for right in SLOPES.values()]
    np.testing.assert_allclose(slopes, field(0, y, person), rtol=1e-13)
    for text in (antimony_model(), myokit_model()):
        assert all(right in text for right in SLOPES.values())


def test_more_states_and_doses_keep_the_first_ones():
    """A turnover state drives nothing, and a later dose changes no earlier state: sizes grow and nothing else does."""
    p = people(FEW)
    small, large = limen()(p, doses=2, states=1), limen()(p, doses=4, states=6)
    assert large.shape == (FEW, 4, 7)
    np.testing.assert_allclose(large[:, :2, :2], small, rtol=1e-9)
    assert rates(p, 6).shape == (FEW, 6)


def test_two_threads_return_everybody_in_order():
    run = in_halves(lambda p: p["cl"] * 2, 2)
    p = people(7)
    np.testing.assert_array_equal(run(p), p["cl"] * 2)


def test_absent_and_failed_peers_have_a_row_and_a_reason():
    rows = [
        {"name": "limen", "us": 4.0, "people": 1000, "error": 4e-8, "compile_s": 5.0, "two": {"us": 2.0}},
        {"name": "one", "absent": "one_package"},
        {"name": "other", "failed": "OSError: no compiler"},
        {"name": "slow", "us": 400.0, "people": 10, "two": {"failed": "took more than 1 s"}},
    ]
    text = report.comparison(rows)
    assert "one: not installed: one_package" in text
    assert "other: failed: OSError: no compiler" in text
    assert "slow on two cores failed: took more than 1 s" in text
    table_rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(table_rows) == 1 + len(rows)
    assert {line.count("|") for line in table_rows} == {len(report.COLUMNS) + 1}
    assert "100" in table_rows[-1]  # 400 / 4
    assert "2.00" in table_rows[1]


def test_without_limen_there_are_no_ratios():
    assert "| 400 |" in report.comparison([{"name": "slow", "us": 400.0, "people": 10}]).replace("  ", "")


def test_exponents_are_those_of_power_laws():
    sizes = [1000, 10_000, 100_000]
    assert report.exponent(sizes, [3 * s for s in sizes]) == pytest.approx(1)
    assert report.exponent(sizes, [7 * s**0.5 for s in sizes]) == pytest.approx(0.5)
    cases = {
        "limen": [{"participants": s, "people": s, "us": 4.0, "memory_mib": 300.0} for s in sizes],
        "gone": [{"participants": s, "absent": "gone"} for s in sizes],
    }
    text = report.growth("participants", cases)
    assert "1.00" in text.splitlines()[-1]
    assert text.count("not installed") == len(sizes)


def test_the_machine_is_described_without_naming_it():
    import platform

    found = report.machine()
    assert found["processor"]
    assert found["cores"] >= 1
    assert found["versions"]["numpy"] == np.__version__
    assert platform.node() not in json.dumps(found)


def test_a_worker_reports_what_is_absent():
    """A peer whose package cannot be imported ends as JSON with its name, not as a traceback."""
    code = (
        "import sys; sys.modules['myokit'] = None; sys.argv = ['worker', sys.argv[1]];"
        "from benchmarks.worker import main; main()"
    )
    asked = json.dumps({"job": "python", "threads": 1, "name": "Myokit CVODES", "people": 1, "repeats": 1})
    done = subprocess.run(
        [sys.executable, "-c", code, asked],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"absent": "myokit"}


def test_every_r_peer_is_known_to_the_r_script():
    script = r_peers.SCRIPT.read_text()
    for peer in r_peers.ALL:
        assert f'"{peer.name}" = ' in script
    assert len(BY_NAME) == len(ALL)


def test_software_that_is_not_installed_has_a_row_in_the_table_of_mixed_models():
    rows = [
        mixed_models.Row("limen, all at once", 0.2, 100, 0.0, "unstructured"),
        mixed_models.Row("slow", 80.0, 5, 1e-5, "unstructured"),
        mixed_models.Row("R mmrm", float("nan"), 0, None, "not installed"),
    ]
    whole = dict.fromkeys(
        (
            "trials",
            "simulated_s",
            "simulated_cpu_s",
            "analysed_s",
            "analysed_cpu_s",
            "fitted",
            "seen_at_last_visit",
        ),
        1.0,
    )
    lines = mixed_models.text(rows, whole).splitlines()
    assert "| slow | 80 | 400 | 5 | 1e-05 |" in lines[3]
    assert lines[4].endswith("| not installed |")
    assert "nan" not in lines[4]
