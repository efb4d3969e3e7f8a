"""Streams of randomness, the panel integrator, and how long work is run."""
