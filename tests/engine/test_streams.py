"""A draw depends on seed, name, participant and day, and on nothing else."""

import jax.extend.random as jr
import jax.numpy as jnp
import numpy as np

from limen.engine import streams


def test_threefry_equals_the_reference_implementation():
    key = jnp.array([13, 198], jnp.uint32)
    count = jnp.arange(64, dtype=jnp.uint32)
    ours = jnp.concatenate(streams.threefry(key, count[:32], count[32:]))
    assert np.array_equal(ours, jr.threefry_2x32(key, count))


def test_a_draw_is_the_same_in_any_company():
    people, days = jnp.arange(100), jnp.arange(5)
    many = streams.uniforms(streams.keys(("a", "b", "c"), 7), people, days)
    one = streams.uniforms(streams.keys(("b",), 7), people[40:41], days[3:4])
    assert many[1, 3, 40] == one[0, 0, 0]


def test_names_seeds_people_and_days_all_matter():
    def first(name, seed, person, day):
        return float(
            streams.uniforms(streams.keys((name,), seed), jnp.array([person]), jnp.array([day]))[0, 0, 0]
        )

    values = {
        first("a", 1, 0, 0),
        first("b", 1, 0, 0),
        first("a", 2, 0, 0),
        first("a", 1, 1, 0),
        first("a", 1, 0, 1),
    }
    assert len(values) == 5


def test_uniforms_are_uniform_and_normals_normal():
    u = np.asarray(streams.uniforms(streams.keys(("u",), 1), jnp.arange(200_000), jnp.arange(1))).ravel()
    counts = np.histogram(u, np.linspace(0, 1, 51))[0]
    assert ((counts - 4000) ** 2 / 4000).sum() < 86  # chi-square, 49 df, p = 0.001
    z = np.asarray(streams.normals(streams.keys(("z",), 1), jnp.arange(200_000), jnp.arange(1))).ravel()
    assert abs(z.mean()) < 0.01
    assert abs(z.std() - 1) < 0.01
    assert abs(np.corrcoef(z[:-1], z[1:])[0, 1]) < 0.01


def test_a_hash_of_a_name_is_the_same_in_every_process():
    # Pinned: SHA-256, unlike the built-in hash, does not change between processes.
    assert streams.name_hash("noticed", 1) == (424135717, 4202287148)
