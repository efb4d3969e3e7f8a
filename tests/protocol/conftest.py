from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def base() -> dict[str, Any]:
    """A whole, valid protocol as plain data; tests change one thing and look at what is said about it."""
    return json.loads(Path(__file__).with_name("base.json").read_text(encoding="utf-8"))
