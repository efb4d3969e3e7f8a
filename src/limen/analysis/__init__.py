"""Estimators for simulated and real data alike: a design is judged by the analysis that will be run."""

# Sums over participants lose too many digits in single precision: streams turns on float64.
import limen.engine.streams  # noqa: F401
