"""Each composition is built from nothing, by the roles that may write each part, as clients do it.

The figures: dagpenge (A1), job-ready (A2), education order (B1), combi plan (B2), resource
programme and flexjob (C), integration contract (D).
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from app.dev.demo.pdf import small_pdf
from app.domain.viewer import Role
from tests.story import REFUSED, new_citizen
from tests.world import FUND, World

WELDER = "7212.1"
Given = Mapping[str, Any]
Written = Callable[[date], Given]


@dataclass(frozen=True)
class Part:
    """One mutation by a role: its name, and its input but for the citizen."""

    role: Role
    mutation: str
    given: Written


@dataclass(frozen=True)
class Figure:
    """A composition: the group that has it, who writes what, and what stands in the end."""

    group: str
    parts: tuple[Part, ...]
    elements: tuple[str, ...]
    fund: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def job_goals(role: Role, goal: Given) -> Part:
    wanted = {"term": "SHORT_TERM", "priority": 1, **goal}
    return Part(role, "setJobGoals", lambda _: {"jobGoals": [wanted]})


def agreement(role: Role) -> Part:
    authority = "JOBCENTER" if role is Role.JOBCENTER else "UNEMPLOYMENT_FUND"
    return Part(
        role,
        "registerConversation",
        lambda today: {
            "authority": authority,
            "heldAt": f"{today}T09:00:00+01:00",
            "mode": "IN_PERSON",
            "agreementText": "Du ringer til to firmaer i denne uge.",
        },
    )


def requirement(role: Role) -> Part:
    return Part(
        role,
        "issueJobSearchRequirement",
        lambda today: {
            "occupationCodes": [WELDER],
            "geographicAreas": [{"municipalityCode": "101"}],
            "otherExpectations": "To job om ugen.",
            "validFrom": str(today),
        },
    )


def mentor(today: date) -> Given:
    return {
        "intervention": {
            "mentor": {
                "description": "Du har en mentor på arbejdspladsen.",
                "why": "Så ved du, hvem du kan spørge.",
                "startDate": str(today),
                "place": "Værftet Havterne",
                "mentorTasks": "At tage imod dig om morgenen.",
            }
        }
    }


def flex_job(today: date) -> Given:
    return {
        "intervention": {
            "company": {
                "kind": "FLEX_JOB",
                "description": "Du arbejder 14 timer om ugen.",
                "why": "Du vil blive i faget.",
                "startDate": str(today),
                "workplace": "Gartneriet Solsikken",
            }
        }
    }


def contract(today: date) -> Given:
    return {
        "document": base64.b64encode(small_pdf(["Kontrakt"])).decode(),
        "fileName": "kontrakt.pdf",
        "signedOn": str(today),
    }


SOUGHT_JOB = Part(Role.CITIZEN, "addSoughtJob", lambda _: {"occupationCode": WELDER})
DESCRIPTION = Part(
    Role.JOBCENTER, "setPlanDescription", lambda _: {"text": "Vi tager et trin ad gangen."}
)
EDUCATION_GOAL = Part(
    Role.JOBCENTER,
    "setEducationGoals",
    lambda _: {"educationGoals": [{"educationName": "Smed", "priority": 1}]},
)
STEP = Part(
    Role.JOBCENTER,
    "openEducationStep",
    lambda today: {"step": 1, "deadline": str(today + timedelta(days=14))},
)
MENTOR = Part(Role.JOBCENTER, "createIntervention", mentor)
YOUTH = {
    "civilRegistrationNumber": "0107054321",
    "hasVocationalEducation": False,
    "hasDependentChildren": False,
}
"""Under 25 on the day: on dagpenge the jobcenter is responsible from day one (R16)."""
OCCUPATION = {"occupationCode": WELDER}
FUNCTION = {"jobFunctionText": "Køkken- og kantinearbejde"}

FIGURES = {
    "A1": Figure(
        "UNEMPLOYMENT_BENEFIT",
        (
            SOUGHT_JOB,
            job_goals(Role.FUND, OCCUPATION),
            agreement(Role.FUND),
            requirement(Role.FUND),
            agreement(Role.JOBCENTER),
            MENTOR,
        ),
        (
            *("JOB_GOALS", "LATEST_AGREEMENT_JOBCENTER"),
            *("LATEST_AGREEMENT_UNEMPLOYMENT_FUND", "TIMELINE"),
        ),
        FUND,
    ),
    "A2": Figure(
        "CASH_BENEFIT_JOB_READY",
        (
            SOUGHT_JOB,
            job_goals(Role.JOBCENTER, OCCUPATION),
            agreement(Role.JOBCENTER),
            requirement(Role.JOBCENTER),
            MENTOR,
        ),
        ("JOB_GOALS", "LATEST_AGREEMENT_JOBCENTER", "TIMELINE"),
    ),
    "B1": Figure(
        "EDU_BENEFIT_EDU_READY",
        (EDUCATION_GOAL, DESCRIPTION, STEP, agreement(Role.JOBCENTER), MENTOR),
        (
            *("EDUCATION_GOALS", "PLAN_DESCRIPTION", "EDUCATION_STEP"),
            *("LATEST_AGREEMENT_JOBCENTER", "TIMELINE"),
        ),
    ),
    "B2": Figure(
        "UNEMPLOYMENT_BENEFIT_EDU_ORDER",
        (
            SOUGHT_JOB,
            *(
                EDUCATION_GOAL,
                job_goals(Role.JOBCENTER, OCCUPATION),
                DESCRIPTION,
                STEP,
                agreement(Role.JOBCENTER),
            ),
            *(agreement(Role.FUND), requirement(Role.FUND), MENTOR),
        ),
        (
            *("EDUCATION_GOALS", "JOB_GOALS", "PLAN_DESCRIPTION", "EDUCATION_STEP"),
            *("LATEST_AGREEMENT_JOBCENTER", "LATEST_AGREEMENT_UNEMPLOYMENT_FUND", "TIMELINE"),
        ),
        FUND,
        YOUTH,
    ),
    "C": Figure(
        "RESOURCE_PROGRAMME",
        (job_goals(Role.JOBCENTER, FUNCTION), DESCRIPTION, agreement(Role.JOBCENTER), MENTOR),
        ("JOB_GOALS", "PLAN_DESCRIPTION", "LATEST_AGREEMENT_JOBCENTER", "TIMELINE"),
    ),
    "C without agreement": Figure(
        "FLEXJOB_EMPLOYED",
        (
            job_goals(Role.JOBCENTER, FUNCTION),
            DESCRIPTION,
            Part(Role.JOBCENTER, "createIntervention", flex_job),
        ),
        ("JOB_GOALS", "PLAN_DESCRIPTION", "TIMELINE"),
    ),
    "D": Figure(
        "INTEGRATION_PROGRAMME",
        (
            Part(Role.JOBCENTER, "attachContract", contract),
            *(
                EDUCATION_GOAL,
                job_goals(Role.JOBCENTER, FUNCTION),
                DESCRIPTION,
                agreement(Role.JOBCENTER),
                MENTOR,
            ),
        ),
        (
            *("CONTRACT", "EDUCATION_GOALS", "JOB_GOALS", "PLAN_DESCRIPTION"),
            *("LATEST_AGREEMENT_JOBCENTER", "TIMELINE"),
        ),
    ),
}


@pytest.fixture
async def occupations(world: World) -> None:
    """The one code list that no release brings: occupations are imported."""
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        await connection.execute(
            "insert into occupation (code, label) values ($1, 'Svejser')", WELDER
        )
    finally:
        await connection.close()


async def write(world: World, citizen: str, role: Role, *parts: Part) -> dict[str, Any]:
    """The answer of one operation with a mutation for each part."""
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    names = [part.mutation for part in parts]
    declared = ", ".join(f"${name}: {name[0].upper()}{name[1:]}Input!" for name in names)
    fields = " ".join(f"{name}(input: ${name}) {{ __typename {REFUSED} }}" for name in names)
    given = {part.mutation: {"citizenId": citizen, **part.given(world.day[0])} for part in parts}
    return await world.post(token, f"mutation({declared}) {{ {fields} }}", **given)


def operations(figure: Figure) -> list[tuple[Part, ...]]:
    """The parts one by one, but for goals that a plan needs together (R45)."""
    goals = tuple(part for part in figure.parts if part.mutation in GOALS)
    if figure.group != "UNEMPLOYMENT_BENEFIT_EDU_ORDER":
        return [(part,) for part in figure.parts]
    return [goals, *((part,) for part in figure.parts if part not in goals)]


async def elements(world: World, citizen: str, role: Role) -> list[str] | None:
    """Codes of the elements as a role sees them, in order; None: it sees no plan."""
    types = ("Contract", "EducationGoals", "JobGoals", "PlanDescription", "EducationStep")
    parts = " ".join(
        f"... on {name}Element {{ element }}" for name in (*types, "LatestAgreement", "Timeline")
    )
    if role is Role.FUND:
        parts = parts.replace("... on ContractElement { element }", "")
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    data = await world.ask(
        token,
        f"query($id: ID!) {{ citizen(id: $id) {{ plan {{ elements {{ {parts} }} }} }} }}",
        id=citizen,
    )
    plan = data["citizen"] and data["citizen"]["plan"]
    return [one["element"] for one in plan["elements"]] if plan else None


GOALS = ("setEducationGoals", "setJobGoals")
WRITERS = (Role.CITIZEN, Role.JOBCENTER, Role.FUND, Role.INSTITUTION, Role.SYSTEM)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.rule("R5", "allowed")
@pytest.mark.rule("R4", "allowed")
@pytest.mark.rule("R1", "allowed")
async def test_a_figure_is_built_from_nothing_by_the_roles_that_may_write_its_parts(
    world: World, occupations: None, name: str
) -> None:
    figure = FIGURES[name]
    citizen = await new_citizen(
        world,
        figure.group,
        fund=figure.fund,
        **{"contactCourseStart": str(world.day[0]), **figure.facts},
    )
    for parts in operations(figure):
        answer = await write(world, citizen, parts[0].role, *parts)
        assert "errors" not in answer, answer
        for part in parts:
            assert answer["data"][part.mutation]["__typename"].endswith("Payload"), answer
    for role in (Role.CITIZEN, Role.JOBCENTER):
        assert await elements(world, citizen, role) == list(figure.elements)
    if figure.fund:
        assert await elements(world, citizen, Role.FUND) == list(figure.elements)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.rule("R1", "refused")
@pytest.mark.rule("R121", "refused")
async def test_nobody_else_writes_a_part_of_a_figure(
    world: World, occupations: None, name: str
) -> None:
    figure = FIGURES[name]
    citizen = await new_citizen(
        world,
        figure.group,
        fund=figure.fund or FUND,
        **{"contactCourseStart": str(world.day[0]), **figure.facts},
    )
    may = {(part.mutation, part.role) for part in figure.parts}
    may |= {("addSoughtJob", Role.CITIZEN)}
    for part in figure.parts:
        for role in WRITERS:
            if (part.mutation, role) in may:
                continue
            answer = await write(world, citizen, role, part)
            refused = answer.get("errors") or answer["data"][part.mutation]["__typename"] in (
                *("RuleBreaches", "NotFound"),
            )
            assert refused, (part.mutation, role, answer)
    for role in (Role.CITIZEN, Role.JOBCENTER, Role.FUND):
        assert await elements(world, citizen, role) is None, "a refused part opens no plan"
