"""Who is responsible as caseworkers and systems meet it through GraphQL (R14-R21, R27-R29)."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.viewer import Role
from tests.schema.eyes import GOALS, ISSUE, do, operation, requirement
from tests.schema.test_closed_plan import close
from tests.schema.test_live_caseload import UPSERT
from tests.story import MEMBERSHIP, cpr, hold_conversation, member, new_citizen, plan_of
from tests.world import FUND, JOBCENTER, OTHER_JOBCENTER, TODAY, World

SET = (
    "mutation($input: SetResponsibilityInput!) { setResponsibility(input: $input) { __typename"
    " ... on RuleBreaches { breaches { code rule path } } } }"
)
PERIODS = (
    "query($id: ID!) { citizen(id: $id) { responsibilities { authority validFrom validTo } } }"
)
OVERDUE = "{ caseload(first: 50, filter: { firstPlanOverdue: true }) { edges { node { id } } } }"


async def periods(world: World, citizen: str) -> list[tuple[str, str, str | None]]:
    data = await world.ask(world.token(Role.JOBCENTER), PERIODS, id=citizen)
    found = data["citizen"]["responsibilities"]
    return [(one["authority"], one["validFrom"], one["validTo"]) for one in found]


async def answer(world: World, role: Role, field: str, given: dict[str, Any]) -> dict[str, Any]:
    """What one mutation field answers a caseworker."""
    data = await world.ask(world.token(role), operation([(field, given)]), i0=given)
    found: dict[str, Any] = data["f0"]
    return found


def codes(answered: dict[str, Any]) -> list[tuple[str, str]]:
    return [(breach["rule"], breach["code"]) for breach in answered.get("breaches", [])]


async def goal(world: World, citizen: str) -> dict[str, Any]:
    """Input for a job goal."""
    assert world.api.pool is not None
    await world.api.pool.execute(
        "insert into occupation (code, label) values ('7212', 'Svejser') on conflict do nothing"
    )
    goals = [{"occupationCode": "7212", "term": "SHORT_TERM", "priority": 1}]
    return {"citizenId": citizen, "jobGoals": goals}


@pytest.mark.rule("R14", "allowed")
@pytest.mark.rule("R18", "allowed")
@pytest.mark.rule("R18", "refused")
@pytest.mark.rule("R19", "allowed")
@pytest.mark.rule("R19", "refused")
@pytest.mark.rule("R20", "allowed")
async def test_goals_are_the_funds_for_three_months_and_then_the_jobcenters(world: World) -> None:
    citizen = await member(world)
    given = await goal(world, citizen)
    assert codes(await answer(world, Role.JOBCENTER, GOALS, given)) == [("R18", "NOT_RESPONSIBLE")]
    assert (await answer(world, Role.FUND, GOALS, given))["version"] == 1
    for day in (TODAY, TODAY + timedelta(days=91), TODAY + timedelta(days=92)):
        world.at(day)
        for role in (Role.JOBCENTER, Role.FUND):
            assert await plan_of(world, world.token(role), citizen) is not None
    assert codes(await answer(world, Role.FUND, GOALS, given)) == [("R19", "NOT_RESPONSIBLE")]
    assert (await answer(world, Role.JOBCENTER, GOALS, given))["version"] == 2


@pytest.mark.rule("R20", "refused")
async def test_who_is_neither_home_nor_fund_reads_nothing_in_either_period(world: World) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen)
    stranger = world.token(Role.JOBCENTER, organisation=OTHER_JOBCENTER)
    for day in (TODAY, TODAY + timedelta(days=92)):
        world.at(day)
        assert await plan_of(world, stranger, citizen) is None


@pytest.mark.rule("R21", "allowed")
@pytest.mark.rule("R21", "refused")
async def test_a_fund_issues_requirements_in_the_whole_period(world: World) -> None:
    citizen = await member(world)
    _, first = requirement(citizen)
    assert codes(await answer(world, Role.JOBCENTER, ISSUE, dict(first))) == [
        ("R21", "WRONG_ISSUER")
    ]
    assert "version" in await answer(world, Role.FUND, ISSUE, dict(first))
    world.at(TODAY + timedelta(days=100))
    later = {**first, "validFrom": str(world.day[0])}
    assert codes(await answer(world, Role.JOBCENTER, ISSUE, later)) == [("R21", "WRONG_ISSUER")]
    assert "version" in await answer(world, Role.FUND, ISSUE, later)


@pytest.mark.rule("R21", "allowed")
@pytest.mark.rule("R21", "refused")
async def test_of_a_cash_benefit_recipient_the_jobcenter_issues_them(world: World) -> None:
    citizen = await member(world, "CASH_BENEFIT_JOB_READY")
    _, given = requirement(citizen)
    assert codes(await answer(world, Role.FUND, ISSUE, dict(given))) == [("R21", "WRONG_ISSUER")]
    assert "version" in await answer(world, Role.JOBCENTER, ISSUE, dict(given))


@pytest.mark.rule("R15", "allowed")
async def test_a_system_feeds_hours_and_dates(world: World) -> None:
    citizen, system = await member(world), world.token(Role.SYSTEM)
    world.at(TODAY + timedelta(days=40))
    fed = {"citizenId": citizen, "countedHours": 480.98, "countedOn": str(world.day[0])}
    done = await world.ask(system, SET, input=fed)
    assert done["setResponsibility"]["__typename"] == "SetResponsibilityPayload"
    change = str(TODAY + timedelta(days=41))
    assert await periods(world, citizen) == [
        ("UNEMPLOYMENT_FUND", str(TODAY), change),
        ("JOBCENTER", change, None),
    ]
    set_to = str(TODAY + timedelta(days=60))
    await world.ask(system, SET, input={"citizenId": citizen, "transitionDate": set_to})
    assert (await periods(world, citizen))[1] == ("JOBCENTER", set_to, None)


@pytest.mark.rule("R15", "refused")
async def test_periods_with_a_gap_and_two_ways_at_once_are_refused(world: World) -> None:
    citizen, system = await member(world), world.token(Role.SYSTEM)
    before = await periods(world, citizen)
    base = {"authority": "JOBCENTER", "organisationCode": JOBCENTER, "basis": "AFTER_TRANSITION"}
    gap = [{**base, "from": "2026-03-02", "to": "2026-03-10"}, {**base, "from": "2026-03-11"}]
    refused = await world.ask(system, SET, input={"citizenId": citizen, "periods": gap})
    assert [b["rule"] for b in refused["setResponsibility"]["breaches"]] == ["R15"]
    for bad in (
        {"periods": [{**base, "from": "2026-03-02"}], "countedHours": 3},
        {"countedHours": -1},
        {"countedHours": 1e300},
        {},
    ):
        answered = await world.post(system, SET, input={"citizenId": citizen, **bad})
        assert [e["extensions"]["code"] for e in answered["errors"]] == ["BAD_USER_INPUT"]
    staff = await world.post(world.token(Role.FUND), SET, input={"citizenId": citizen})
    assert staff["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await periods(world, citizen) == before


@pytest.mark.rule("R16", "allowed")
@pytest.mark.rule("R16", "refused")
async def test_a_referred_youth_is_the_jobcenters_from_day_one_and_another_is_not(
    world: World,
) -> None:
    young = {"hasVocationalEducation": False, "hasDependentChildren": False}
    born_2004 = "010604"
    given = {
        "referred": {"civilRegistrationNumber": f"{born_2004}4001", **young},
        "parent": {
            "civilRegistrationNumber": f"{born_2004}4002",
            **young,
            "hasDependentChildren": True,
        },
        "old": {"civilRegistrationNumber": cpr(9001), **young},
    }
    first = {}
    for name, facts in given.items():
        citizen = await member(world, "UNEMPLOYMENT_BENEFIT_EDU_ORDER", **facts)
        first[name] = (await periods(world, citizen))[0][0]
    assert first == {
        "referred": "JOBCENTER",
        "parent": "UNEMPLOYMENT_FUND",
        "old": "UNEMPLOYMENT_FUND",
    }


@pytest.mark.rule("R17", "allowed")
@pytest.mark.rule("R17", "refused")
async def test_every_other_group_is_the_jobcenters_and_dagpenge_is_not(world: World) -> None:
    for group in ("CASH_BENEFIT_JOB_READY", "RESOURCE_PROGRAMME", "SELF_SUPPORTING"):
        assert await periods(world, await member(world, group)) == [("JOBCENTER", str(TODAY), None)]
    assert (await periods(world, await member(world)))[0][0] == "UNEMPLOYMENT_FUND"


@pytest.mark.rule("R29", "allowed")
@pytest.mark.rule("R29", "refused")
async def test_a_move_carries_the_plan_to_the_new_jobcenter_and_shuts_the_old_one_out(
    world: World,
) -> None:
    number = cpr(9100)
    citizen = await new_citizen(world, civilRegistrationNumber=number)
    await hold_conversation(world, citizen, "Du ringer til to vikarbureauer.")
    world.at(TODAY + timedelta(days=5))
    await world.ask(
        world.token(Role.SYSTEM),
        "mutation($i: UpsertCitizenInput!) { upsertCitizen(input: $i) { __typename } }",
        i={"civilRegistrationNumber": number, "municipalityCode": OTHER_JOBCENTER},
    )
    new = world.token(Role.JOBCENTER, organisation=OTHER_JOBCENTER)
    plan = await plan_of(world, new, citizen)
    assert plan is not None
    assert [a["agreementText"] for a in plan["agreements"]] == ["Du ringer til to vikarbureauer."]
    assert await plan_of(world, world.token(Role.JOBCENTER), citizen) is None
    refused = await hold_conversation(world, citizen)
    assert refused["__typename"] == "NotFound"


@pytest.mark.rule("R27", "allowed")
@pytest.mark.rule("R27", "refused")
async def test_the_caseload_shows_whose_first_plan_is_late(world: World) -> None:
    citizen = await member(world)
    await new_citizen(world, fund=FUND)
    staff = [world.token(role) for role in (Role.FUND, Role.JOBCENTER)]

    async def flagged() -> list[list[str]]:
        pages = [(await world.ask(token, OVERDUE))["caseload"]["edges"] for token in staff]
        return [[edge["node"]["id"] for edge in page] for page in pages]

    world.at(TODAY + timedelta(days=14))
    assert await flagged() == [[], []]
    world.at(TODAY + timedelta(days=15))
    assert await flagged() == [[citizen], [citizen]]
    world.at(TODAY + timedelta(days=92))
    assert await flagged() == [[], [citizen]]
    world.at(TODAY + timedelta(days=20))
    await do(world, staff[0], requirement(citizen, str(world.day[0])))
    assert await flagged() == [[], []]


@pytest.mark.rule("R12", "allowed")
@pytest.mark.rule("R27", "refused")
async def test_closing_the_plan_of_this_course_makes_no_first_plan_overdue(world: World) -> None:
    citizen = await member(world)
    staff = [world.token(role) for role in (Role.FUND, Role.JOBCENTER)]
    await do(world, staff[0], requirement(citizen, str(world.day[0])))
    await close(world, citizen)
    world.at(TODAY + timedelta(days=15))
    for token in staff:
        assert (await world.ask(token, OVERDUE))["caseload"]["edges"] == []


@pytest.mark.rule("R27", "allowed")
async def test_the_plan_of_an_earlier_course_is_no_first_plan_of_this_one(world: World) -> None:
    number = "0107809931"
    citizen = await member(world, civilRegistrationNumber=number)
    await do(world, world.token(Role.FUND), requirement(citizen, str(world.day[0])))
    await close(world, citizen)
    again = TODAY + timedelta(days=10)
    world.at(again)
    course = {"civilRegistrationNumber": number, "contactCourseStart": str(again)}
    await world.ask(world.token(Role.SYSTEM), UPSERT, input=course)
    world.at(again + timedelta(days=15))
    for token in (world.token(Role.FUND), world.token(Role.JOBCENTER)):
        found = (await world.ask(token, OVERDUE))["caseload"]["edges"]
        assert [edge["node"]["id"] for edge in found] == [citizen]


async def test_a_membership_that_ends_leaves_no_day_without_an_authority(world: World) -> None:
    citizen = await member(world)
    end = TODAY + timedelta(days=30)
    await world.ask(
        world.token(Role.SYSTEM),
        MEMBERSHIP,
        input={
            "citizenId": citizen,
            "fundCode": FUND,
            "insurance": "FULL_TIME",
            "from": "2020-01-01",
            "to": str(end),
        },
    )
    assert await periods(world, citizen) == [
        ("UNEMPLOYMENT_FUND", str(TODAY), str(end)),
        ("JOBCENTER", str(end), None),
    ]
