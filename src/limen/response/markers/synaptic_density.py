"""Synaptic density (shao2021, raval2021): a dose adds G (1 - S / Smax) to a pool A that becomes density S.

dA/dt = -r A,  dS/dt = r A - l S,  r = ln 2 / thalf_rise,  l = ln 2 / thalf_loss; S is the relative gain.
A microdose's G is the full dose's times the ratio of drives, once, where the switch is on.
"""

import jax.numpy as jnp

from limen.engine.declare import Jump, State, Turnover
from limen.response.marker import Marker


def _rise(x):
    return jnp.log(2.0) / (24 * x.synaptic_density_thalf_rise)


def _loss(x):
    return jnp.log(2.0) / (24 * x.synaptic_density_thalf_loss)


def _gain(x):
    room = jnp.maximum(1 - x.before.S / x.synaptic_density_ceiling, 0.0)
    return x.synaptic_on * x.plastic_share * x.synaptic_density_gain_full * room


SYNAPTIC_DENSITY = Marker(
    id="synaptic_density",
    name="Synaptic density",
    unit="fraction",
    label="translated",
    group="plasticity",
    reads="S",
    equations=(Turnover("A", 0.0, _rise), State("S", lambda x: _rise(x) * x.A, _loss)),
    jumps=(Jump("A", _gain),),
    within_sd="synaptic_density_within_sd",
    between_sd="synaptic_density_between_sd",
    switch="synaptic_on",
    probability="synaptic_density_z",
    single="synaptic_density_phi",
    coupling="coupling_other",
    sentence="limen's tables hold no measurement of this in people at a microdose; sizes come from mice and pigs at full doses.",
)
