"""Who must not take it, what must be washed out, what to watch and when to stop.

Facts about eligibility as trials define it, never advice to change a treatment. Four folders, each importing only those
before it: `reading` (what was said), `rules` (what trials ask), `screening` (one decision), `monitoring` (visits).
"""
