"""Small protocols on which interim looks are tried."""

TWO = """
  - {name: LSD, kind: active, n: 30, form: LSD base, dose: 20 ug}
  - {name: placebo, kind: inert placebo, n: 30}"""
THREE = """
  - {name: LSD, kind: active, n: 40, form: LSD base, dose: 20 ug}
  - {name: placebo, kind: inert placebo, n: 20}
  - {name: low, kind: active, n: 30, form: LSD base, dose: 5 ug}"""


def written(arms: str, rest: str, mcid: str = "") -> str:
    """Four weeks of LSD in MDD with these arms, and `rest` as further fields."""
    return f"""
limen: 1
name: looked at
status: planned
compound: LSD
population: {{indication: MDD}}
arms:{arms}
schedule: {{pattern: {{every: 3 d}}, duration: 4 wk}}
visits: {{every: 2 wk, until: 4 wk}}
outcomes: [{{id: madrs, primary: true, at: 4 wk{mcid}}}]
blinding: double
{rest}
"""
