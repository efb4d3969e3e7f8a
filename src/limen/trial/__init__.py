"""A trial's worth of data: plan, perception, belief and guess, outcomes, leaving."""

from limen.trial.plan import Plan, lay_out

__all__ = ["Plan", "lay_out"]
