from __future__ import annotations

NAME = "check"


def command() -> None:
    """(being written)"""
