"""A trial's worth of data: plan, perception, belief and guess, outcomes, leaving."""
