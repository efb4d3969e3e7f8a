"""Who must not take it, what must be washed out, what to watch and when to stop.

Facts about eligibility as trials define it, never advice to change a treatment.
"""
