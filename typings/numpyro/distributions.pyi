"""Distributions are handed on, never looked into."""

from typing import Any

def __getattr__(name: str) -> Any: ...
