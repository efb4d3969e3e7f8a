"""Estimators for simulated and real data alike: a design is judged by the analysis that will be run."""
