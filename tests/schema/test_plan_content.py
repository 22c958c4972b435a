"""Goals, description, interventions and requirements as clients write them."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from app.domain.viewer import Role
from tests.story import REFUSED, member, new_citizen
from tests.world import World

WELDER = "7212.1"

GOALS = (
    "mutation($input: SetJobGoalsInput!) { setJobGoals(input: $input) { __typename"
    " ... on SetJobGoalsPayload { version plan { jobGoals { id text term subGoals { text }"
    " confirmedBy } } warnings { code path } } " + REFUSED + " } }"
)
EDUCATION = (
    "mutation($input: SetEducationGoalsInput!) { setEducationGoals(input: $input) { __typename"
    " ... on SetEducationGoalsPayload { version plan { educationGoals { label } } } "
    + REFUSED
    + " } }"
)
DESCRIPTION = (
    "mutation($input: SetPlanDescriptionInput!) { setPlanDescription(input: $input) { __typename"
    " ... on SetPlanDescriptionPayload { plan { description { text } } } " + REFUSED + " } }"
)
CREATE = (
    "mutation($input: CreateInterventionInput!) { createIntervention(input: $input) { __typename"
    " ... on CreateInterventionPayload { interventionId plan { interventions { id kind __typename"
    " goalLinks { text } offer { noticeBasis contactAttempts { at reached } } } } } "
    + REFUSED
    + " } }"
)
REQUIREMENT = (
    "mutation($input: IssueJobSearchRequirementInput!) {"
    " issueJobSearchRequirement(input: $input) { __typename"
    " ... on IssueJobSearchRequirementPayload { requirementId plan { requirements { id label"
    " occupations { label } geographicAreas { label } isCurrent } } } " + REFUSED + " } }"
)


@pytest.fixture
async def welder(world: World) -> str:
    """The code of an occupation that the list has."""
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        await connection.execute(
            "insert into occupation (code, label) values ($1, 'Svejser') on conflict do nothing",
            WELDER,
        )
    finally:
        await connection.close()
    return WELDER


async def write(
    world: World, query: str, role: Role = Role.JOBCENTER, **given: Any
) -> dict[str, Any]:
    """The answer of the one mutation of a query."""
    data = await world.ask(world.token(role), query, input=given)
    (answer,) = data.values()
    found: dict[str, Any] = answer
    return found


@pytest.mark.rule("R43", "allowed")
@pytest.mark.rule("R94", "allowed")
async def test_a_caseworker_sets_goals_and_an_intervention_that_serves_one(
    world: World, welder: str
) -> None:
    citizen = await new_citizen(world, "CASH_BENEFIT_ACTIVITY_READY")
    goal = {"term": "SHORT_TERM", "priority": 1, "occupationCode": welder}
    goals = [{**goal, "subGoals": [{"text": "Ring til værftet", "targetDate": "2026-04-01"}]}]
    answer = await write(world, GOALS, citizenId=citizen, jobGoals=goals, expectedVersion=0)
    assert answer["__typename"] == "SetJobGoalsPayload", answer
    stored = answer["plan"]["jobGoals"][0]
    assert (stored["text"], stored["subGoals"]) == ("Svejser", [{"text": "Ring til værftet"}])
    start = world.day[0] + timedelta(days=1)
    offer = {
        "kind": "COMPANY_INTERNSHIP",
        "description": "Du er med på værkstedet.",
        "why": "Du vil prøve faget.",
        "startDate": str(start),
        "endDate": str(start),
        "workplace": "Værftet Havterne",
        "goalIds": [stored["id"]],
        "noticeBasis": "LETTER",
        "noticeOn": str(world.day[0]),
        "contactAttempts": [{"at": str(world.day[0]), "reached": True}],
    }
    answer = await write(world, CREATE, citizenId=citizen, intervention={"company": offer})
    assert answer["__typename"] == "CreateInterventionPayload", answer
    assert answer["plan"]["interventions"] == [
        {
            "id": answer["interventionId"],
            "kind": "COMPANY_INTERNSHIP",
            "__typename": "CompanyIntervention",
            "goalLinks": [{"text": "Svejser"}],
            "offer": {
                "noticeBasis": "LETTER",
                "contactAttempts": [{"at": str(world.day[0]), "reached": True}],
            },
        }
    ]


async def test_breaches_name_the_field_where_the_client_wrote_it(world: World) -> None:
    citizen = await new_citizen(world)
    aid = {"description": "x" * 1501, "category": "y" * 301, "contactEmail": "z" * 255}
    answer = await write(world, CREATE, citizenId=citizen, intervention={"aid": aid})
    found = {(b["rule"], ".".join(b["path"])) for b in answer["breaches"]}
    assert found == {
        ("R76", "input.intervention.aid.startDate"),
        ("R76", "input.intervention.aid.why"),
        ("R76", "input.intervention.aid.contactName"),
        ("R76", "input.intervention.aid.form"),
        ("R80", "input.intervention.aid.description"),
        ("R80", "input.intervention.aid.category"),
        ("R80", "input.intervention.aid.contactEmail"),
    }


@pytest.mark.parametrize("given", [{}, {"mentor": {}, "aid": {}}, {"mentor": None}])
async def test_exactly_one_kind_of_intervention_is_given(
    world: World, given: dict[str, Any]
) -> None:
    citizen = await new_citizen(world)
    answer = await world.post(
        world.token(Role.JOBCENTER), CREATE, input={"citizenId": citizen, "intervention": given}
    )
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_youth_gets_education_goals_and_a_comment_which_goes_again(world: World) -> None:
    citizen = await new_citizen(world, "EDU_BENEFIT_EDU_READY")
    goals = [{"educationName": "Bager", "priority": 2}, {"educationName": "Smed", "priority": 1}]
    answer = await write(world, EDUCATION, citizenId=citizen, educationGoals=goals)
    assert [goal["label"] for goal in answer["plan"]["educationGoals"]] == [
        "1. prioriterede uddannelsesmål: Smed",
        "2. prioriterede uddannelsesmål: Bager",
    ]
    answer = await write(world, DESCRIPTION, citizenId=citizen, text="Godt gået.")
    assert answer["plan"]["description"] == {"text": "Godt gået."}
    answer = await write(world, DESCRIPTION, citizenId=citizen)
    assert answer["plan"]["description"] is None


@pytest.mark.rule("R21", "allowed")
async def test_a_fund_issues_the_requirement_of_its_member(world: World, welder: str) -> None:
    citizen = await member(world)
    answer = await write(
        world,
        REQUIREMENT,
        Role.FUND,
        citizenId=citizen,
        occupationCodes=[welder],
        geographicAreas=[{"municipalityCode": "101"}],
        otherExpectations="To job om ugen.",
        validFrom=str(world.day[0]),
    )
    assert answer["plan"]["requirements"] == [
        {
            "id": answer["requirementId"],
            "label": "Krav til jobsøgning (a-kasse)",
            "occupations": [{"label": "Svejser"}],
            "geographicAreas": [{"label": "København"}],
            "isCurrent": True,
        }
    ]
    answer = await write(
        world, REQUIREMENT, citizenId=citizen, validFrom=str(world.day[0]), industries=["Byggeri"]
    )
    assert [breach["code"] for breach in answer["breaches"]] == [
        "WRONG_ISSUER",
        "REQUIREMENT_INCOMPLETE",
    ]


async def test_an_unknown_occupation_is_refused_with_the_path_to_it(world: World) -> None:
    citizen = await new_citizen(world)
    goal = {"term": "SHORT_TERM", "priority": 1, "occupationCode": "no such"}
    answer = await world.post(
        world.token(Role.JOBCENTER), GOALS, input={"citizenId": citizen, "jobGoals": [goal]}
    )
    assert answer["errors"][0]["extensions"] == {
        "code": "BAD_USER_INPUT",
        "path": ["input", "jobGoals", 0, "occupationCode"],
    }


@pytest.mark.parametrize("role", [Role.CITIZEN, Role.INSTITUTION, Role.SYSTEM])
@pytest.mark.parametrize("query", [GOALS, EDUCATION, DESCRIPTION, CREATE, REQUIREMENT])
@pytest.mark.rule("R121", "refused")
async def test_only_caseworkers_write_what_the_plan_holds(
    world: World, role: Role, query: str
) -> None:
    citizen = "01890000-0000-7000-8000-000000000000" if role is Role.CITIZEN else None
    answer = await world.post(world.token(role, citizen=citizen), query, input={})
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
