from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def overlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has an overlay of its own, so that nobody's own rows change what a test sees."""
    folder = tmp_path / "overlay"
    monkeypatch.setenv("LIMEN_OVERLAY", str(folder))
    return folder
