"""Simulated trials as analysis data sets of CDISC ADaM: ADSL (people), ADQS (scores), ADPC (concentrations), each as CSV,
Parquet and SAS transport, version 5, with a file that says what every variable is.

A simulated person has no calendar, so there are study days (ADY, 1 is that of the first dose) and no dates.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from limen.errors import DataError
from limen.files import Outputs

LONGEST = 200  # bytes of a text in SAS transport, version 5
LABELS: Mapping[str, str] = {
    "STUDYID": "Study Identifier", "USUBJID": "Unique Subject Identifier", "SUBJID": "Subject Identifier for the Study",
    "ARM": "Description of Planned Arm", 
    "TRTSEQP": "Planned Sequence of Treatments", "ITTFL": "Intent-To-Treat Population Flag",
    "EOSSTT": "End of Study Status", "EOSDY": "Study Day of Last Visit Seen", "DCSREAS": "Reason for Discontinuation from Study",
    "STOPFL": "Stopped Study Drug, Still Seen", "RESCFL": "Started Rescue Antidepressant", "ANTIDEP": "Antidepressant at Baseline",
    "TRTP": "Planned Treatment", "TRTPN": "Planned Treatment (N)", "TRTA": "Actual Treatment", "APERIOD": "Period", "PARAM": "Parameter",
    "PARAMCD": "Parameter Code", "AVISIT": "Analysis Visit", "AVISITN": "Analysis Visit (N)", "ADY": "Analysis Relative Day",
    "ATPT": "Analysis Timepoint", "ATPTN": "Analysis Timepoint (N)", "PCTPT": "Planned Time Point Name", "NRELTM1": "Nominal Time from First Dose (h)",
    "AVAL": "Analysis Value", "BASE": "Baseline Value", "CHG": "Change from Baseline", "ABLFL": "Baseline Record Flag",
    "DTYPE": "Derivation Type", "GUESS": "Guess of the Arm", "DOSETK": "Dose since Visit Before, ug of Base", "NOTICED": "Doses Noticed since Visit Before",
    "AEDAYS": "Days with Adverse Event since Visit", "DOSEA": "Dose Taken That Day, ug of Base",
}  # fmt: skip
SETS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "adsl": ("Subject-Level Analysis Dataset", "one record a person", ("STUDYID", "USUBJID")),
    "adqs": ("Questionnaires Analysis Dataset", "one record a person, parameter, period and visit", ("STUDYID", "USUBJID", "PARAMCD", "APERIOD", "AVISITN")),
    "addr": ("Dose-Day Ratings Analysis Dataset", "one record a person, parameter, period and visit", ("STUDYID", "USUBJID", "PARAMCD", "APERIOD", "AVISITN")),
    "adpc": ("Concentrations Analysis Dataset", "one record a person, analyte, period and time", ("STUDYID", "USUBJID", "PARAMCD", "APERIOD", "ADY", "ATPTN")),
}  # fmt: skip


@dataclass(frozen=True)
class TrialNames:
    """What the tables do not say of themselves: the study's name, arms in order, and the code and words of the weekly outcome,
    of the dose-day rating, and of the analyte."""

    name: str
    arms: tuple[str, ...]
    outcome: tuple[str, str]
    rated: tuple[str, str]
    analyte: str


def adam_sets(
    study: TrialNames, table: pl.DataFrame, concentrations: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """The data sets by name, from a table of trials (a row for each person, period and visit) and one of concentrations (a
    row for each draw). Raises DataError for a text that SAS transport cannot hold."""
    keyed = _keyed(study, table)
    found = {"adsl": _people(keyed)}
    rated = _ratings(keyed, study.rated)
    found |= (
        {"adqs": _scores(keyed, study.outcome), "addr": rated}
        if "score" in table.columns
        else {"adqs": rated}
    )
    if concentrations.height:
        found["adpc"] = _concentrations(_keyed(study, concentrations), study.analyte)
    return {name: _plain(frame) for name, frame in found.items()}


def write_adam(out: Outputs, study: TrialNames, found: Mapping[str, pl.DataFrame]) -> list[Path]:
    """Every data set as CSV, Parquet and SAS transport, and `define.json`. Raises DataError where pyreadstat is not there."""
    sas = writer()
    written: list[Path] = []
    for name, frame in found.items():
        written += [out.table(f"{name}.{ending}", frame) for ending in ("csv", "parquet")]
        labels = [_label(column) for column in frame.columns]
        path, words = out.path(f"{name}.xpt"), frame.with_columns(pl.col(pl.String).fill_null(""))
        sas.write_xport(
            words, str(path), file_label=SETS[name][0], column_labels=labels, table_name=name.upper(), file_format_version=5
        )  # fmt: skip
        written.append(out.folder / f"{name}.xpt")
    out.json("define.json", define(study, found))
    return [*written, out.folder / "define.json"]


def writer() -> Any:
    """What writes SAS transport. Raises DataError, with what to install, where it is not there."""
    try:
        return import_module("pyreadstat")
    except ImportError:
        raise DataError("SAS transport files are written by pyreadstat, which is not installed", remedy="pip install 'limen[exchange]'") from None  # fmt: skip


def define(study: TrialNames, found: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """What every data set and variable is, in the shape of a Define-XML: structure, keys, labels, types, lengths, values."""

    def variable(frame: pl.DataFrame, name: str) -> dict[str, Any]:
        column = frame[name]
        words = column.dtype == pl.String
        said = {
            "name": name,
            "label": _label(name),
            "type": "text" if words else "float" if column.dtype.is_float() else "integer",
        }
        if not words:
            return said
        met = sorted(value for value in column.unique().to_list() if value)
        codes = {"values": met} if len(met) <= 20 and name not in ("USUBJID", "SUBJID") else {}
        return said | {"length": max((len(value) for value in met), default=1)} | codes

    return {
        "schema_version": 1, "standard": "ADaM", "study": study.name, "origin": "simulated by limen",
        "remarks": ["study days, no dates: a simulated person has no calendar",
                    "concentrations are those of the model, without an error of assay",
                    "a score after leaving has no record"],
        "datasets": [
            {"name": name.upper(), "label": SETS[name][0], "structure": SETS[name][1], "keys": [k for k in SETS[name][2] if k in frame.columns],
             "records": frame.height, "variables": [variable(frame, column) for column in frame.columns]}
            for name, frame in found.items()
        ],
    }  # fmt: skip


def _label(name: str) -> str:
    if name in LABELS:
        return LABELS[name]
    period, end = name[3:5], name[5:]
    return {"P": "Planned Treatment for Period {}", "PN": "Planned Treatment for Period {} (N)", "A": "Actual Treatment for Period {}"}[end].format(period)  # fmt: skip


def _keyed(study: TrialNames, table: pl.DataFrame) -> pl.DataFrame:
    """With who, in which study, on what."""
    many = table["trial"].n_unique() > 1
    name = pl.lit(f"{study.name}-") + pl.col("trial").cast(pl.String) if many else pl.lit(study.name)
    return table.with_columns(
        name.alias("STUDYID"), pl.col("participant").cast(pl.String).str.zfill(4).alias("SUBJID"),
        pl.col("arm").alias("TRTP"), pl.col("arm").alias("TRTA"),
        pl.col("arm").replace_strict(list(study.arms), list(range(1, len(study.arms) + 1)), return_dtype=pl.Int64).alias("TRTPN"),
        pl.col("period").alias("APERIOD"),
    ).with_columns((pl.col("STUDYID") + "-" + pl.col("SUBJID")).alias("USUBJID"))  # fmt: skip


def _people(keyed: pl.DataFrame) -> pl.DataFrame:
    flag = {"STOPFL": "stopped", "RESCFL": "rescued"}
    first = pl.all().sort_by("period", "visit").first()
    known = keyed.group_by("STUDYID", "USUBJID", "SUBJID", maintain_order=True)
    ever = known.agg(
        *(pl.col(column).any().alias(name) for name, column in flag.items()), pl.col("left_for_effects").any(),
        *((pl.col("planned_day").filter(pl.col("score").is_not_null()).max().alias("seen"), pl.col("planned_day").max().alias("end"))
          if "score" in keyed.columns else ()),
    ).drop("SUBJID")  # fmt: skip
    in_period = {
        f"{column}{n}": pl.col(column).filter(pl.col("period") == n).first()
        for column in ("TRTP", "TRTPN")
        for n in range(1, int(keyed["period"].n_unique()) + 1)
    }
    people = known.agg(first, **in_period).join(ever, on=["STUDYID", "USUBJID"], suffix="_ever")
    crossed = keyed["period"].n_unique() > 1
    columns = [
        pl.col("sequence" if crossed else "arm").alias("ARM"), *_treatments(int(keyed["period"].n_unique())), pl.col("sequence").alias("TRTSEQP"), pl.lit("Y").alias("ITTFL"),
    ]  # fmt: skip
    if "score" in keyed.columns:
        stayed, effects = pl.col("seen") == pl.col("end"), pl.col("left_for_effects_ever")
        columns += [
            pl.when(stayed).then(pl.lit("COMPLETED")).otherwise(pl.lit("DISCONTINUED")).alias("EOSSTT"),
            (pl.col("seen") + 1).alias("EOSDY"),
            pl.when(stayed).then(pl.lit("")).when(effects).then(pl.lit("ADVERSE EVENT")).otherwise(pl.lit("OTHER")).alias("DCSREAS"),
        ]  # fmt: skip
    yes = [pl.when(pl.col(name)).then(pl.lit("Y")).otherwise(pl.lit("N")).alias(name) for name in flag]
    return people.select(
        "STUDYID", "USUBJID", "SUBJID", *columns, *yes, pl.col("antidepressant").alias("ANTIDEP")
    )


def _treatments(periods: int) -> list[pl.Expr]:
    """The treatment of each period of a person, in words, as a number, and as it was."""
    return [
        pl.col(f"{column}{n}").alias(f"TRT{n:02d}{end}")
        for n in range(1, periods + 1) for column, end in (("TRTP", "P"), ("TRTPN", "PN"), ("TRTP", "A"))
    ]  # fmt: skip


_BEGINS = ("STUDYID", "USUBJID", "SUBJID", "TRTP", "TRTPN", "TRTA", "TRTSEQP", "APERIOD", "PARAMCD", "PARAM")
_VALUES = ("AVISIT", "AVISITN", "ADY", "AVAL", "BASE", "CHG", "ABLFL", "DTYPE")


def _visits(rows: pl.DataFrame, parameter: tuple[str, str], more: Sequence[str] = ()) -> pl.DataFrame:
    """The variables of a basic data structure, from rows that have AVAL and BASE."""
    before = pl.col("visit") == 0
    return rows.with_columns(
        pl.lit(parameter[0]).alias("PARAMCD"), pl.lit(parameter[1]).alias("PARAM"), pl.col("sequence").alias("TRTSEQP"),
        pl.when(before).then(pl.lit("Baseline")).otherwise(pl.lit("Week ") + pl.col("visit").cast(pl.String)).alias("AVISIT"),
        pl.col("visit").alias("AVISITN"), (pl.col("planned_day") + 1).alias("ADY"),
        pl.when(before).then(None).otherwise(pl.col("AVAL") - pl.col("BASE")).alias("CHG"),
        pl.when(before).then(pl.lit("Y")).otherwise(pl.lit("")).alias("ABLFL"), pl.lit("").alias("DTYPE"),
    ).filter(pl.col("AVAL").is_not_null()).select(*_BEGINS, *_VALUES, *more)  # fmt: skip


def _scores(keyed: pl.DataFrame, parameter: tuple[str, str]) -> pl.DataFrame:
    more = {
        "guess": "GUESS",
        "dose_taken": "DOSETK",
        "doses_noticed": "NOTICED",
        "days_with_adverse_event": "AEDAYS",
    }
    rows = keyed.rename(more).with_columns(pl.col("score").alias("AVAL"), pl.col("baseline").alias("BASE"))
    return _visits(rows, parameter, tuple(more.values()))


def _ratings(keyed: pl.DataFrame, parameter: tuple[str, str]) -> pl.DataFrame:
    """The mean rating of a period's dosing days stands at its last visit, the one before treatment at its first."""
    value = pl.when(pl.col("visit") == 0).then(pl.col("rating_before")).otherwise(pl.col("rating"))
    rows = keyed.with_columns(value.alias("AVAL"), pl.col("rating_before").alias("BASE"))
    return _visits(rows.rename({"guess": "GUESS"}), parameter, ("GUESS",))


def _concentrations(keyed: pl.DataFrame, analyte: str) -> pl.DataFrame:
    hour, day = pl.col("hour"), pl.col("day")
    name = (
        pl.when(hour == 0)
        .then(pl.lit("PRE-DOSE"))
        .otherwise(hour.cast(pl.String).str.replace(r"\.0$", "") + " H POST-DOSE")
    )
    return keyed.select(
        "STUDYID", "USUBJID", "SUBJID", "TRTP", "TRTPN", "TRTA", "APERIOD", pl.lit(_code(analyte)).alias("PARAMCD"),
        pl.lit(f"{analyte} in plasma (ng/mL)").alias("PARAM"), (pl.lit("Day ") + (day + 1).cast(pl.String)).alias("AVISIT"),
        (day + 1).alias("AVISITN"), (day + 1).alias("ADY"), name.alias("PCTPT"), name.alias("ATPT"), hour.alias("ATPTN"),
        pl.col("since").alias("NRELTM1"), pl.col("dose").alias("DOSEA"), pl.col("concentration").alias("AVAL"),
    )  # fmt: skip


def _code(name: str) -> str:
    return "".join(sign for sign in name.upper() if sign.isascii() and sign.isalnum())[:8]


def parameter(code: str, full_name: str, unit: str) -> tuple[str, str]:
    """PARAMCD (eight letters and digits) and PARAM of a measure."""
    return _code(code), f"{full_name} ({unit})"


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts in the letters that SAS transport holds, none too long."""
    for name in frame.columns:
        if frame[name].dtype != pl.String:
            continue
        words = {word: _ascii(word) for word in frame[name].unique().to_list() if word}
        long = next((word for word in words.values() if len(word) > LONGEST), None)
        if long is not None:
            raise DataError(f"{name} holds {len(long)} letters ({long[:40]!r} ...), and SAS transport holds {LONGEST}", remedy="give the arms of the protocol shorter names")  # fmt: skip
        frame = frame.with_columns(pl.col(name).replace(words))
    return frame


def _ascii(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.replace("µ", "u").replace("μ", "u"))
    return (
        "".join(sign for sign in apart if not unicodedata.combining(sign)).encode("ascii", "replace").decode()
    )
