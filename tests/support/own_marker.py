"""A marker of one's own: one declaration, and the TOML of its numbers."""

from __future__ import annotations

from limen.engine.declare import Hill, Turnover
from limen.response import Marker

NUMBERS = """
top = { value = 0.7, gsd = 1.5, unit = "ln ratio", text = "largest rise", status = "assumption" }
half_psi = { value = 12.0, gsd = 1.5, unit = "ug/L", text = "psilocin at half of it", status = "assumption" }
half_lsd = { value = 2.0, gsd = 1.5, unit = "ug/L", text = "LSD at half of it", status = "assumption" }
rate = { value = 1.0, gsd = 1.3, unit = "1/h", text = "turnover rate", status = "assumption" }
within_sd = { value = 0.3, gsd = 1.3, unit = "ln SD", text = "month-to-month SD", status = "assumption" }
"""
OWN = Marker(
    id="own", name="Own", unit="ln ratio", label="assumption", reads="OWN",
    equations=(Hill("own_drive", of="C", top="own_top", half="own_half"), Turnover("OWN", "own_drive", "own_rate")),
    within_sd="own_within_sd",
)  # fmt: skip
