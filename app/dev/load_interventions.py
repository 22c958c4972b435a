"""The invented interventions of a load: five a plan, of kinds that suit the target group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from app.dev import load_texts as texts
from app.dev.load_people import Caseworker, Person
from app.dev.load_rows import Rows
from app.domain.intervention import OFFER_KINDS, OPEN_END_KINDS

_JOB: Final = (
    *("COMPANY_INTERNSHIP", "WAGE_SUBSIDY", "EDUCATION", "COURSE", "LITERACY_COURSE", "MENTOR"),
    *("OTHER_AGREED", "COMPANY_INTERNSHIP"),
)
_SUPPORTED: Final = (
    *("COMPANY_INTERNSHIP", "MENTOR", "SOCIAL", "HEALTH", "COURSE", "PERSONAL_JOB_FACILITATOR"),
    *("OTHER_ADMINISTRATION", "AID"),
)
_YOUNG: Final = ("BRIDGE_BUILDING", "LITERACY_COURSE", "MENTOR", "COMPANY_INTERNSHIP", "COURSE")
KINDS: Final[Mapping[str, Sequence[str]]] = {
    "UNEMPLOYMENT_BENEFIT": _JOB,
    "UNEMPLOYMENT_BENEFIT_EDU_ORDER": _YOUNG,
    "CASH_BENEFIT_JOB_READY": (*_JOB, "UTILITY_JOB"),
    "FLEXJOB_REFERRED": ("FLEX_JOB", "AID", "PERSONAL_ASSISTANCE", "COURSE", "COMPANY_INTERNSHIP"),
    "EDU_BENEFIT_EDU_READY": _YOUNG,
    "EDU_BENEFIT_OBVIOUSLY_READY": _YOUNG,
    "INTEGRATION_PROGRAMME": ("DANISH_EDUCATION", "COMPANY_INTERNSHIP", "WAGE_SUBSIDY", "MENTOR"),
}
"""Kinds by target group; all other groups have those with support."""
HIDDEN: Final = ("AID", "HEALTH", "SOCIAL", "PERSONAL_ASSISTANCE")
"""Kinds that a fund never sees (R87)."""
_HIDDEN_SHARE: Final = 0.35
_TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("COMPANY_INTERNSHIP", "WAGE_SUBSIDY", "UTILITY_JOB", "FLEX_JOB"), "CompanyIntervention"
    ),
    **dict.fromkeys(
        ("EDUCATION", "COURSE", "LITERACY_COURSE", "BRIDGE_BUILDING", "DANISH_EDUCATION"),
        "EducationIntervention",
    ),
    **dict.fromkeys(("SOCIAL", "HEALTH", "OTHER_ADMINISTRATION"), "SocialHealthIntervention"),
    "MENTOR": "MentorIntervention",
    "AID": "AidIntervention",
    "PERSONAL_ASSISTANCE": "AssistanceIntervention",
}


@dataclass(frozen=True, slots=True)
class Period:
    start: date
    end: date


def add_interventions(
    rows: Rows, person: Person, plan_id: UUID, goals: Sequence[tuple[str, UUID]]
) -> None:
    """One ended, two ongoing, one planned and one of any kind of time; some cancelled."""
    kinds = person.random.choices(KINDS.get(person.group.code, _SUPPORTED), k=5)
    if person.fund and person.random.random() < _HIDDEN_SHARE:
        kinds[person.random.randrange(5)] = person.random.choice(HIDDEN)
    for kind, period in zip(kinds, _periods(person), strict=True):
        intervention_id = person.ids.next()
        _add(rows, person, plan_id, intervention_id, kind, period)
        if person.random.random() < 0.6:
            column, goal_id = person.random.choice(goals)
            rows.add("goal_link", intervention_id=intervention_id, **{column: goal_id})


def _periods(person: Person) -> list[Period]:
    spans = [(-330, -200), (-60, -10), (-60, -10), (12, 60), (-150, 30)]
    starts = [max(person.day(low, high), person.benefit_since) for low, high in spans]
    lengths = [*(person.random.randint(28, 90) for _ in range(4)), person.random.randint(60, 240)]
    lengths[1:3] = [length + 70 for length in lengths[1:3]]
    return [Period(s, s + timedelta(days=n)) for s, n in zip(starts, lengths, strict=True)]


def _add(
    rows: Rows, person: Person, plan_id: UUID, intervention_id: UUID, kind: str, period: Period
) -> None:
    random = person.random
    type_name = _TYPES.get(kind, "OtherIntervention")
    agreed_with = person.caseworker(person.jobcenter)
    told_on = max(period.start - timedelta(days=random.randint(10, 30)), person.benefit_since)
    told = min(person.at(told_on), person.world.now)
    open_ended = kind in OPEN_END_KINDS and random.random() < 0.3
    rows.add(
        "intervention",
        intervention_id=intervention_id,
        plan_id=plan_id,
        kind=kind,
        description=random.choice(texts.WHAT[type_name]),
        agreed_with=agreed_with.caseworker_id,
        shows_organisation=True,
        start_date=period.start,
        end_date=None if open_ended else period.end,
        why=random.choice(texts.WHY),
        written_under_plan_type=person.group.plan_type,
        created_at=told,
        contact_name=person.name(),
        contact_phone=person.phone(),
        hours_per_week=random.choice((None, 6, 12, 20, 30, 37)),
        right_and_duty=kind in OFFER_KINDS and random.random() < 0.5,
        is_offer=kind in OFFER_KINDS,
        notice_basis="CONVERSATION" if kind in OFFER_KINDS else None,
        notice_on=told.date() if kind in OFFER_KINDS else None,
        **_status(person, period, agreed_with),
        **_cancelled(person, period),
        **_details(person, type_name, kind, intervention_id),
    )


def _status(person: Person, period: Period, caseworker: Caseworker) -> dict[str, Any]:
    if period.start > person.world.today or person.random.random() < 0.5:
        return {}
    day = min(period.start + timedelta(days=14), person.world.today)
    return {
        "latest_status": person.random.choice(texts.STATUSES),
        "latest_status_by": caseworker.caseworker_id,
        "latest_status_at": min(person.at(day), person.world.now),
    }


def _cancelled(person: Person, period: Period) -> dict[str, Any]:
    if period.end > person.world.today or person.random.random() < 0.9:
        return {}
    day = period.start + timedelta(days=7)
    return {
        "cancelled_at": min(person.at(day), person.world.now),
        "cancel_reason": "Du fik et job.",
    }


def _details(person: Person, type_name: str, kind: str, intervention_id: UUID) -> dict[str, Any]:
    """The fields that only some kinds have."""
    random = person.random
    town = person.jobcenter.municipality
    address = f"{random.choice(texts.STREETS)} {random.randint(1, 98)}, {town}"
    imported: dict[str, Any] = {"origin": "MANUAL"}
    details: dict[str, Any]
    match type_name:
        case "CompanyIntervention":
            company = random.choice(texts.COMPANIES)
            if kind != "FLEX_JOB":
                imported = {"origin": "VITAS", "external_id": f"LOAD-{intervention_id}"}
            details = {
                "workplace": f"{company}, {address}",
                "company_address": address,
                "occupation": random.choice(texts.FUNCTIONS),
                "cvr": f"{random.randrange(10**8):08d}",
                "p_number": f"{random.randrange(10**10):010d}",
                "contact_email": "kontakt@virksomhed.example",
            }
        case "EducationIntervention":
            details = {
                "course": random.choice(texts.COURSES),
                "provider": random.choice(texts.PROVIDERS),
                "place": address,
                "scheme": "ORDINARY_EDUCATION" if kind == "EDUCATION" else None,
            }
        case "MentorIntervention":
            details = {
                "place": address,
                "mentor_name": person.name(),
                "mentor_tasks": texts.STEPS[0],
            }
        case "AidIntervention":
            details = {
                "provider": random.choice(texts.PROVIDERS),
                "aid_form": random.choice(("LOAN", "GRANT")),
                "aid_category": random.choice(texts.AID_CATEGORIES),
                "aid_purpose": "DURING_OFFER",
            }
        case "SocialHealthIntervention":
            code_list, label = texts.CODED[kind]
            details = {
                "place": address,
                "provider": random.choice(texts.PROVIDERS),
                "code_list": code_list,
                "code_label": label,
            }
        case _:
            details = {
                "place": address,
                "facilitator_name": person.name() if kind == "PERSONAL_JOB_FACILITATOR" else None,
            }
    return {**imported, **details}
