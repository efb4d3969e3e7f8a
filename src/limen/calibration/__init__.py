"""Fitting to published summaries, replaying published trials, validation tables."""
