"""Reading, writing and maths tests: how long they are valid, and who sees them."""

from datetime import date

import pytest

from app.domain.viewer import Role
from tests.schema.youth import (
    COMBI,
    PRIVATE,
    act,
    codes,
    done,
    mutation,
    plan,
    reading_test,
    sql,
    youth,
)
from tests.world import World


@pytest.mark.rule("R106", "allowed")
@pytest.mark.rule("R109", "refused")
@pytest.mark.rule("R109", "allowed")
async def test_a_valid_test_is_repeated_for_the_citizen_or_with_a_reason(world: World) -> None:
    """Taken 2024-03-03 it is valid the last time on 2026-03-02, the day of the world."""
    citizen = await youth(world)
    await done(world, "registerTestResult", citizen, **reading_test(courseRecommended="FVU"))
    again = reading_test(takenOn="2026-03-02")
    refused = await act(world, "registerTestResult", citizen, **again)
    assert codes(refused) == ["VALID_TEST_EXISTS"]
    assert refused["breaches"][0]["path"] == ["input", "reason"]
    assert "3. marts 2026" in refused["breaches"][0]["message"]
    await done(world, "registerTestResult", citizen, **again, reason="Ordblindhed opdaget")
    await done(world, "registerTestResult", citizen, **again | {"requestedBy": "CITIZEN"})
    await done(world, "registerTestResult", citizen, **again | {"kind": "MATHS"})
    assert await sql(world, "select count(*) from notice where event = 'PLAN_CHANGED'") >= 4


@pytest.mark.rule("R109", "allowed")
async def test_on_the_day_two_years_have_passed_no_reason_is_needed(world: World) -> None:
    citizen = await youth(world)
    await done(world, "registerTestResult", citizen, **reading_test(takenOn="2024-03-02"))
    await done(world, "registerTestResult", citizen, **reading_test(takenOn="2026-03-02"))


@pytest.mark.rule("R106", "refused")
async def test_a_test_is_registered_when_it_has_been_taken(world: World) -> None:
    citizen = await youth(world)
    given = {"citizenId": citizen, **reading_test(takenOn="2026-03-03")}
    answer = await world.post(
        world.token(Role.JOBCENTER), mutation("registerTestResult"), input=given
    )
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.rule("R107", "allowed")
@pytest.mark.rule("R107", "refused")
@pytest.mark.rule("R108", "allowed")
async def test_a_test_is_valid_the_day_before_two_years_and_not_on_the_day(world: World) -> None:
    citizen = await youth(world)
    for taken_on in ("2024-05-10", "2024-02-29"):
        given = reading_test(takenOn=taken_on, requestedBy="CITIZEN")
        await done(world, "registerTestResult", citizen, **given)

    async def valid(day: date, role: Role) -> list[bool]:
        world.at(day)
        seen = await plan(world, citizen, role, PRIVATE)
        assert [t["validUntil"] for t in seen["testResults"]] == ["2026-02-28", "2026-05-10"]
        return [t["isValid"] for t in seen["testResults"]]

    for role in (Role.CITIZEN, Role.JOBCENTER):
        assert await valid(date(2026, 2, 27), role) == [True, True]
        assert await valid(date(2026, 2, 28), role) == [False, True]
        assert await valid(date(2026, 5, 9), role) == [False, True]
        assert await valid(date(2026, 5, 10), role) == [False, False]


@pytest.mark.rule("R108", "refused")
@pytest.mark.parametrize("role", [Role.FUND, Role.INSTITUTION])
async def test_tests_are_no_business_of_fund_and_institution(world: World, role: Role) -> None:
    citizen = await youth(world, 1, COMBI)
    query = "query($id: ID!) { citizen(id: $id) { plan { testResults { kind } } } }"
    answer = await world.post(world.token(role), query, id=citizen)
    assert {e["extensions"]["code"] for e in answer["errors"]} == {"FORBIDDEN"}
