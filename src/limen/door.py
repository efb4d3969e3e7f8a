"""The functions of `import limen` that bring rooms together; the command line and the web call these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from limen import protocol as protocols
from limen.errors import DataError
from limen.protocol import Protocol

if TYPE_CHECKING:
    from limen.calibration.posterior import Calibrated
    from limen.calibration.validation import Validation
    from limen.design.designs import Designs
    from limen.design.population import PopulationSummary
    from limen.design.search import Elsewhere
    from limen.design.trials import Trials
    from limen.dossier.dossier import Dossier
    from limen.exchange.draft import Draft
    from limen.exchange.usdm import Usdm
    from limen.regulation.check import ProtocolCheck
    from limen.regulation.status import Status
    from limen.response import Markers
    from limen.results import Result
    from limen.safety.monitoring.visits import Watched
    from limen.safety.screening.screen import Screening
    from limen.turn.turned import Turned

Tick = Callable[[int], None]


def load(protocol: Path | str) -> Protocol:
    """A protocol from a YAML file, or a shipped example by its name. Raises ProtocolErrors, all mistakes at once.

    >>> import limen
    >>> limen.load("lsddep2").compound
    'LSD'
    """
    path = Path(protocol)
    named = not path.suffix and path.name == str(protocol) and not path.exists()
    return protocols.load(protocols.example(path.name) if named else path)


def check(protocol: Protocol, on: date | str | None = None) -> ProtocolCheck:
    """What was understood of a protocol, what every result of it will warn of, and what guidance and the law of a day (today
    if left out) say to it.

    >>> import limen
    >>> limen.check(limen.load("lsddep2")).guidance.fails
    False
    """
    from limen.parameters import load as numbers
    from limen.regulation.check import check_protocol
    from limen.regulation.status import iso_day
    from limen.trial.cautions import cautions

    day = iso_day(on) if isinstance(on, str) else on
    return check_protocol(protocol, day, cautions(protocol, numbers()))


def from_registry(record: Path | str, study: str | None = None) -> Draft:
    """The draft of a protocol from a record of ClinicalTrials.gov (JSON of its API, version 2): every guess marked, everything
    that must be filled in listed, and what no field holds named with its sentence. Raises DataError for a file that is no record,
    or of a drug limen has no record of.

    >>> import limen
    >>> limen.from_registry("no-such-record.json")
    Traceback (most recent call last):
    limen.errors.DataError: no-such-record.json: cannot be read: No such file or directory
      save the record itself: https://clinicaltrials.gov/api/v2/studies/NCT..., or 'Download' as JSON on its page
    """
    from limen.exchange.registry import from_registry as read

    return read(record, study)


def from_usdm(document: Path | str) -> Draft:
    """The protocol of a USDM document (CDISC, JSON of version 3 or 4): as it was where limen wrote it, else a draft that marks its
    guesses and lists what must be filled in. Raises DataError for a file that is no such document.

    >>> import limen
    >>> limen.from_usdm("no-such-study.json")
    Traceback (most recent call last):
    limen.errors.DataError: no-such-study.json: cannot be read: No such file or directory
      a USDM document of version 3 or 4 has study.versions[].studyDesigns[]
    """
    from limen.exchange.from_usdm import from_usdm as read

    return read(document)


def to_usdm(protocol: Protocol) -> Usdm:
    """A protocol as USDM (CDISC, version 4); fields that it has no place for stand in extension attributes, named.

    >>> import limen
    >>> document = limen.to_usdm(limen.load("lsddep2"))
    >>> [arm["name"] for arm in document.content["study"]["versions"][0]["studyDesigns"][0]["arms"]]
    ['LSD', 'caffeine']
    """
    from limen.exchange.usdm import to_usdm as write

    return write(protocol)


def status(jurisdiction: str, compound: str = "psilocybin", on: date | str | None = None) -> Status:
    """The law in force in a place (ISO 3166: `AU`, `US-OR`) on a day, today if left out.

    >>> import limen
    >>> limen.status("AU", "psilocybin", "2024-06-01").certainty
    'in force'
    """
    from limen.regulation.status import iso_day, status_on

    return status_on(jurisdiction, compound, iso_day(on) if isinstance(on, str) else on or date.today())


def screen(
    medications: str,
    compound: str = "",
    *,
    conditions: str = "",
    dose: str = "",
    population: str = "",
    protocol: Protocol | None = None,
    rules: Path | None = None,
) -> Screening:
    """Would a trial admit somebody who takes these medicines? Facts about eligibility, never advice on treatment.

    `protocol` brings its compound, population and medication rules; `rules` is a TOML file of local ones.

    >>> import limen
    >>> limen.screen("lithium carbonate 900 mg", "LSD").decision
    'not eligible'
    """
    from limen.safety.reading.intake import patient
    from limen.safety.rules.book import RuleBook, for_protocol
    from limen.safety.rules.overlay import load_overlay
    from limen.safety.screening.dosing import stated_dose
    from limen.safety.screening.screen import screen as decide

    book = RuleBook()
    if protocol is not None:
        book, compound = for_protocol(protocol), compound or protocol.compound
        population = population or protocol.population.indication
    if not compound:
        raise DataError("no compound was given", remedy="say psilocybin or LSD, or give a protocol")
    book = book if rules is None else load_overlay(rules, book)
    person = patient(medications, conditions, "", date.today())
    return decide(person, compound, book=book, population=population, form=stated_dose(compound, dose).form)


def monitor(visits: Path | str, compound: str, thresholds: Path | None = None) -> Watched:
    """The stopping rules that visit data (CSV, one row a visit) meet; `thresholds` is a TOML of local limits.

    >>> import limen, pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "visits.csv")
    >>> _ = file.write_text("person,visit,sbp,dbp\\nP1,0,120,80\\nP1,1,190,95\\n")
    >>> limen.monitor(file, "LSD").alerts[0].rule_id
    'MON038'
    """
    from limen.safety.monitoring.visits import local_thresholds, watch_file
    from limen.safety.rules.interactions import compound_name

    limits = {} if thresholds is None else local_thresholds(thresholds)
    return watch_file(Path(visits), compound_name(compound), limits)


def save(result: Result, folder: Path | str, name: str, force: bool = True, **figure: str) -> list[Path]:
    """Write a result as `NAME.json` and its figure (with these options) as SVG and PNG, together or not at all.

    Raises OutputError, without `force` also where one of the files is there already.
    """
    from limen import files
    from limen.figures.theme import on_paper, png, svg

    drawn = result.figure(**figure)
    with files.together(folder, force) as out:
        return [
            out.json(f"{name}.json", result.document()),
            out.text(f"{drawn.name}.svg", svg(on_paper(drawn.spec()), drawn.name)),
            out.bytes(f"{drawn.name}.png", png(drawn.spec(), scale=3.0)),
        ]


def simulate(
    protocol: Protocol, people: int = 1000, seed: int = 1, tick: Tick | None = None
) -> PopulationSummary:
    """Exposure of a population on a protocol's doses: quantiles over people and parameters by arm and hour.

    >>> import limen
    >>> limen.simulate(limen.load("adhd_20ug"), people=20).to_polars().columns[:3]
    ['arm', 'series', 'unit']
    """
    from limen.design.population import simulate as run
    from limen.engine import runs
    from limen.parameters import load as numbers
    from limen.trial.plan import lay_out

    runs.cache_compiled_programs()
    return run(lay_out(protocol, numbers()), numbers(), people, seed, tick)


def design(
    protocol: Protocol,
    vary: Sequence[str],
    goals: Sequence[str] = (),
    trials: int = 500,
    seed: int = 1,
    *,
    workers: int | str | Elsewhere = 2,
    tick: Tick | None = None,
    command: str = "limen.design(protocol, vary)",
) -> Designs:
    """Many designs of one protocol by what their trials would show, and the smallest that reaches every goal.

    `vary` is written as at a terminal: `("dose=5:20:5", "n=40:200:40")`, or `"n=20:400"` for a size that is searched for; so are
    goals: `("power=0.8", "false=0.06")`. The result's `costing` says what it costs. `workers` are threads, or the address of a
    Dask scheduler whose workers compute the cells (`pip install 'limen[cluster]'`): the numbers are the same to the bit.
    Raises LimenError for a name or value nobody can vary, and for a protocol whose outcome has no score model.

    >>> import limen
    >>> limen.design(limen.load("lsddep1"), ["n=40,80"])
    Traceback (most recent call last):
    limen.errors.LimenError: LSDDEP1 compares the drug with nothing
      give it a control arm
    """
    from limen.analysis.registry import simulated_method
    from limen.design import search
    from limen.design.designs import Designs
    from limen.design.vary import axis
    from limen.engine import runs
    from limen.parameters.posterior import drawn_from, parameters_for

    runs.cache_compiled_programs()
    if isinstance(workers, str):
        from limen.design.cluster import Cluster

        workers = Cluster(workers)
    axes, wanted = tuple(axis(text, protocol) for text in vary), search.goals(goals)
    parameters = parameters_for(protocol)
    found = search.search(protocol, axes, parameters, trials, seed, workers, tick, wanted)
    method, drawn = simulated_method(protocol.analysis.method), drawn_from(parameters)
    return Designs(protocol, axes, wanted, tuple(found), trials, seed, method, command, drawn=drawn)


def respond(protocol: Protocol, arm: str | None = None, draws: int = 50, seed: int = 1) -> Markers:
    """Marker courses (plasticity, network, inflammation, cortisol) over an arm's doses, one of its people per draw.

    `arm` is the first that gives the drug if left out. Raises DataError for an arm that does not.

    >>> import limen
    >>> [row["id"] for row in limen.respond(limen.load("adhd_20ug"), draws=20).rows()][:2]
    ['bdnf', 'synaptic_density']
    """
    from limen.design.operate import draw_parameters
    from limen.engine import runs
    from limen.parameters import load as numbers
    from limen.response import respond as course
    from limen.trial.marked import dosing_and_looks, first_of_each_draw
    from limen.trial.plan import lay_out

    runs.cache_compiled_programs()
    plan = lay_out(protocol, numbers())
    giving = {one.name: index for index, one in enumerate(plan.arms) if one.levels}
    if not giving or (arm is not None and arm not in giving):
        raise DataError(
            f"no arm {arm or ''} gives the drug", remedy=f"these do: {', '.join(giving) or 'none'}"
        )
    drawn = draw_parameters(numbers(), draws, seed)
    theirs = first_of_each_draw(drawn, plan, seed, giving[arm or next(iter(giving))])
    taken, look = dosing_and_looks(plan, theirs, protocol.clock)
    return course(taken, drawn, plan.indication, theirs.people, look)


def trial(
    protocol: Protocol, trials: int = 1, seed: int = 1, tick: Tick | None = None, truth: int = 0
) -> Trials:
    """Whole trials of a protocol, each under its own draw of the parameters: one row per person and visit. With `truth` people a
    draw, also what each estimand truly is under them (`found.truth`).

    >>> import limen
    >>> limen.trial(limen.load("adhd_20ug"), trials=2).to_polars()["trial"].n_unique()
    2
    """
    from limen.design.trials import Trials
    from limen.engine import runs

    runs.cache_compiled_programs()
    found = Trials.of(protocol, trials, seed, tick)
    return found.with_truth(truth, tick) if truth else found


def adam(found: Trials, folder: Path | str, study: str = "LIMEN", force: bool = True) -> Trials:
    """Simulated trials as analysis data sets of CDISC ADaM in `folder`: ADSL, ADQS and ADPC, each as CSV, Parquet and SAS
    transport, and `define.json`; the same trials, knowing these files too. `limen.analyse` takes ADQS as it is. Raises
    DataError where pyreadstat is not installed, OutputError without `force` where a file is there.

    >>> import limen, tempfile
    >>> found = limen.trial(limen.load("adhd_20ug"))
    >>> [file.name for file in limen.adam(found, tempfile.mkdtemp()).files if file.suffix == ".xpt"]
    ['adsl.xpt', 'adqs.xpt', 'addr.xpt', 'adpc.xpt']
    """
    from dataclasses import replace

    from limen import files
    from limen.compounds import compound
    from limen.exchange.adam import TrialNames, adam_sets, parameter, write_adam
    from limen.protocol.outcomes import OUTCOMES

    plan = found.run.plan

    def named(code: str, before: str = "") -> tuple[str, str]:
        known = OUTCOMES.get(code)
        name, unit = (code, "points") if known is None else (known.full_name, known.unit)
        return parameter(code, f"{before}{name}", unit)

    about = TrialNames(
        study, tuple(arm.name for arm in plan.arms), named(plan.outcome),
        named(plan.dose_day, "Dose-day rating: "), compound(plan.compound).analyte,
    )  # fmt: skip
    sets = adam_sets(about, found.table, found.concentrations())
    with files.together(folder, force) as out:
        written = write_adam(out, about, sets)
    return replace(found, files=(*found.files, *written))


def answer(
    protocol: Protocol,
    draws: int = 200,
    people: int = 1000,
    seed: int = 1,
    *,
    workers: int = 2,
    on: date | None = None,
    tick: Tick | None = None,
    command: str = "limen.answer(protocol)",
) -> Dossier:
    """Can this microdose treat this mind? The whole dossier of a protocol, and the run behind it.

    `on` is the day whose law counts, today if left out; nothing simulated depends on it.

    >>> import limen
    >>> dossier = limen.answer(limen.load("adhd_20ug"), draws=20, people=60)
    >>> dossier.answer.question.compound
    'LSD'
    """
    from limen.engine import runs, stored

    runs.cache_compiled_programs()
    with stored.taken_up_beside("answer"):
        from limen.dossier.dossier import answered

        return answered(protocol, draws, people, seed, workers, on or date.today(), tick, command)


def validate(
    groups: Iterable[str] = (), draws: int = 200, people: int = 600, seed: int = 1, tick: Tick | None = None
) -> Validation:
    """Every published value that limen claims to predict (of some groups) beside its 90% predictive interval.

    >>> import limen
    >>> [p.role for p in limen.validate(["occupancy"], draws=20).predicted]
    ['calibrated to', 'predicted']
    """
    from limen.calibration.forecast import Effort
    from limen.calibration.validation import validate as run
    from limen.engine import runs

    runs.cache_compiled_programs()
    return run(groups, Effort(draws, people, seed), tick)


def calibrated(folder: Path | None = None) -> Calibrated:
    """The free parameters as fitted jointly to published summaries (the posterior that ships, or that of a folder), with its
    diagnostics and each published value. Raises FactsError where a file is missing or was altered.

    >>> import limen
    >>> all(one.clean for one in limen.calibrated().sampled)
    True
    """
    from limen.calibration.posterior import read_calibrated

    return read_calibrated(folder)


def turn(
    protocol: Protocol,
    trials: int = 1000,
    seed: int = 1,
    *,
    workers: int = 2,
    tick: Tick | None = None,
    command: str = "limen.turn(protocol)",
) -> Turned:
    """The dose turned by hand: who notices, who guesses right, and how often a drug that does nothing would be said to work,
    at every dose, comparator, thing told and size; `save` writes the page. Raises ProtocolError where nothing is blinded.

    >>> import limen
    >>> limen.turn(limen.load("lsddep1"))
    Traceback (most recent call last):
    limen.errors.ProtocolError: LSDDEP1 compares the drug with nothing, so there is no blind to be broken
      give it a placebo arm: kind: inert placebo, or active placebo with its agent
    """
    from limen.engine import runs
    from limen.turn.turned import turned

    runs.cache_compiled_programs()
    return turned(protocol, trials, seed, workers, tick, command)
