"""The invented plans of a load: goals, agreements, meetings, requirement and education order."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.dev import load_texts as texts
from app.dev.load_interventions import add_interventions
from app.dev.load_people import Office, Person, World, add_person
from app.dev.load_rows import Rows

AGREEMENTS: Final = 6
_MODES: Final = ("IN_PERSON", "IN_PERSON", "PHONE", "DIGITAL")


def add_citizen(rows: Rows, world: World, number: int) -> None:
    """A citizen with a whole plan: 2 goals, 5 interventions, 6 agreements, 1 requirement."""
    person = add_person(rows, world, number)
    plan_id = person.ids.next()
    rows.plans.append(plan_id)
    rows.add(
        "plan",
        plan_id=plan_id,
        citizen_id=person.citizen_id,
        plan_type=person.group.plan_type,
        status="ACTIVE",
        created_at=person.at(person.benefit_since),
        holistic=False,
        citizen_agrees=person.random.choice((None, True, True, False)),
    )
    goals = _add_goals(rows, person, plan_id)
    if person.group.description_variant:
        _add_description(rows, person, plan_id)
    if person.group.education_steps:
        _add_education_order(rows, person, plan_id)
    if person.group.contract:
        _add_contract(rows, person, plan_id)
    _add_meeting(rows, person, plan_id)
    for index in range(AGREEMENTS):
        _add_agreement(rows, person, plan_id, index)
    add_interventions(rows, person, plan_id, goals)
    _add_requirement(rows, person, plan_id)


def _add_goals(rows: Rows, person: Person, plan_id: UUID) -> list[tuple[str, UUID]]:
    """Two goals of the sorts that the target group has; answers the columns that link to them."""
    wants_job = person.group.job_goal_rule is not None
    wants_education = person.group.education_goal_rule is not None
    jobs = 0 if not wants_job else 1 if wants_education else 2
    occupations = person.random.sample(person.world.occupations, 2)
    made = [
        ("job_goal_id", _add_job_goal(rows, person, plan_id, n, occupations[n]))
        for n in range(jobs)
    ]
    made += [
        ("education_goal_id", _add_education_goal(rows, person, plan_id, n))
        for n in range(2 - jobs)
    ]
    return made


def _add_job_goal(rows: Rows, person: Person, plan_id: UUID, index: int, occupation: str) -> UUID:
    goal_id = person.ids.next()
    free_text = (
        person.group.job_goal_rule == "OCCUPATION_OR_FUNCTION" and person.random.random() < 0.4
    )
    is_long_term = index > 0
    rows.add(
        "job_goal",
        job_goal_id=goal_id,
        plan_id=plan_id,
        occupation_code=None if free_text else occupation,
        job_function_text=person.random.choice(texts.FUNCTIONS) if free_text else None,
        term="LONG_TERM" if is_long_term else "SHORT_TERM",
        long_term_description="Et fast job tæt på, hvor du bor." if is_long_term else None,
        priority=index + 1,
        confirmed_by=person.caseworker(_responsible(person)).caseworker_id,
        confirmed_at=person.at(person.benefit_since),
    )
    if person.random.random() < 0.3:
        rows.add(
            "sub_goal",
            sub_goal_id=person.ids.next(),
            job_goal_id=goal_id,
            position=1,
            text=person.random.choice(texts.SUB_GOALS),
            target_date=person.day(20, 120),
        )
    return goal_id


def _add_education_goal(rows: Rows, person: Person, plan_id: UUID, index: int) -> UUID:
    goal_id = person.ids.next()
    rows.add(
        "education_goal",
        education_goal_id=goal_id,
        plan_id=plan_id,
        education_name=person.random.choice(texts.EDUCATIONS),
        priority=index + 1,
        agreed_by=person.caseworker(person.jobcenter).caseworker_id,
        agreed_at=person.at(person.benefit_since),
    )
    return goal_id


def _responsible(person: Person) -> Office:
    """The fund wrote the goals of its own first months."""
    return person.fund if person.fund and person.group.fund_agreement else person.jobcenter


def _add_description(rows: Rows, person: Person, plan_id: UUID) -> None:
    rows.add(
        "plan_description",
        plan_id=plan_id,
        text=person.random.choice(texts.DESCRIPTIONS),
        author=person.caseworker(person.jobcenter).caseworker_id,
        updated_at=person.at(person.benefit_since),
        covers_rehabilitation_part=person.group.plan_type == "REHABILITATION_PLAN",
    )


def _add_contract(rows: Rows, person: Person, plan_id: UUID) -> None:
    rows.add(
        "integration_contract",
        plan_id=plan_id,
        document=b"%PDF-1.4\n%%EOF\n",
        file_name="kontrakt.pdf",
        signed_on=person.benefit_since,
        danish_goal="Prøve i Dansk 2",
    )


def _add_meeting(rows: Rows, person: Person, plan_id: UUID) -> None:
    """Most have a next meeting booked."""
    if person.random.random() < 0.15:
        return
    meeting_id, starts_at = person.ids.next(), person.at(person.day(2, 45))
    rows.add(
        "meeting",
        meeting_id=meeting_id,
        plan_id=plan_id,
        system="load",
        external_id=str(meeting_id),
        authority="JOBCENTER",
        organisation_id=person.jobcenter.organisation_id,
        source=person.random.choice(("SUMMONS", "SELF_BOOKING")),
        status="PLANNED",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=45),
        mode=person.random.choice(_MODES),
        place=person.jobcenter.name,
        caseworker_name=person.caseworker(person.jobcenter).name,
        description="Vi taler om, hvordan det går, og hvad der skal ske nu.",
    )


def _add_agreement(rows: Rows, person: Person, plan_id: UUID, index: int) -> None:
    """Conversations from the newest back, in turn with the fund where it has agreements."""
    with_fund = person.fund if person.group.fund_agreement and index % 2 else None
    office = with_fund or person.jobcenter
    caseworker = person.caseworker(office)
    conversation_id = person.ids.next()
    span = max(1, (person.world.today - person.benefit_since).days // AGREEMENTS)
    held_at = min(person.at(person.day(-span * (index + 1), -span * index - 1)), person.world.now)
    rows.add(
        "conversation",
        conversation_id=conversation_id,
        plan_id=plan_id,
        authority="UNEMPLOYMENT_FUND" if with_fund else "JOBCENTER",
        organisation_id=office.organisation_id,
        caseworker_id=caseworker.caseworker_id,
        held_at=held_at,
        mode=person.random.choice(_MODES),
        written_under_plan_type=person.group.plan_type,
        hidden_from_unemployment_fund=not with_fund and person.random.random() < 0.05,
        registered_at=held_at,
    )
    parts = (texts.OPENINGS, texts.STEPS, texts.CLOSINGS)
    rows.add(
        "agreement_revision",
        conversation_id=conversation_id,
        revision=1,
        text=" ".join(person.random.choice(part) for part in parts),
        author=caseworker.caseworker_id,
        written_at=held_at,
    )


def _add_requirement(rows: Rows, person: Person, plan_id: UUID) -> None:
    """Current where the group has an issuer of requirements, else ended with an earlier group."""
    issuer = person.group.requirement_issuer
    by_fund = person.fund if issuer == "UNEMPLOYMENT_FUND" else None
    office = by_fund or person.jobcenter
    requirement_id = person.ids.next()
    start = person.benefit_since if issuer else person.benefit_since - timedelta(days=200)
    rows.add(
        "job_search_requirement",
        requirement_id=requirement_id,
        plan_id=plan_id,
        issuer="UNEMPLOYMENT_FUND" if by_fund else "JOBCENTER",
        organisation_id=office.organisation_id,
        caseworker_id=person.caseworker(office).caseworker_id,
        industries=person.random.sample(texts.INDUSTRIES, 2),
        agreement_text=person.random.choice(texts.REQUIREMENT),
        other_expectations=person.random.choice(texts.EXPECTATION),
        expected_count=person.random.randint(1, 3),
        full_time=True,
        unsolicited=person.random.random() < 0.5,
        valid_from=start,
        valid_to=None if issuer else person.benefit_since,
    )
    _add_requirement_parts(rows, person, requirement_id)


def _add_requirement_parts(rows: Rows, person: Person, requirement_id: UUID) -> None:
    for position, occupation in enumerate(person.random.sample(person.world.occupations, 2), 1):
        rows.add(
            "requirement_occupation",
            requirement_id=requirement_id,
            position=position,
            occupation_code=occupation,
        )
    rows.add(
        "requirement_area",
        requirement_id=requirement_id,
        position=1,
        municipality_code=person.jobcenter.code,
        label=person.jobcenter.municipality,
    )


def _add_education_order(rows: Rows, person: Person, plan_id: UUID) -> None:
    """The first step is behind, the second open."""
    rows.add("education_order", plan_id=plan_id, current_step=2)
    first = _add_step(rows, person, plan_id, 1, "CLOSED")
    _add_step(rows, person, plan_id, 2, "OPEN")
    for priority, name in enumerate(_educations(person), 1):
        rows.add(
            "education_proposal",
            education_step_id=first,
            priority=priority,
            education_name=name,
            reason="Du kan godt lide at arbejde med hænderne.",
        )


def _add_step(rows: Rows, person: Person, plan_id: UUID, step: int, status: str) -> UUID:
    step_id, caseworker = person.ids.next(), person.caseworker(person.jobcenter)
    is_closed = status == "CLOSED"
    opened_on = person.day(-120, -60) if is_closed else person.day(-20, -3)
    opened_at = person.at(max(opened_on, person.benefit_since))
    rows.add(
        "education_step",
        education_step_id=step_id,
        plan_id=plan_id,
        step=step,
        opened_at=opened_at,
        opened_by=caseworker.caseworker_id,
        caseworker_id=caseworker.caseworker_id,
        deadline=opened_at.date() + timedelta(days=30),
        status=status,
        sent_at=opened_at + timedelta(days=14) if is_closed else None,
    )
    return step_id


def _educations(person: Person) -> Sequence[str]:
    return person.random.sample(texts.EDUCATIONS, 2)
