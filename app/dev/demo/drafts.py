"""The parts of an example as the drafts that actions take."""

from collections.abc import Mapping

from app.dev.demo.examples import Json, day, day_or_none, moment
from app.domain.authority import Authority, Basis, Insurance, ResponsibilityPeriod
from app.domain.citizen import CitizenDraft, ExemptionFact, PersonName
from app.domain.conversation import ConversationDraft
from app.domain.education import (
    ApplicationDraft,
    EducationProposalDraft,
    InstitutionProposalDraft,
    StepDataDraft,
)
from app.domain.goal import EducationGoalDraft, JobGoalDraft, SubGoalDraft
from app.domain.intervention import ContactAttempt, InterventionDraft, Notice
from app.domain.meeting import MeetingDraft
from app.domain.membership import MembershipPeriod
from app.domain.requirement import AreaDraft, RequirementDraft
from app.domain.responsibility import AssignedPeriod

Codes = Mapping[str, str]
"""Codes by label or name."""


def citizen_draft(case: Json, number: str) -> CitizenDraft:
    """The citizen on the first day of the contact course, with an open registration."""
    known, exemption = case["citizen"], case["citizen"]["digital_exemption"]
    history = case.get("target_group_history")
    return CitizenDraft(
        civil_registration_number=number,
        name=PersonName(known["given_name"], known["surname"]),
        municipality_code=known["municipality_code"],
        target_group=history[0]["target_group"] if history else case["target_group"],
        contact_course_start=day(case["responsibility_periods"][0]["from"]),
        first_benefit_date=day(known["first_benefit_date"]),
        right_and_duty=known["right_and_duty"],
        has_vocational_education=known["has_vocational_education"],
        has_dependent_children=known["has_dependent_children"],
        under_kui=known["under_kui"],
        registration_open=True,
        phone=known["contact"]["phone"],
        email=known["contact"]["email"],
        digital_exemptions=(
            ExemptionFact(exemption["kind"], day(exemption["from"]), day_or_none(exemption["to"])),
        )
        if exemption
        else (),
    )


def registration_closed(number: str) -> CitizenDraft:
    return CitizenDraft(civil_registration_number=number, registration_open=False)


def membership(stored: Json, organisations: Codes) -> MembershipPeriod:
    return MembershipPeriod(
        organisations[stored["fund_name"]],
        Insurance(stored["insurance"]),
        day(stored["from"]),
        day_or_none(stored["to"]),
    )


def responsibility(stored: Json, organisations: Codes) -> AssignedPeriod:
    return AssignedPeriod(
        ResponsibilityPeriod(
            Authority(stored["authority"]),
            organisations[stored["organisation"]],
            Basis(stored["basis"]),
            day(stored["from"]),
            day_or_none(stored["to"]),
        )
    )


def job_goal(stored: Json, occupations: Codes) -> JobGoalDraft:
    is_occupation = stored["type"] == "OCCUPATION"
    return JobGoalDraft(
        stored["term"],
        stored["priority"],
        occupation_code=occupations[stored["text"]] if is_occupation else None,
        job_function_text=None if is_occupation else stored["text"],
        long_term_description=stored.get("long_term_description"),
        sub_goals=tuple(
            SubGoalDraft(sub["text"], day_or_none(sub["target_date"]), day_or_none(sub["done_on"]))
            for sub in stored.get("sub_goals", ())
        ),
    )


def education_goal(stored: Json) -> EducationGoalDraft:
    return EducationGoalDraft(stored["text"], stored["priority"])


def conversation(stored: Json) -> ConversationDraft:
    return ConversationDraft(
        Authority(stored["authority"]),
        moment(stored["held_at"]),
        stored["mode"],
        stored["agreement_text"],
    )


def requirement(stored: Json, occupations: Codes) -> RequirementDraft:
    return RequirementDraft(
        day(stored["valid_from"]),
        tuple(occupations[label] for label in stored["occupations"]),
        tuple(stored["industries"]),
        tuple(AreaDraft(a["municipality_code"], a["label"]) for a in stored["geographic_areas"]),
        stored["agreement_text"],
        stored["other_expectations"],
        stored["expected_count"],
        stored["full_time"],
        stored["unsolicited"],
        day_or_none(stored["valid_to"]),
    )


def meeting(stored: Json) -> MeetingDraft:
    return MeetingDraft(
        stored["external_id"],
        Authority(stored["authority"]),
        stored["source"],
        stored["status"],
        moment(stored["starts_at"]),
        moment(stored["ends_at"]),
        stored["mode"],
        stored["caseworker"],
        place=stored["place"],
        caseworker_role=stored["caseworker_role"],
        description=stored["description"],
    )


def intervention(stored: Json, plan_id: str, goal_ids: tuple[str, ...]) -> InterventionDraft:
    """plan_id: the example that carries it; an intervention of several is a copy for each."""
    what, place = stored["what"], {**stored.get("where", {}), **stored.get("who", {})}
    external_id = stored.get("external_id")
    if external_id and len(stored["plan_ids"]) > 1:
        external_id = f"{external_id}-{plan_id}"
    return InterventionDraft(
        kind=stored["kind"],
        scheme=stored.get("scheme"),
        start_date=day(stored["when"]["start"]),
        end_date=day_or_none(stored["when"]["end"]),
        description=what["description"],
        why=stored["why"],
        hours_per_week=what.get("hours_per_week"),
        goal_ids=goal_ids,
        notice=_notice(stored["offer"]),
        outside_shortage_reason=(stored["offer"] or {}).get("outside_shortage_reason"),
        origin=stored["origin"],
        external_id=external_id,
        place=place.get("provider_place"),
        contact_name=place.get("contact_person"),
        contact_phone=place.get("contact_phone"),
        contact_email=place.get("contact_email"),
        occupation=what.get("occupation"),
        workplace=place.get("workplace"),
        company_address=place.get("company_address"),
        course=what.get("course"),
        provider=place.get("provider"),
        mentor_name=what.get("mentor_name"),
        mentor_tasks=what.get("mentor_tasks"),
        aid_form=stored.get("aid_form"),
        aid_category=what.get("category"),
        aid_purpose=stored.get("aid_purpose"),
        code_list=what.get("code_list"),
        code=what.get("code"),
        code_label=what.get("code_label"),
        facilitator_name=what.get("facilitator_name"),
    )


def _notice(offer: Json | None) -> Notice:
    if offer is None:
        return Notice()
    attempts = offer["contact_attempts"]
    return Notice(
        offer["notice_basis"],
        day_or_none(offer["notice_on"]),
        tuple(ContactAttempt(day(attempt["on"]), attempt["reached"]) for attempt in attempts),
    )


def step_data(step: int, order: Json) -> StepDataDraft:
    """What the citizen wrote in a step, as it was when it was saved or sent."""
    stored = order.get(f"step_{step}", {})
    proposals = stored.get("proposals", ())
    match step:
        case 1:
            return StepDataDraft(
                1,
                education_proposals=tuple(
                    EducationProposalDraft(one["education_name"], one["reason"])
                    for one in proposals
                ),
            )
        case 2:
            return StepDataDraft(
                2,
                institution_proposals=tuple(
                    InstitutionProposalDraft(one["goal"], one["institution"]) for one in proposals
                ),
                institution_reason=stored["reason"],
            )
        case _:
            return StepDataDraft(
                step, applications=tuple(map(sent_application, order["applications"]))
            )


def sent_application(stored: Json) -> ApplicationDraft:
    """An application as the citizen sends it: the answer comes later."""
    return ApplicationDraft(stored["goal"], stored["institution"], stored["sent"])
