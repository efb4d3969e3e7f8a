"""A USDM study: its version, what is given to whom, and who is let in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from limen.exchange.objects import Object, Objects
from limen.exchange.terms import frequency_of, term, terms
from limen.exchange.usdm_design import said_of, write_design
from limen.protocol import Protocol, digest
from limen.protocol.arms import Arm

_REGISTRIES = {
    "NCT": "ClinicalTrials.gov",
    "ACTRN": "ANZCTR",
    "ISRCTN": "ISRCTN registry",
    "EU": "EU Clinical Trials Register",
}


def write_study(w: Objects, p: Protocol) -> Object:
    """The study of a protocol, in one version."""
    made = w.new(
        "Study", name=p.name, description=p.question, label=None, versions=[_version(w, p)], documentedBy=[]
    )
    return made | {"id": str(uuid5(NAMESPACE_URL, f"urn:limen:protocol:{digest(p)}"))}


def _version(w: Objects, p: Protocol) -> Object:
    products: dict[str, Object] = {}
    given = [_intervention(w, p, arm, products) for arm in p.arms]
    rest: dict[str, Any] = {"minimumResponseDuration": None, "codes": []}
    beside = [
        w.plain("StudyIntervention", text, description=text, role=w.code("role", "beside"), type=w.code("type", "other"),
                administrations=[], **rest)
        for text in p.alongside
    ]  # fmt: skip
    criteria = list(_criteria(w, p))
    registries = [_registry(w, p.registry)] if p.registry is not None else []
    design = write_design(
        w, p, [one["id"] for one in given], [one["id"] for one in beside], [one for one, _ in criteria]
    )
    empty = (
        "documentVersionIds", "dateValues", "amendments", "businessTherapeuticAreas", "referenceIdentifiers", "narrativeContentItems",
        "abbreviations", "roles", "medicalDevices", "productOrganizationRoles", "biomedicalConcepts", "bcCategories", "bcSurrogates",
        "dictionaries", "conditions", "notes",
    )  # fmt: skip
    return w.new(
        "StudyVersion", versionIdentifier="1", rationale="Written from a protocol of limen", studyDesigns=[design],
        studyIdentifiers=[w.new("StudyIdentifier", text=p.registry, scopeId=one["id"]) for one in registries],
        titles=[w.new("StudyTitle", text=p.name, type=w.code("study", "brief_title"))], organizations=registries,
        eligibilityCriterionItems=[item for _, item in criteria], studyInterventions=[*given, *beside],
        administrableProducts=[*products.values()], **{name: [] for name in empty},
    )  # fmt: skip


def _registry(w: Objects, number: str) -> Object:
    name = next((name for start, name in _REGISTRIES.items() if number.startswith(start)), "Registry")
    return w.new(
        "Organization", name=name, label=None, type=w.code("study", "registry"), identifierScheme="name", identifier=name,
        legalAddress=None, managedSites=[],
    )  # fmt: skip


def _intervention(w: Objects, p: Protocol, arm: Arm, products: dict[str, Object]) -> Object:
    """What an arm is given: its dose where it is one number, its frequency where there is a term, in words whatever it is."""
    schedule, dose = p.schedule, arm.dose
    amount = None
    if dose is not None and dose.fixed is not None:
        amount = w.quantity(dose.fixed.value, dose.fixed.unit)
    elif dose is not None and dose.per_kg is not None and f"{dose.per_kg.unit}/kg" in terms()["unit"]:
        amount = w.quantity(dose.per_kg.value, f"{dose.per_kg.unit}/kg")
    lasts = w.new(
        "Duration", text=str(schedule.duration), quantity=w.quantity(schedule.duration.value, schedule.duration.unit),
        durationWillVary=False, reasonDurationWillVary=None,
    )  # fmt: skip
    if arm.form is not None and arm.form not in products:
        products[arm.form] = w.plain(
            "AdministrableProduct", arm.form, description=p.compound, pharmacologicClass=None, sourcing=None, properties=[],
            administrableDoseForm=w.alias(term("study", "dose_form")), productDesignation=w.code("study", "product"), identifiers=[],
            ingredients=[],
        )  # fmt: skip
    taken = w.plain(
        "Administration", arm.name, label=str(schedule.pattern), duration=lasts, dose=amount, route=w.alias(term("route", arm.route)),
        frequency=w.alias(frequency_of(schedule.pattern)), medicalDeviceId=None,
        administrableProductId=products[arm.form]["id"] if arm.form is not None else None,
    )  # fmt: skip
    return w.plain(
        "StudyIntervention", arm.name, description=said_of(p, arm), role=w.code("role", "active" if arm.gives_drug else "placebo"),
        type=w.code("type", "drug"), minimumResponseDuration=None, codes=[], administrations=[taken],
    )  # fmt: skip


def _criteria(w: Objects, p: Protocol) -> Iterator[tuple[Object, Object]]:
    """Criterion and its item: the score that admits, the exclusion criteria as written, medicines that keep people out."""
    texts: list[tuple[str, str]] = []
    if (entry := p.population.entry) is not None:
        known = p.registered(entry.outcome)
        least = "" if entry.at_least is None else f" at least {entry.at_least:g}"
        most = "" if entry.at_most is None else f" at most {entry.at_most:g}"
        texts.append(
            ("inclusion", f"{entry.outcome if known is None else known.full_name}{least}{most} at baseline")
        )
    texts += [
        ("exclusion", text)
        for text in (p.conduct.exclusion_criteria if p.conduct is not None else None) or ()
    ]
    texts += [("exclusion", f"medication: {name}") for name in p.medication.excluded]
    for number, (kind, text) in enumerate(texts, 1):
        item = w.plain("EligibilityCriterionItem", f"criterion {number}", text=text, dictionaryId=None)
        one = w.plain(
            "EligibilityCriterion", f"criterion {number}", category=w.code("criterion", kind), identifier=f"{number:02d}",
            criterionItemId=item["id"], nextId=None, previousId=None,
        )  # fmt: skip
        yield one, item
