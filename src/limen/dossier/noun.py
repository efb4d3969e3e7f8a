"""The base of everything an answer is made of, apart so that sections may live in files of their own."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Noun(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
