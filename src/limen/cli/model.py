from __future__ import annotations

NAME = "model"


def command() -> None:
    """(being written)"""
