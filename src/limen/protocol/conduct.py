"""How a trial is run, in the words guidance asks about: what is declared here is what `limen check` can find
met."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from limen.protocol.fields import Filled, Number, Part, Whole

Items = tuple[Filled, ...]


class Conduct(Part):
    """Safeguards, measurements and duties. Everything may be left out; what is left out cannot be found
    met."""

    exclusion_criteria: Items | None = Field(default=None, description="conditions that keep people out")
    echo_schedule: Items | None = Field(
        default=None, description="echocardiography: baseline, week 4, end ..."
    )
    ecg_schedule: Items | None = Field(default=None, description="when ECGs are taken")
    bp_schedule: Items | None = Field(default=None, description="when blood pressure is taken")
    tox_species: tuple[Literal["rodent", "non-rodent"], ...] | None = Field(
        default=None, description="heart-valve toxicity studies"
    )
    programme_dose_levels: Whole | None = Field(
        default=None, ge=0, description="active doses in the programme"
    )
    followup_weeks: Number | None = Field(
        default=None, ge=0, description="weeks followed after the last dose"
    )
    comparator_justified: Filled | None = Field(default=None, description="why an inert placebo will do")
    rater_blinding: bool | None = Field(
        default=None, description="independent raters, blind to arm and visit"
    )
    support_protocol: Filled | None = Field(default=None, description="psychological support; 'none' if none")
    support_separated: Filled | None = Field(
        default=None, description="how its share is told from the drug's"
    )
    setting_description: Filled | None = Field(
        default=None, description="where doses are taken, set and setting"
    )
    n_monitors: Whole | None = Field(default=None, ge=0, description="monitors at a dosing session")
    lead_qualification: Filled | None = Field(default=None, description="of the lead monitor")
    unsupervised_justified: Filled | None = Field(default=None, description="why doses need no monitor")
    abuse_ae_plan: Filled | None = Field(default=None, description="abuse-related events and abuse potential")
    dea_registration: bool | None = Field(default=None, description="United States: Schedule I registration")
    licence: Filled | None = Field(
        default=None, description="licence or authorisation for the drug, and its tier"
    )
    accountability_plan: Filled | None = Field(default=None, description="storage, supply, doses taken home")
    consent_items: Items | None = Field(default=None, description="what consent explains")
    ae_definition: Filled | None = Field(
        default=None, description="which acute effects count as adverse events"
    )
    positive_effects_recorded: bool | None = Field(
        default=None, description="euphoria and the like as events"
    )
    prior_use_recorded: bool | None = Field(default=None, description="prior psychedelic use is recorded")
    prior_use_handling: Filled | None = Field(default=None, description="stratified, capped or naive only")
    blinding_questionnaire: Filled | None = Field(default=None, description="instrument")
    guess_item_participant: bool | None = Field(default=None, description="participants guess their arm")
    guess_item_staff: bool | None = Field(default=None, description="staff guess the arm")
    expectancy_scale: Filled | None = Field(
        default=None, description="instrument and when, such as sets before"
    )
    expectancy_model: Filled | None = Field(default=None, description="expectancy in the analysis")
    guess_by_arm: bool | None = Field(default=None, description="correct guesses reported by arm")
    cgr_adjusted: bool | None = Field(default=None, description="guess-rate-adjusted effect reported")
    bang_index: tuple[Literal["active", "control"], ...] | None = Field(
        default=None, description="arms with a blinding index and its interval"
    )
    masking_plan: Items | None = Field(
        default=None, description="development, recruitment, disclosure, active placebo, measurement"
    )
    briefing: Filled | None = Field(default=None, description="what people are told; 'balanced' if it is")
    subjective_scale: Filled | None = Field(default=None, description="instrument for the acute experience")
    covariates: Items | None = Field(default=None, description="sources of variability that are measured")
    safety_monitoring: Filled | None = Field(default=None, description="continuous monitoring, who and how")
    safety_database: Filled | None = Field(
        default=None, description="people and doses the safety data rest on"
    )
    protocol_public: bool | None = Field(default=None, description="protocol published before unblinding")
    sap_public: bool | None = Field(default=None, description="analysis plan published before unblinding")
    fidelity: Filled | None = Field(
        default=None, description="how therapy fidelity is measured; 'none' if none"
    )
    period_analysis: Filled | None = Field(default=None, description="crossover: first-period analysis")
    told_received: bool | None = Field(default=None, description="told and received are crossed, 2 by 2")
    first_dose_supervised: bool | None = Field(default=None, description="first dose in the clinic")
    dose_verification: Filled | None = Field(default=None, description="how each home dose is confirmed")
    con_med_grading: Filled | None = Field(default=None, description="serotonin risk graded by mechanism")
    session_minutes: Number | None = Field(default=None, ge=0, description="length of a supervised session")
    prescriber: Filled | None = Field(default=None, description="who prescribes, outside a trial")
