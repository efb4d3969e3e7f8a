"""Estimators for simulated and real data alike: a design is judged by the analysis that will be run."""

import jax

# Sums over participants lose too many digits in single precision.
jax.config.update("jax_enable_x64", True)
