"""A turned protocol with made-up numbers: no simulation."""

from __future__ import annotations

import numpy as np

from limen.design.believe import certain
from limen.design.dial import dial
from limen.design.turn import MEASURES, Grid
from limen.parameters import load
from limen.protocol import Protocol
from limen.trial.plan import lay_out
from limen.turn.turned import Turned

SHARES = {
    "notices, drug": 0.52, "notices, comparator": 0.24, "guesses right": 0.56, "does not know": 0.15,
    "works, day": 0.172, "significant, day": 0.175, "works without belief, day": 0.031, "belief adds, day": 0.141,
    "works, scale": 0.041, "significant, scale": 0.06, "works without belief, scale": 0.03, "belief adds, scale": 0.011,
}  # fmt: skip


def made_up(protocol: Protocol, error: float = 0.012) -> Turned:
    """Shares that rise a little with the dose, each with the same error in 1000 trials."""
    parameters, turned = load(), dial(protocol)
    shape = (len(turned.turned), len(turned.told), len(turned.against), len(turned.people))
    found = np.zeros((*shape, len(MEASURES), 3))
    found[..., 0] = [SHARES[name] for name in MEASURES]
    found[..., 0] *= np.linspace(0.5, 1.0, shape[0])[:, None, None, None, None]
    found[..., 1:] = error, 1000
    plan = lay_out(protocol, parameters)
    belief = certain(np.array([-0.1, 0.1]), (plan.compound, plan.indication))
    return Turned(Grid(turned, plan, parameters, belief, 1000, 1, "ancova", found), "limen turn made_up.yaml")
