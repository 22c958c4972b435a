"""What is seen of a plan, and what never is: the rules that show rather than refuse."""

from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLObjectType

from app.domain.viewer import Role
from app.schema.build import assembled
from app.texts import text
from tests.story import CONVERSATION, conversation, hold_conversation, member, new_citizen
from tests.world import OTHER_FUND, World

SEEN = (
    "query($id: ID!) { citizen(id: $id) { plan { version elements { __typename }"
    " latestAgreement(authority: JOBCENTER) { agreementText } jobGoals { text confirmedAt }"
    " description { heading coversRehabilitationPart } hiddenPartsNotice complaintInfo"
    " links { findJob } agreements { agreementText }"
    " requirements { label } interventions { kind title }"
    " timeline { items { __typename ... on TimelineRequirement { label }"
    " ... on TimelineIntervention { label } ... on TimelineAgreement { label } } } } } }"
)
GOALS = (
    "mutation($input: SetJobGoalsInput!) { setJobGoals(input: $input) { __typename"
    " ... on RuleBreaches { breaches { rule code message path source } }"
    " ... on SetJobGoalsPayload { version } } }"
)
DESCRIPTION = (
    "mutation($input: SetPlanDescriptionInput!) { setPlanDescription(input: $input) { __typename"
    " ... on RuleBreaches { breaches { rule code path } } } }"
)
REQUIREMENT = (
    "mutation($input: IssueJobSearchRequirementInput!) {"
    " issueJobSearchRequirement(input: $input) { __typename } }"
)
CREATE = (
    "mutation($input: CreateInterventionInput!) {"
    " createIntervention(input: $input) { __typename } }"
)
REHABILITATION: dict[str, Any] = {
    "text": "Du begynder med to timer om ugen.",
    "coversRehabilitationPart": True,
}


async def seen(world: World, citizen: str, role: Role = Role.CITIZEN) -> dict[str, Any]:
    """The plan as a role sees it."""
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    plan: dict[str, Any] = (await world.ask(token, SEEN, id=citizen))["citizen"]["plan"]
    return plan


async def write(world: World, query: str, role: Role = Role.JOBCENTER, **given: Any) -> Any:
    (answer,) = (await world.ask(world.token(role), query, input=given)).values()
    return answer


def words_of_the_schema() -> set[str]:
    """Names of all types, fields, arguments and enum values, in lower case."""
    found: set[str] = set()
    for kind in assembled()._schema.type_map.values():
        if kind.name.startswith("__"):
            continue
        found.add(kind.name)
        found |= set(getattr(kind, "values", ()))
        for name, field in getattr(kind, "fields", {}).items():
            found.add(name)
            found |= set(field.args if isinstance(kind, GraphQLObjectType) else ())
    return {name.lower() for name in found}


@pytest.mark.rule("R6", "allowed")
@pytest.mark.rule("R6", "refused")
@pytest.mark.rule("R85", "allowed")
@pytest.mark.rule("R85", "refused")
@pytest.mark.rule("R84", "refused")
@pytest.mark.rule("R140", "refused")
def test_the_schema_has_no_word_for_decisions_absence_or_transport() -> None:
    words = words_of_the_schema()
    assert {"agreement", "intervention", "jobgoal", "myabsence"} <= words
    never = (
        *("sanction", "legalguidance", "appealable", "holiday", "sickleave", "vacation"),
        *("transport", "mileage", "selfbookingdeadline", "ruling", "afgoerelse"),
    )
    assert [(bad, word) for bad in never for word in words if bad in word] == []
    absences = {word for word in words if "absence" in word}
    assert absences == {"myabsence"}, "a link to where absence is kept, and nothing else"


@pytest.mark.rule("R9", "allowed")
def test_there_are_five_roles_and_none_for_another_administration() -> None:
    assert {role.value for role in Role} - {"anonymous"} == {
        *("citizen", "jobcenter", "fund", "institution", "system")
    }


@pytest.mark.rule("R13", "allowed")
@pytest.mark.rule("R13", "refused")
@pytest.mark.rule("R89", "refused")
async def test_how_to_complain_stands_beside_the_plan_and_says_that_the_plan_is_no_decision(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    plan = await seen(world, citizen)
    assert "Ankestyrelsen" in plan["complaintInfo"]
    assert plan["complaintInfo"] == text("plan.complaint_info")
    assert plan["complaintInfo"] not in repr(plan["elements"]) + repr(plan["timeline"])
    assert plan["hiddenPartsNotice"] is None


@pytest.mark.rule("R52", "allowed")
@pytest.mark.rule("R52", "refused")
@pytest.mark.rule("R43", "allowed")
@pytest.mark.rule("R43", "refused")
async def test_goals_stay_as_they_are_while_other_things_are_registered(demo: World) -> None:
    found = await demo.ask(
        demo.token(Role.JOBCENTER), '{ occupations(search: "sv", first: 1) { code } }'
    )
    occupation = found["occupations"][0]
    citizen = await new_citizen(demo)
    goal = {"term": "SHORT_TERM", "priority": 1, "occupationCode": occupation["code"]}
    answer = await write(demo, GOALS, citizenId=citizen, jobGoals=[goal])
    assert answer["__typename"] == "SetJobGoalsPayload", "a code alone describes a goal"
    before = (await seen(demo, citizen))["jobGoals"]
    await hold_conversation(demo, citizen)
    assert (await seen(demo, citizen))["jobGoals"] == before
    refused = await write(demo, GOALS, citizenId=citizen, jobGoals=[])
    assert [b["code"] for b in refused["breaches"]] == ["JOB_GOAL_REQUIRED"]
    nothing = await write(
        demo, GOALS, citizenId=citizen, jobGoals=[{**goal, "occupationCode": None}]
    )
    assert [b["rule"] for b in nothing["breaches"]] == ["R40"], "some description there must be"


@pytest.mark.rule("R55", "refused")
@pytest.mark.rule("R54", "refused")
async def test_where_the_group_has_no_description_there_is_no_heading(world: World) -> None:
    citizen = await new_citizen(world)
    refused = await write(world, DESCRIPTION, citizenId=citizen, text="Vi ses på torsdag.")
    assert {b["rule"] for b in refused["breaches"]} == {"R54"}
    await hold_conversation(world, citizen)
    assert (await seen(world, citizen))["description"] is None


@pytest.mark.rule("R59", "allowed")
@pytest.mark.rule("R59", "refused")
async def test_the_description_of_a_rehabilitation_plan_holds_its_part(world: World) -> None:
    citizen = await new_citizen(world, "RESOURCE_PROGRAMME")
    await write(world, DESCRIPTION, citizenId=citizen, **REHABILITATION)
    described = (await seen(world, citizen))["description"]
    assert described["coversRehabilitationPart"] is True
    assert described["heading"] == text("plan_description.AGREED_PATH")
    other = await new_citizen(world, "CASH_BENEFIT_ACTIVITY_READY")
    refused = await write(world, DESCRIPTION, citizenId=other, **REHABILITATION)
    assert [(b["rule"], b["path"]) for b in refused["breaches"]] == [
        ("R59", ["input", "coversRehabilitationPart"])
    ]


@pytest.mark.rule("R60", "allowed")
@pytest.mark.rule("R60", "refused")
async def test_the_latest_agreement_is_the_newest_held_one_and_older_ones_are_in_the_timeline(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    newest, older = str(world.day[0]), str(world.day[0] - timedelta(days=3))
    await hold_conversation(world, citizen, "Den nyeste.", heldAt=f"{newest}T08:00:00+01:00")
    await hold_conversation(world, citizen, "Den ældre.", heldAt=f"{older}T08:00:00+01:00")
    plan = await seen(world, citizen)
    assert plan["latestAgreement"] == {"agreementText": "Den nyeste."}
    assert [one["agreementText"] for one in plan["agreements"]] == ["Den nyeste.", "Den ældre."]


@pytest.mark.rule("R64", "allowed")
@pytest.mark.rule("R64", "refused")
async def test_each_authority_reads_the_others_agreements_while_the_plan_is_visible(
    world: World,
) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen, "Fra jobcenteret.")
    mine = {"authority": "UNEMPLOYMENT_FUND"}
    given = conversation(world, citizen, "Fra a-kassen.") | mine
    await world.ask(world.token(Role.FUND), CONVERSATION, input=given)
    for role in (Role.JOBCENTER, Role.FUND):
        told = {one["agreementText"] for one in (await seen(world, citizen, role))["agreements"]}
        assert told == {"Fra jobcenteret.", "Fra a-kassen."}
    other = await new_citizen(world, "RESOURCE_PROGRAMME", fund=OTHER_FUND)
    await hold_conversation(world, other, "Kun for jobcenteret.")
    token = world.token(Role.FUND, organisation=OTHER_FUND)
    found = await world.ask(
        token,
        "query($id: ID!) { citizen(id: $id) { plan { version } conversations { agreementText } } }",
        id=other,
    )
    assert found["citizen"] == {"plan": None, "conversations": []}


@pytest.mark.rule("R73", "allowed")
@pytest.mark.rule("R73", "refused")
@pytest.mark.rule("R74", "allowed")
@pytest.mark.rule("R74", "refused")
async def test_a_requirement_is_a_row_of_the_timeline_under_its_issuers_name_and_no_element(
    world: World,
) -> None:
    given: dict[str, Any] = {
        "industries": ["Byggeri"],
        "geographicAreas": [{"label": "Fyn"}],
        "otherExpectations": "To job om ugen.",
        "validFrom": str(world.day[0]),
    }
    wanted = {
        Role.JOBCENTER: (await new_citizen(world), "Krav til jobsøgning (jobcenter)"),
        Role.FUND: (await member(world), "Krav til jobsøgning (a-kasse)"),
    }
    for role, (citizen, label) in wanted.items():
        await write(world, REQUIREMENT, role, citizenId=citizen, **given)
        plan = await seen(world, citizen)
        assert [row["label"] for row in plan["timeline"]["items"]] == [label]
        assert [one["label"] for one in plan["requirements"]] == [label]
        assert not [e for e in plan["elements"] if "Requirement" in e["__typename"]]


@pytest.mark.rule("R86", "allowed")
@pytest.mark.rule("R86", "refused")
@pytest.mark.rule("R140", "allowed")
async def test_a_flex_job_is_an_intervention_of_the_timeline_and_no_offer(world: World) -> None:
    citizen = await new_citizen(world, "FLEXJOB_EMPLOYED")
    flex_job = {
        "kind": "FLEX_JOB",
        "description": "Du arbejder 14 timer om ugen. Du tager bussen.",
        "why": "Du vil blive i faget.",
        "startDate": str(world.day[0]),
        "workplace": "Gartneriet Solsikken",
    }
    answer = await write(world, CREATE, citizenId=citizen, intervention={"company": flex_job})
    assert answer["__typename"] == "CreateInterventionPayload", answer
    plan = await seen(world, citizen)
    assert [one["kind"] for one in plan["interventions"]] == ["FLEX_JOB"]
    assert [row["__typename"] for row in plan["timeline"]["items"]] == ["TimelineIntervention"]
    assert plan["links"]["findJob"] is None


@pytest.mark.rule("R150", "allowed")
async def test_a_citizen_reads_the_own_plan_and_nobody_elses(world: World) -> None:
    mine, another = await new_citizen(world), await member(world)
    for citizen in (mine, another):
        await hold_conversation(world, citizen)
    assert (await seen(world, mine))["version"] == 1
    token = world.token(Role.CITIZEN, citizen=mine)
    assert (await world.ask(token, SEEN, id=another))["citizen"] is None


@pytest.mark.rule("R147", "allowed")
@pytest.mark.rule("R147", "refused")
async def test_print_is_the_screen_with_its_window_and_no_document_of_ours(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    token = world.token(Role.CITIZEN, citizen=citizen)
    asked = (
        "query($id: ID!) { citizen(id: $id) { plan { elements { __typename } timeline(months: 12)"
        " { window { start end title } ticks { label } items { __typename } } } } }"
    )
    screen = (await world.ask(token, asked, id=citizen))["citizen"]["plan"]
    assert screen["timeline"]["window"]["title"] == "2. marts 2026 - 2. marts 2027"
    assert len(screen["timeline"]["ticks"]) == 12 and screen["timeline"]["items"]
    printed = await world.client.get(f"{world.base_url}/plans/{citizen}.print")
    assert printed.status_code == 404
