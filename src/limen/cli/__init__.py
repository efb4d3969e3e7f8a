"""Thin: parse, call, print. Nothing is computed here, and nothing heavy is imported until a command runs."""
