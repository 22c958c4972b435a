"""The seven figures: which group has which composition, who writes what of it, what stands then.

Dagpenge (A1), job-ready (A2), education order (B1), combi plan (B2), resource programme and
flexjob (C), integration contract (D).
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from app.dev.demo.pdf import small_pdf
from app.domain.viewer import Role
from tests.story import REFUSED
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


async def write(world: World, citizen: str, role: Role, *parts: Part) -> dict[str, Any]:
    """The answer of one operation with a mutation for each part."""
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    names = [part.mutation for part in parts]
    declared = ", ".join(f"${name}: {name[0].upper()}{name[1:]}Input!" for name in names)
    fields = " ".join(f"{name}(input: ${name}) {{ __typename {REFUSED} }}" for name in names)
    given = {part.mutation: {"citizenId": citizen, **part.given(world.day[0])} for part in parts}
    return await world.post(token, f"mutation({declared}) {{ {fields} }}", **given)


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
