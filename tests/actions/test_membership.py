"""Membership of a fund: who may read, what the fund's document holds, who is responsible."""

from datetime import date
from uuid import UUID

import pytest

from app.actions.membership import set_membership
from app.domain.authority import Insurance
from app.domain.membership import MembershipPeriod
from app.domain.viewer import NEVER, Role, Viewer
from app.errors import BadUserInput, NotFound
from app.store.documents import Moment, read_citizen
from app.store.queries import queries
from app.store.work import Done, Work
from tests.actions.desk import FUND, FUND_VIEWER, OTHER_FUND, TODAY, Desk, day
from tests.actions.register import (
    REGISTER,
    Act,
    dagpenge,
    document,
    published,
    registered,
    responsibilities,
)

OTHER_FUND_VIEWER = Viewer(Role.FUND, "s-9", "Pia Ravn", OTHER_FUND, None, NEVER)


def member(citizen_id: UUID, fund: str, first: date, end: date | None = None) -> Act:
    async def act(work: Work) -> Done:
        membership = MembershipPeriod(fund, Insurance.FULL_TIME, first, end)
        return await set_membership(work, citizen_id, membership)

    return act


async def own_rows(desk: Desk, citizen_id: UUID, viewer: Viewer) -> tuple[int, int] | None:
    """How many agreements and requirements a fund reads beside a plan that is hidden from it."""
    async with desk.pool.acquire() as connection, connection.transaction():
        moment = Moment(desk.now, desk.today)
        read = await read_citizen(Work(connection, viewer, moment.now), viewer, citizen_id, moment)
    if read is None:
        return None
    assert read.plan is None
    return len(read.beside.get("agreements", ())), len(read.beside.get("requirements", ()))


async def issue(desk: Desk, citizen_id: UUID) -> None:
    """A requirement of the fund, from before the plan was hidden."""
    await desk.value(
        "insert into job_search_requirement (plan_id, issuer, organisation_id, caseworker_id,"
        " other_expectations, valid_from) select plan_id, authority, organisation_id,"
        " caseworker_id, 'To job om ugen.', $2 from conversation join plan using (plan_id)"
        " where citizen_id = $1",
        *(citizen_id, day(-5)),
    )

    async def publish(work: Work) -> Done:
        plan_id = await work.connection.fetchval("select plan_id from plan")
        work.touch(plan_id, citizen_id, "requirements", trigger="REQUIREMENT")
        return Done(citizen_id, plan_id)

    await desk.run(FUND_VIEWER, publish)


@pytest.mark.rule("R14", "allowed")
async def test_a_member_on_dagpenge_is_the_funds_for_three_months(desk: Desk) -> None:
    citizen_id = await dagpenge(desk)
    assert await responsibilities(desk, citizen_id) == [
        ("UNEMPLOYMENT_FUND", "FIRST_THREE_MONTHS", "2026-03-02", "2026-06-02"),
        ("JOBCENTER", "AFTER_TRANSITION", "2026-06-02", None),
    ]


async def test_a_new_membership_ends_the_one_before_and_its_access_at_once(desk: Desk) -> None:
    citizen_id = await dagpenge(desk)
    await published(desk, citizen_id)
    assert await desk.plan(citizen_id, FUND_VIEWER) is not None
    changed = await desk.run(REGISTER, member(citizen_id, OTHER_FUND, TODAY))
    assert changed.notices == 0
    memberships = (await document(desk, citizen_id))["memberships"]
    assert [(m["fund_code"], m["valid_to"]) for m in memberships] == [
        (FUND, TODAY.isoformat()),
        (OTHER_FUND, None),
    ]
    assert await desk.plan(citizen_id, OTHER_FUND_VIEWER) is not None
    with pytest.raises(NotFound):
        await published(desk, citizen_id, FUND_VIEWER)
    assert [r[0] for r in await responsibilities(desk, citizen_id)] == [
        "UNEMPLOYMENT_FUND",
        "JOBCENTER",
    ]
    office = (await document(desk, citizen_id))["responsibilities"][0]["organisation_code"]
    assert office == OTHER_FUND


async def test_the_same_membership_again_changes_nothing(desk: Desk) -> None:
    citizen_id = await dagpenge(desk)
    await published(desk, citizen_id)
    before = await desk.value("select membership_id from membership")
    again = await desk.run(REGISTER, member(citizen_id, FUND, day(-2000)))
    assert (again.versions, again.notices) == ({}, 0)
    assert await desk.value("select membership_id from membership") == before


@pytest.mark.rule("R14", "refused")
async def test_a_membership_that_ends_leaves_the_jobcenter_responsible(desk: Desk) -> None:
    citizen_id = await dagpenge(desk)
    await desk.run(REGISTER, member(citizen_id, FUND, day(-2000), day(20)))
    assert await responsibilities(desk, citizen_id) == [
        ("UNEMPLOYMENT_FUND", "FIRST_THREE_MONTHS", "2026-03-02", day(20).isoformat()),
        ("JOBCENTER", "OTHER_GROUP", day(20).isoformat(), None),
    ]


async def test_another_funds_own_agreements_are_not_in_a_hidden_plan(desk: Desk) -> None:
    citizen_id = await registered(desk, target_group="RESOURCE_PROGRAMME")
    await desk.run(REGISTER, member(citizen_id, FUND, day(-10)))
    await published(desk, citizen_id, FUND_VIEWER)

    await issue(desk, citizen_id)
    assert await own_rows(desk, citizen_id, FUND_VIEWER) == (1, 1)
    changed = await desk.run(REGISTER, member(citizen_id, OTHER_FUND, TODAY))
    assert (changed.versions, changed.notices) == ({}, 0)
    assert await own_rows(desk, citizen_id, OTHER_FUND_VIEWER) == (0, 0)
    await published(desk, citizen_id, OTHER_FUND_VIEWER)
    assert await own_rows(desk, citizen_id, OTHER_FUND_VIEWER) == (1, 0)


async def test_a_membership_to_come_leaves_the_present_fund_its_own(desk: Desk) -> None:
    citizen_id = await registered(desk, target_group="RESOURCE_PROGRAMME")
    await desk.run(REGISTER, member(citizen_id, FUND, day(-10)))
    await published(desk, citizen_id, FUND_VIEWER)
    await issue(desk, citizen_id)
    await desk.run(REGISTER, member(citizen_id, OTHER_FUND, day(30)))
    assert await own_rows(desk, citizen_id, FUND_VIEWER) == (1, 1)
    desk.today = day(30)
    assert await own_rows(desk, citizen_id, FUND_VIEWER) is None
    assert await own_rows(desk, citizen_id, OTHER_FUND_VIEWER) == (0, 0)
    plan_id = await desk.value("select plan_id from plan")
    async with desk.pool.acquire() as connection:
        rebuilt = await connection.fetch(queries()["rebuild_documents"], plan_id)
    assert [row["stale"] for row in rebuilt] == [[], []]


async def test_an_unknown_fund_and_an_empty_period_are_refused(desk: Desk) -> None:
    citizen_id = await registered(desk)
    with pytest.raises(BadUserInput) as unknown:
        await desk.run(REGISTER, member(citizen_id, "NOBODY", TODAY))
    assert unknown.value.path == ("input", "fundCode")
    with pytest.raises(BadUserInput) as empty:
        await desk.run(REGISTER, member(citizen_id, FUND, TODAY, TODAY))
    assert empty.value.path == ("input", "to")
    assert await desk.value("select count(*) from membership") == 0
    with pytest.raises(NotFound):
        await desk.run(REGISTER, member(UUID(int=1), FUND, TODAY))


async def test_a_membership_reported_late_gives_way_to_what_lies_around_it(desk: Desk) -> None:
    citizen_id = await registered(desk)
    await desk.run(REGISTER, member(citizen_id, FUND, day(-900)))
    await desk.run(REGISTER, member(citizen_id, OTHER_FUND, day(-1000), day(-800)))
    found = [
        (m["fund_code"], m["valid_from"], m["valid_to"])
        for m in (await document(desk, citizen_id))["memberships"]
    ]
    assert found == [
        (OTHER_FUND, day(-1000).isoformat(), day(-800).isoformat()),
        (FUND, day(-800).isoformat(), None),
    ]
