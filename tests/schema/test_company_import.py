"""Companies' applications from VITAS: once each, never over what a caseworker told, never cut."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from app.domain.viewer import Role
from tests.schema.companies import (
    IMPORT,
    LONG,
    application,
    held,
    send,
    shorten,
    waiting,
    whole,
)
from tests.schema.eyes import PLAN_TYPES, do, group
from tests.schema.interventions import cancel, codes, create, events, seen, status
from tests.schema.test_redaction import cannot_be_told_apart
from tests.story import cpr, member, new_citizen
from tests.world import World

GROUPS = ("UNEMPLOYMENT_BENEFIT", "RESOURCE_PROGRAMME", "CASH_BENEFIT_JOB_READY")


@pytest.mark.rule("R81", "allowed")
@pytest.mark.rule("R154", "allowed")
@pytest.mark.rule("R78", "allowed")
@pytest.mark.rule("R79", "allowed")
@pytest.mark.rule("R76", "allowed")
async def test_an_application_fills_everything_but_the_latest_status(world: World) -> None:
    citizen = await new_citizen(world)
    answer = await send(world, citizen)
    assert answer["__typename"] == "ImportCompanyInterventionPayload"
    assert answer["heldImportId"] is None
    plan = await whole(world, citizen)
    (stored,) = plan["interventions"]
    assert stored["id"] == answer["interventionId"]
    assert (stored["origin"], stored["externalId"]) == ("VITAS", "V-1")
    assert stored["attribution"] == "Aftalt med Rikke Sandholt, Jobcenter København"
    labels = [field["label"] for field in stored["popup"]]
    assert labels == ["Hvad er aftalt", "Hvornår", "Hvor", "Hvorfor"]
    assert (stored["latestStatus"], stored["who"]["phone"]) == (None, "00113337")
    assert stored["what"]["hoursDisplay"] == "37 timer per uge"
    assert await events(world, citizen) == ["OFFER_GIVEN"]
    nameless = await send(world, citizen, externalId="V-2", caseworkerName=None)
    bodies = {one["id"]: one for one in (await whole(world, citizen))["interventions"]}
    assert bodies[nameless["interventionId"]]["attribution"] == "Aftalt med Jobcenter København"


@pytest.mark.rule("R81", "allowed")
async def test_the_citizen_may_be_named_by_number_and_each_kind_of_vitas_comes(
    world: World,
) -> None:
    citizen = await new_citizen(world, civilRegistrationNumber=cpr(9001))
    kinds = ("COMPANY_INTERNSHIP", "WAGE_SUBSIDY", "UTILITY_JOB", "JOB_ROTATION")
    for kind in kinds:
        facts = application(citizen, kind=kind, externalId=kind)
        facts.pop("citizenId")
        token = world.token(Role.SYSTEM, organisation="VITAS")
        number = {"civilRegistrationNumber": cpr(9001)}
        data = await world.ask(token, IMPORT, input={**facts, **number})
        assert data["importCompanyIntervention"]["interventionId"]
    assert {one["kind"] for one in (await whole(world, citizen))["interventions"]} == set(kinds)


@pytest.mark.rule("R81", "refused")
async def test_the_same_again_changes_nothing_whatever_was_written_since(world: World) -> None:
    citizen = await new_citizen(world)
    number = (await send(world, citizen))["interventionId"]
    again = await send(world, citizen, contactPhone="00113337", why=" Du har svejset i mange år. ")
    assert (again["interventionId"], again["warnings"]) == (number, [])
    assert (await whole(world, citizen))["version"] == 1
    await shorten(world, citizen, number, why="Vi har talt om det.")
    await do(world, world.token(Role.JOBCENTER), status(citizen, number, "Du er i gang."))
    before = await whole(world, citizen)
    assert (await send(world, citizen))["interventionId"] == number
    assert await whole(world, citizen) == before
    assert before["version"] == 3
    assert len(await events(world, citizen)) == 3


@pytest.mark.rule("R81", "refused")
async def test_changed_facts_replace_the_old_ones_and_never_the_status_or_the_goals(
    world: World,
) -> None:
    citizen = await new_citizen(world, "CASH_BENEFIT_ACTIVITY_READY")
    data = await world.ask(
        world.token(Role.JOBCENTER),
        "mutation($i: SetJobGoalsInput!) { setJobGoals(input: $i) {"
        " ... on SetJobGoalsPayload { plan { jobGoals { id } } } } }",
        i={
            "citizenId": citizen,
            "jobGoals": [{"term": "SHORT_TERM", "priority": 1, "jobFunctionText": "Værft"}],
        },
    )
    goal = data["setJobGoals"]["plan"]["jobGoals"][0]["id"]
    number = (await send(world, citizen))["interventionId"]
    linked = await shorten(
        world, citizen, number, goalIds=[goal], noticeBasis="LETTER", noticeOn=str(world.day[0])
    )
    assert linked["__typename"] == "UpdateInterventionPayload"
    await do(world, world.token(Role.JOBCENTER), status(citizen, number, "Du er i gang."))
    version = (await whole(world, citizen))["version"]
    await send(world, citizen, endDate="2026-07-15", workplace="Værftet Havterne", headline=None)
    plan = await whole(world, citizen)
    (stored,) = plan["interventions"]
    assert plan["version"] == version + 1
    assert (stored["endDate"], stored["where"]["workplace"]) == ("2026-07-15", "Værftet Havterne")
    assert stored["latestStatus"] == {"text": "Du er i gang."}
    assert stored["goalLinks"] == [{"text": "Værft"}]
    assert stored["attribution"] == "Aftalt med Rikke Sandholt, Jobcenter København"
    offer = (await seen(world, citizen))[0]["offer"]
    assert (offer["noticeBasis"], offer["noticeOn"]) == ("LETTER", str(world.day[0]))
    assert (await events(world, citizen))[0] == "PLAN_CHANGED"


@pytest.mark.rule("R3", "allowed")
@pytest.mark.rule("R90", "allowed")
@pytest.mark.rule("R92", "allowed")
@pytest.mark.rule("R81", "allowed")
@pytest.mark.rule("R154", "refused")
async def test_the_rules_of_offers_and_of_starts_only_advise_an_import(world: World) -> None:
    citizen = await new_citizen(world, rightAndDuty=True)
    yesterday = world.day[0] - timedelta(days=1)
    answer = await send(world, citizen, startDate=str(yesterday))
    assert answer["interventionId"]
    # what the plan lacks, and who the citizen is, is not a company's to know
    assert {w["code"] for w in answer["warnings"]} == {"PLAN_NOT_PUBLISHED", "OFFER_TOO_EARLY"}


@pytest.mark.rule("R154", "refused")
async def test_the_warnings_of_a_system_tell_nothing_of_the_citizen_or_the_plan(
    world: World,
) -> None:
    """Neither the group, right and duty, nor what stands in the plan or is missing from it."""
    told: list[Any] = []
    for code in GROUPS:
        for duty in (False, True):
            for kind in (None, "SOCIAL"):
                citizen = await new_citizen(world, code, rightAndDuty=duty)
                if kind:
                    await create(world, citizen, kind)
                sent: list[dict[str, Any]] = [{}, {"hoursPerWeek": 20}, {"why": LONG}]
                answers = [await send(world, citizen, externalId=citizen, **one) for one in sent]
                told.append([answer["warnings"] for answer in answers])
    assert all(one == told[0] for one in told)
    assert told[0][:2] == [[], []]
    assert [w["code"] for w in told[0][2]] == ["IMPORT_TOO_LONG"]


@pytest.mark.rule("R76", "refused")
@pytest.mark.rule("R78", "refused")
@pytest.mark.rule("R79", "refused")
@pytest.mark.rule("R81", "refused")
async def test_an_import_that_is_wrong_is_refused_with_all_its_faults(world: World) -> None:
    citizen = await new_citizen(world)
    wrong: dict[str, Any] = {"startDate": None, "workplace": " ", "hoursPerWeek": 60, "why": LONG}
    answer = await send(world, citizen, **wrong)
    assert sorted(codes(answer)) == [
        ("R76", "INTERVENTION_INCOMPLETE"),
        ("R76", "INTERVENTION_INCOMPLETE"),
        ("R79", "INVALID_HOURS"),
    ]
    assert codes(await send(world, citizen, endDate=None)) == [("R78", "INVALID_PERIOD")]
    flex = await send(world, citizen, kind="FLEX_JOB")
    assert codes(flex) == [("R81", "FORBIDDEN_KIND")]
    far = await send(world, citizen, externalId="x" * 101)
    assert codes(far) == [("R80", "TEXT_TOO_LONG")]
    assert await held(world, citizen) == [] == await waiting(world, citizen)


async def test_what_was_called_off_here_stays_called_off(world: World) -> None:
    citizen = await new_citizen(world)
    number = (await send(world, citizen))["interventionId"]
    await send(world, citizen, why=LONG)
    assert len(await waiting(world, citizen)) == 1
    await do(world, world.token(Role.JOBCENTER), cancel(citizen, number))
    assert await held(world, citizen) == [] == await waiting(world, citizen)
    version = (await whole(world, citizen))["version"]
    sent: list[dict[str, Any]] = [{"hoursPerWeek": 20}, {"why": LONG}]
    for more in sent:
        assert (await send(world, citizen, **more))["interventionId"] == number
    assert (await whole(world, citizen))["version"] == version
    assert (await seen(world, citizen))[0]["status"] == "CANCELLED"


@pytest.mark.rule("R154", "refused")
async def test_a_system_writes_only_what_is_its_own(world: World) -> None:
    citizen, other = await new_citizen(world), await new_citizen(world)
    number = (await send(world, citizen))["interventionId"]
    # another system's id is another thing, and an id is one citizen's
    foreign = await send(world, citizen, system="BOOKING")
    assert foreign["interventionId"] != number
    assert (await send(world, other))["__typename"] == "NotFound"
    await send(world, citizen, externalId="V-2", why=LONG)
    assert (await send(world, other, externalId="V-2"))["__typename"] == "NotFound"
    for role in (Role.JOBCENTER, Role.FUND, Role.CITIZEN, Role.INSTITUTION):
        token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
        answer = await world.post(token, IMPORT, input=application(citizen))
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("what", ["held", "hidden type"])
async def test_a_fund_hears_nothing_of_an_import_that_it_may_not_see(
    world: World, what: str
) -> None:
    async def story(world: World, citizen: str, hidden: bool) -> None:
        staff = world.token(Role.JOBCENTER)
        if what == "held":
            if hidden:
                await send(world, citizen, externalId=citizen, why=LONG)
            return
        await do(world, staff, group(citizen, PLAN_TYPES["REHABILITATION_PLAN"]))
        if hidden:
            await send(world, citizen, externalId=citizen)
        await do(world, staff, group(citizen, "UNEMPLOYMENT_BENEFIT"))

    await cannot_be_told_apart(world, story)


@pytest.mark.rule("R129", "allowed")
@pytest.mark.rule("R129", "refused")
async def test_the_fund_hears_once_of_a_company_that_takes_its_member_on(world: World) -> None:
    citizen, outsider = await member(world), await new_citizen(world)
    await send(world, outsider, externalId="V-9")
    sent: list[dict[str, Any]] = [{}, {}, {"hoursPerWeek": 30}]
    for more in sent:
        await send(world, citizen, **more)
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        told = await connection.fetch(
            "select citizen_id::text, codes from system_event where kind = 'INTERVENTION_NEW'"
        )
    finally:
        await connection.close()
    assert [tuple(row) for row in told] == [(citizen, ["WAGE_SUBSIDY"])]
