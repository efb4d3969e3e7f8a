"""ICD-10 codes: what is shaped like one, what falls under which, and what no rule and no list knows."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from limen.facts.read import read
from limen.safety.reading.words import reading_aids

# letter, digit, digit (ICD-10-CM also A or B), then up to four; T1DM, B12 and A1C are no codes
ICD10 = re.compile(
    r"(?<!\w)(?!B12\b)[A-Z]\d[0-9AB](?:\.?[0-9][0-9A-Z]{0,3}|\.[A-Z][0-9A-Z]{0,3})?(?!\w)", re.IGNORECASE
)


@lru_cache(maxsize=65_536)
def under(code: str, prefixes: str) -> bool:
    """Whether an ICD-10 code falls under `F20; I10-I15; R45.8`: by prefix, or inside a range of categories."""
    code = code.upper()
    code = code if "." in code or len(code) <= 3 else f"{code[:3]}.{code[3:]}"
    for part in (p.strip() for p in prefixes.split(";")):
        low, _, high = part.partition("-")
        if high and low <= code[:3] <= high:
            return True
        if not high and part and code.startswith(part):
            return True
    return False


@cache
def _ruled() -> str:
    return ";".join(row["icd10_prefix"] for row in read("safety/contraindications"))


@lru_cache(maxsize=4096)
def placed(code: str) -> bool:
    """Whether a rule or the list of harmless codes speaks about a code; any other code is unread."""
    return under(code, _ruled()) or under(code, reading_aids()["harmless"]["codes"])
