"""The policies for offers are dated data, for all target groups or for one (C23, R23, R90)."""

from dataclasses import replace
from datetime import date

import pytest

from app.errors import BadUserInput
from app.store.code_lists import POLICY, Row, store
from tests.actions.desk import FUND_VIEWER, TODAY, Desk, day
from tests.actions.interventions import SCHOOL, SUBSIDY, create, refused

ACTIVITY_READY = "CASH_BENEFIT_ACTIVITY_READY"


async def policy(desk: Desk, *rows: Row) -> str:
    """Imports rows of the list of policies."""
    async with desk.pool.acquire() as connection:
        return str(await store(connection, POLICY, rows))


@pytest.mark.rule("R90", "allowed")
@pytest.mark.rule("R90", "refused")
async def test_eight_days_are_the_policy_for_all_groups(desk: Desk) -> None:
    """Published 2 March: 10 March is too early, 11 March is not."""
    citizen_id = await desk.citizen()
    assert await refused(desk, citizen_id, replace(SUBSIDY, start_date=day(8))) == ["R90"]
    await create(desk, citizen_id, replace(SUBSIDY, start_date=day(9)))


@pytest.mark.rule("R90", "allowed")
@pytest.mark.rule("R90", "refused")
async def test_a_target_group_may_have_a_notice_of_its_own_from_a_day_on(desk: Desk) -> None:
    told = await policy(
        desk,
        {
            "name": "offer_notice_days",
            "target_group": ACTIVITY_READY,
            "value": "0",
            "valid_from": str(TODAY),
        },
    )
    assert told == "policy: 1 added, 0 changed, 0 unchanged"
    own, others = await desk.citizen(ACTIVITY_READY), await desk.citizen()
    tomorrow = replace(SUBSIDY, start_date=day(1))
    assert await refused(desk, others, tomorrow) == ["R90"]
    assert await refused(desk, own, replace(SUBSIDY, start_date=day(0))) == ["R90"]
    await create(desk, own, tomorrow)
    desk.today = day(-1)
    assert await refused(desk, own, replace(SUBSIDY, start_date=day(2))) == ["R90"]


@pytest.mark.rule("R90", "allowed")
async def test_a_policy_that_is_over_asks_nothing_any_more(desk: Desk) -> None:
    row = {"name": "offer_notice_days", "value": "8", "valid_to": str(day(-1))}
    assert await policy(desk, row) == "policy: 0 added, 1 changed, 0 unchanged"
    assert await policy(desk, row) == "policy: 0 added, 0 changed, 1 unchanged"
    citizen_id = await desk.citizen()
    await create(desk, citizen_id, replace(SUBSIDY, start_date=day(0)))


async def test_of_two_policies_for_a_day_the_later_one_holds(desk: Desk) -> None:
    await policy(desk, {"name": "offer_notice_days", "value": "3", "valid_from": str(TODAY)})
    citizen_id = await desk.citizen()
    assert await refused(desk, citizen_id, replace(SUBSIDY, start_date=day(3))) == ["R90"]
    await create(desk, citizen_id, replace(SUBSIDY, start_date=day(4)))


@pytest.mark.rule("R23", "allowed")
@pytest.mark.rule("R23", "refused")
async def test_six_week_job_training_is_a_funds_to_write_while_the_policy_is_on(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    await create(desk, citizen_id, SCHOOL, FUND_VIEWER)
    await policy(
        desk,
        {"name": "unemployment_fund_six_week", "value": "off", "valid_from": str(TODAY)},
    )
    assert await refused(desk, citizen_id, SCHOOL, FUND_VIEWER) == ["R23"]
    await create(desk, citizen_id, SCHOOL)


@pytest.mark.parametrize(
    "row",
    [
        {"name": "offer_notice_days", "value": "eight"},
        {"name": "unemployment_fund_six_week", "value": "8"},
        {"name": "another", "value": "8"},
        {"name": "offer_notice_days", "value": "8", "target_group": "NOBODY"},
        {"name": "offer_notice_days", "value": None},
    ],
)
async def test_a_policy_that_says_nothing_is_refused(
    desk: Desk, row: dict[str, str | None]
) -> None:
    with pytest.raises(BadUserInput, match="The file cannot be imported"):
        await policy(desk, row)
    assert await desk.value("select count(*) from policy") == 2
    assert await desk.value("select min(valid_from) from policy") == date(1900, 1, 1)
