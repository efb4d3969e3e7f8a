"""Medication lists drawn from the dictionary and spoiled by a stated typo model with a fixed seed.

Run `python tests/safety/messy/make_generated.py` to write `generated.csv` again, byte for byte the same.
Nothing here uses limen's matcher: labels come from reading the rule table's names and ATC prefixes literally.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

HERE = Path(__file__).parent
FACTS = HERE.parents[2] / "src" / "limen" / "facts" / "safety"
SEED = 20_260_117
LISTS_WITH_DANGER, LISTS_PLAIN, LISTS_MIXED = 120, 45, 15

# The typo model: probability that a name is spoiled once, that a long name is spoiled twice, and how.
P_ONE, P_TWO, LONG = 0.55, 0.10, 9
KEYBOARD = {
    "a": "qsz", "b": "vgn", "c": "xdv", "d": "sfe", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjy", "i": "uok",
    "j": "hku", "k": "jli", "l": "kop", "m": "nj", "n": "bmh", "o": "ipl", "p": "ol", "q": "wa", "r": "etf",
    "s": "adw", "t": "ryg", "u": "yij", "v": "cfb", "w": "qes", "x": "zsc", "y": "tuh", "z": "xas",
}  # fmt: skip
BY_EAR = [
    ("ph", "f"),
    ("y", "i"),
    ("i", "y"),
    ("z", "s"),
    ("th", "t"),
    ("c", "k"),
    ("x", "ks"),
    ("qu", "kw"),
    ("ae", "e"),
]
DOSES = [
    "",
    " 10 mg",
    " 20mg",
    " 50 mg OD",
    " 100mg nocte",
    " 5 mg bd",
    " 1 tab daily",
    " mg 25 prn",
    " XR 75",
    " 0.5 mg/d",
]
SEPARATORS = ["; ", ", ", "\n", " + ", "\n- "]
# Rules of one trial's population, and reviews: not part of a label.
NOT_LABELLING = {"INT013", "INT045", "INT065", "INT066", "INT097", "INT098"}


def spoil(word: str, rng: random.Random) -> str:
    """One slip: a neighbouring key, a letter left out, doubled or swapped, or spelled by ear."""
    letters = [i for i, letter in enumerate(word) if i > 0 and letter.isalpha()]
    at = rng.choice(letters)
    kind = rng.choice(["neighbour", "omit", "double", "swap", "ear", "ear"])
    if kind == "ear":
        sounds = [(a, b) for a, b in BY_EAR if a in word[1:].lower()]
        if sounds:
            a, b = rng.choice(sounds)
            return word[0] + word[1:].lower().replace(a, b, 1)
        kind = "omit"
    if kind == "neighbour":
        return word[:at] + rng.choice(KEYBOARD.get(word[at].lower(), "e")) + word[at + 1 :]
    if kind == "omit":
        return word[:at] + word[at + 1 :]
    if kind == "double":
        return word[: at + 1] + word[at:]
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


def typed(name: str, rng: random.Random) -> str:
    """A name as somebody typed it, with its dose text."""
    draw = rng.random()
    if len(name) >= 6 and draw < P_ONE:
        name = spoil(name, rng)
        if len(name) >= LONG and draw < P_TWO:
            name = spoil(name, rng)
    name = rng.choice([str, str.lower, str.upper, str.title])(name)
    return name + rng.choice(DOSES)


def severities(drug: dict[str, str], compound: str, rules: list[dict[str, str]], flags: bool) -> set[str]:
    """Severities of the rules that name the drug or its ATC class (or, with `flags`, share a flag)."""
    found = set()
    for rule in rules:
        if rule["psychedelic"] not in (compound, "both") or rule["rule_id"] in NOT_LABELLING:
            continue
        named = drug["name"] in rule["example_drugs"].split(";")
        classed = any(drug["atc_code"].startswith(p) for p in rule["atc_prefix"].split(";") if p)
        shared = flags and any(
            drug[f.split("=")[0]] == f.split("=")[1] if "=" in f else f in drug["flags"].split(";")
            for f in rule["flag_match"].split(";")
            if f
        )
        if named or classed or shared:
            checks = rule["recommended_action"].startswith("check")
            found.add("check" if checks and rule["severity"] == "major" else rule["severity"])
    return found


def label(names: list[dict[str, str]], compound: str, rules: list[dict[str, str]]) -> tuple[str, str]:
    """Whether a list is dangerous, and the decision a literal reader of the rules reaches.

    `unscored` where only a flag shared with another class speaks against a list: readers may differ there.
    """
    plain = set().union(*(severities(drug, compound, rules, flags=False) for drug in names))
    shared = set().union(*(severities(drug, compound, rules, flags=True) for drug in names))
    if plain & {"contraindicated", "major"}:
        return "yes", "not eligible"
    if "check" in plain:
        return "yes", "needs a clinician"
    if "moderate" in plain:
        return "no", "needs a clinician"
    return "no", "unscored" if shared & {"contraindicated", "major", "check", "moderate"} else "eligible"


def main() -> None:
    rng = random.Random(SEED)
    drugs = list(csv.DictReader((FACTS / "drugs.csv").open(encoding="utf-8")))
    rules = list(csv.DictReader((FACTS / "interactions.csv").open(encoding="utf-8")))
    compounds = ("psilocybin", "LSD")
    dangerous = {c: [d for d in drugs if label([d], c, rules)[0] == "yes"] for c in compounds}
    plain = {c: [d for d in drugs if label([d], c, rules)[1] == "eligible"] for c in compounds}
    rows = []
    for number in range(LISTS_WITH_DANGER + LISTS_PLAIN + LISTS_MIXED):
        compound = compounds[number % 2]
        if number < LISTS_WITH_DANGER:  # every dangerous drug has its turn before any comes twice
            turn = dangerous[compound]
            chosen = [turn[(number // 2) % len(turn)], *rng.sample(plain[compound], rng.randint(0, 2))]
        elif number < LISTS_WITH_DANGER + LISTS_PLAIN:
            chosen = rng.sample(plain[compound], rng.randint(1, 3))
        else:
            chosen = rng.sample(drugs, rng.randint(2, 5))
        chosen = list({drug["name"]: drug for drug in chosen}.values())
        rng.shuffle(chosen)
        names = [rng.choice([d["name"], *filter(None, d["synonyms"].split(";"))]) for d in chosen]
        text = rng.choice(SEPARATORS).join(typed(name, rng) for name in names)
        danger, decision = label(chosen, compound, rules)
        rows.append(
            [
                f"G{number + 1:03d}",
                compound,
                text,
                ";".join(d["name"] for d in chosen),
                "no",
                danger,
                decision,
            ]
        )
    with (HERE / "generated.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(
            ["id", "compound", "text", "expected_drugs", "unknown", "dangerous", "expected_decision"]
        )
        writer.writerows(rows)


if __name__ == "__main__":
    main()
