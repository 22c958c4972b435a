"""The day on which the jobcenter takes over, and first plans that are late (R14, R27, R28)."""

import asyncio
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from app.actions.job_goal import set_job_goals
from app.actions.membership import set_membership
from app.actions.responsibility import set_responsibility
from app.actions.sought_job import add_sought_job
from app.domain.authority import Authority, Basis, Insurance, ResponsibilityPeriod
from app.domain.goal import JobGoalDraft
from app.domain.membership import MembershipPeriod
from app.domain.responsibility import AssignedPeriod
from app.domain.viewer import Viewer
from app.errors import RulesBroken
from app.store.work import Done, Work
from tests.actions.desk import (
    FUND,
    FUND_VIEWER,
    JOBCENTER_VIEWER,
    MUNICIPALITY,
    WELDER,
    Outcome,
    citizen_viewer,
    day,
)
from tests.actions.register import REGISTER, dagpenge, published, registered

from .days import Calendar

TRANSITION = date(2026, 6, 2)
"""Three months after `TODAY`."""
ONE = timedelta(days=1)


async def with_plan(calendar: Calendar) -> UUID:
    """A dagpenge recipient whose fund has held the first conversation."""
    citizen_id = await dagpenge(calendar.desk)
    await published(calendar.desk, citizen_id, FUND_VIEWER)
    return citizen_id


async def joins(work: Work, citizen_id: UUID, period: MembershipPeriod) -> Done:
    return await set_membership(work, citizen_id, period)


async def goals(calendar: Calendar, citizen_id: UUID, viewer: Viewer) -> Outcome:
    goal = JobGoalDraft("SHORT_TERM", 1, occupation_code=WELDER)
    return await calendar.desk.run(viewer, lambda work: set_job_goals(work, citizen_id, [goal]))


@pytest.mark.rule("R14", "allowed")
@pytest.mark.rule("R14", "refused")
async def test_the_citizen_is_told_once_on_the_day_that_the_jobcenter_takes_over(
    calendar: Calendar,
) -> None:
    await with_plan(calendar)
    assert await calendar.look(TRANSITION - ONE, 23) == []
    assert await calendar.look(TRANSITION, 0) == ["RESPONSIBILITY_CHANGED"]
    assert await calendar.look(TRANSITION, 0) == []
    assert await calendar.look(TRANSITION + ONE) == []


@pytest.mark.rule("R18", "allowed")
@pytest.mark.rule("R18", "refused")
@pytest.mark.rule("R19", "allowed")
@pytest.mark.rule("R19", "refused")
@pytest.mark.rule("R28", "allowed")
async def test_goals_change_hands_and_nothing_of_the_plan_is_lost(calendar: Calendar) -> None:
    desk = calendar.desk
    citizen_id = await with_plan(calendar)
    await desk.run(
        citizen_viewer(citizen_id), lambda work: add_sought_job(work, citizen_id, WELDER)
    )
    await goals(calendar, citizen_id, FUND_VIEWER)
    with pytest.raises(RulesBroken) as early:
        await goals(calendar, citizen_id, JOBCENTER_VIEWER)
    assert [breach.rule for breach in early.value.breaches] == ["R18"]
    before = await desk.plan(citizen_id)
    await calendar.look(TRANSITION)
    after = await desk.plan(citizen_id)
    kept = (
        "version",
        "job_goals",
        "agreements",
        "requirements",
        "latest_agreement_unemployment_fund",
    )
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert after["job_goals"]
    with pytest.raises(RulesBroken) as late:
        await goals(calendar, citizen_id, FUND_VIEWER)
    assert [breach.rule for breach in late.value.breaches] == ["R19"]
    await goals(calendar, citizen_id, JOBCENTER_VIEWER)
    assert await desk.plan(citizen_id, FUND_VIEWER) is not None


@pytest.mark.rule("R35", "allowed")
async def test_open_tasks_follow_to_the_jobcenter_and_both_are_woken(calendar: Calendar) -> None:
    citizen_id = await with_plan(calendar)
    assert await calendar.inbox() == ["UNEMPLOYMENT_FUND MISSING_SOUGHT_JOB"]
    await calendar.look(TRANSITION)
    assert await calendar.inbox() == ["JOBCENTER MISSING_SOUGHT_JOB"]
    [told] = [p for p in calendar.published if p.notices]
    assert set(told.facts) == {(citizen_id, "FULL"), (citizen_id, "FUND")}
    assert set(told.inboxes) == {
        (citizen_id, Authority.JOBCENTER),
        (citizen_id, Authority.UNEMPLOYMENT_FUND),
    }
    assert told.versions == ()


@pytest.mark.parametrize(("late", "told"), [(10, True), (30, True), (31, False)])
@pytest.mark.rule("R28", "refused")
async def test_after_an_outage_it_is_told_late_and_tasks_move_however_late(
    calendar: Calendar, late: int, told: bool
) -> None:
    await with_plan(calendar)
    events = await calendar.look(TRANSITION + late * ONE)
    assert events == (["RESPONSIBILITY_CHANGED"] if told else [])
    assert await calendar.inbox() == ["JOBCENTER MISSING_SOUGHT_JOB"]
    assert await calendar.look(TRANSITION + late * ONE) == []


async def test_a_citizen_without_a_plan_is_told_nothing_then_or_later(calendar: Calendar) -> None:
    citizen_id = await dagpenge(calendar.desk)
    assert await calendar.look(TRANSITION) == []
    await published(calendar.desk, citizen_id)
    assert await calendar.look(TRANSITION + ONE) == []


async def test_what_the_system_set_on_the_day_is_not_told_again(calendar: Calendar) -> None:
    citizen_id = await with_plan(calendar)
    calendar.desk.today = day(7)
    period = ResponsibilityPeriod(Authority.JOBCENTER, MUNICIPALITY, Basis.AFTER_TRANSITION, day(5))
    told = await calendar.desk.run(
        REGISTER,
        lambda work: set_responsibility(work, citizen_id, [AssignedPeriod(period, derived=False)]),
    )
    assert told.notices == 1
    assert await calendar.inbox() == ["JOBCENTER MISSING_SOUGHT_JOB"]
    assert await calendar.look(day(7)) == []
    assert await calendar.look(TRANSITION) == []


async def test_a_history_that_is_registered_late_is_no_news(calendar: Calendar) -> None:
    citizen_id = await dagpenge(calendar.desk, contact_course_start=day(-100))
    await published(calendar.desk, citizen_id)
    assert await calendar.look(day(0)) == []


async def test_two_workers_at_once_and_one_that_starts_anew_tell_it_once(
    calendar: Calendar,
) -> None:
    citizens = 8
    desk = calendar.desk
    for _ in range(citizens):
        citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
        await published(desk, citizen_id, FUND_VIEWER)
        await desk.value(
            "update case_responsibility set valid_to = $2 where citizen_id = $1",
            *(citizen_id, TRANSITION),
        )
        await desk.value(
            "insert into case_responsibility (citizen_id, authority, organisation_id, basis,"
            " valid_from) select $1, kind, organisation_id, 'AFTER_TRANSITION', $2"
            " from organisation where kind = 'JOBCENTER' and code = $3",
            *(citizen_id, TRANSITION, MUNICIPALITY),
        )
    desk.today = TRANSITION
    first, second = calendar.scheduler(), calendar.scheduler()
    half = asyncio.create_task(first.do_due())
    await asyncio.sleep(0)
    first.stop()  # it ends after what it is doing, as a worker does that is told to
    await asyncio.gather(half, second.do_due(), calendar.scheduler().do_due())
    assert (await calendar.events()).count("RESPONSIBILITY_CHANGED") == citizens


@pytest.mark.rule("R27", "allowed")
@pytest.mark.rule("R27", "refused")
async def test_a_first_plan_is_overdue_after_two_weeks_until_it_is_published(
    calendar: Calendar,
) -> None:
    citizen_id = await dagpenge(calendar.desk)
    await calendar.look(day(14))
    assert await calendar.inbox() == []
    await calendar.look(day(15), 0)
    await calendar.look(day(16))
    assert await calendar.inbox() == ["UNEMPLOYMENT_FUND FIRST_PLAN_OVERDUE"]
    await published(calendar.desk, citizen_id, FUND_VIEWER)
    assert "UNEMPLOYMENT_FUND FIRST_PLAN_OVERDUE" not in await calendar.inbox()
    await calendar.look(day(17))
    assert "UNEMPLOYMENT_FUND FIRST_PLAN_OVERDUE" not in await calendar.inbox()


@pytest.mark.rule("R27", "refused")
async def test_a_first_plan_is_asked_of_nobody_but_a_fund(calendar: Calendar) -> None:
    await registered(calendar.desk)
    await calendar.desk.citizen("UNEMPLOYMENT_BENEFIT")  # the jobcenter's from the start
    await calendar.look(day(60))
    assert await calendar.inbox() == []


async def test_a_fund_learns_nothing_of_a_plan_that_holds_hidden_things_only(
    calendar: Calendar,
) -> None:
    """Its task is that of a member without any plan, and ends with its own first version."""
    hidden = {"kind": "AID", "aid_form": "LOAN", "aid_category": "Syn", "aid_purpose": "FLEX_JOB"}
    nothing: dict[str, Any] = dict.fromkeys(
        ("end_date", "hours_per_week", "occupation_code", "workplace", "contact_phone", "cvr")
    )
    citizen_id = await dagpenge(calendar.desk)
    await calendar.offer(citizen_id, **nothing, **hidden, contact_name="Jytte Hasselbo")
    assert await calendar.desk.plan(citizen_id, FUND_VIEWER) is None
    await calendar.look(day(15))
    assert "UNEMPLOYMENT_FUND FIRST_PLAN_OVERDUE" in await calendar.inbox()
    await published(calendar.desk, citizen_id, FUND_VIEWER)
    assert "UNEMPLOYMENT_FUND FIRST_PLAN_OVERDUE" not in await calendar.inbox()


async def test_an_overdue_first_plan_goes_over_to_the_jobcenter(calendar: Calendar) -> None:
    citizen_id = await dagpenge(calendar.desk)
    await calendar.look(day(15))
    await calendar.look(TRANSITION)
    assert await calendar.inbox() == ["JOBCENTER FIRST_PLAN_OVERDUE"]
    await published(calendar.desk, citizen_id)
    assert "JOBCENTER FIRST_PLAN_OVERDUE" not in await calendar.inbox()


@pytest.mark.rule("R130", "refused")
async def test_a_fund_whose_membership_ends_is_woken_on_the_day_and_once(
    calendar: Calendar,
) -> None:
    citizen_id = await with_plan(calendar)
    ends = MembershipPeriod(FUND, Insurance.FULL_TIME, day(-2000), day(20))
    await calendar.desk.run(REGISTER, lambda work: set_membership(work, citizen_id, ends))
    left = (citizen_id, Authority.UNEMPLOYMENT_FUND, FUND)
    woken = []
    for offset in (19, 20, 20, 21):
        calendar.published.clear()
        await calendar.look(day(offset))
        woken.append(any(left in published.left for published in calendar.published))
    assert woken == [False, True, False, False]


@pytest.mark.rule("R130", "allowed")
async def test_a_fund_whose_membership_begins_later_is_woken_on_the_day_and_once(
    calendar: Calendar,
) -> None:
    citizen_id = await registered(calendar.desk)
    begins = MembershipPeriod(FUND, Insurance.FULL_TIME, day(20))
    await calendar.desk.run(REGISTER, lambda work: set_membership(work, citizen_id, begins))
    woken = []
    for offset in (19, 20, 20, 21):
        calendar.published.clear()
        await calendar.look(day(offset))
        woken.append(any((citizen_id, "FUND") in told.facts for told in calendar.published))
    assert woken == [False, True, False, False]


async def test_a_membership_that_goes_on_wakes_nobody(calendar: Calendar) -> None:
    citizen_id = await with_plan(calendar)
    goes_on = MembershipPeriod(FUND, Insurance.PART_TIME, day(20))
    await calendar.desk.run(REGISTER, lambda work: set_membership(work, citizen_id, goes_on))
    calendar.published.clear()
    await calendar.look(day(20))
    assert not any(told.facts for told in calendar.published)


async def test_a_fund_that_the_citizen_joins_again_has_lost_nothing(calendar: Calendar) -> None:
    citizen_id = await with_plan(calendar)
    for first, end in ((day(-2000), day(20)), (day(20), None)):
        period = MembershipPeriod(FUND, Insurance.FULL_TIME, first, end)
        await calendar.desk.run(REGISTER, partial(joins, citizen_id=citizen_id, period=period))
    await calendar.look(day(20))
    assert not any(published.left for published in calendar.published)
