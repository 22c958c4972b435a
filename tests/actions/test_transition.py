"""Counted hours and set dates move the transition; one authority is responsible always (R15)."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from app.actions.membership import set_membership
from app.actions.responsibility import feed_transition, set_responsibility
from app.actions.target_group import set_target_group
from app.domain.authority import Authority, Basis, Insurance, ResponsibilityPeriod
from app.domain.membership import MembershipPeriod
from app.domain.responsibility import AssignedPeriod
from app.errors import BadUserInput, NotFound, RulesBroken
from app.rules.transition import TransitionFacts
from tests.actions.desk import (
    FUND,
    JOBCENTER_VIEWER,
    MUNICIPALITY,
    OTHER_FUND,
    TODAY,
    Desk,
    day,
)
from tests.actions.register import (
    REGISTER,
    Act,
    dagpenge,
    document,
    newcomer,
    published,
    registered,
    responsibilities,
    upsert,
)

FULL_TIME, PART_TIME = Insurance.FULL_TIME, Insurance.PART_TIME


def feeds(
    citizen_id: UUID,
    hours: str | None = None,
    counted_on: date | None = None,
    transition_on: date | None = None,
) -> Act:
    facts = TransitionFacts(Decimal(hours) if hours else None, counted_on, transition_on)
    return lambda work: feed_transition(work, citizen_id, facts)


def insures(citizen_id: UUID, insurance: Insurance, fund: str = FUND, first: date = TODAY) -> Act:
    membership = MembershipPeriod(fund, insurance, first)
    return lambda work: set_membership(work, citizen_id, membership)


async def change_of(desk: Desk, citizen_id: UUID) -> str | None:
    """When the fund's period ends; None when the jobcenter has been responsible all along."""
    found = await responsibilities(desk, citizen_id)
    return found[0][3] if found[0][0] == "UNEMPLOYMENT_FUND" else None


@pytest.mark.rule("R15", "allowed")
@pytest.mark.rule("R15", "refused")
@pytest.mark.parametrize(
    ("insurance", "hours", "change"),
    [
        (FULL_TIME, "480.98", day(41)),
        (FULL_TIME, "480.99", day(40)),
        (FULL_TIME, "600", day(40)),
        (PART_TIME, "389.99", day(41)),
        (PART_TIME, "390", day(40)),
        # 13 weeks of 37 hours are 481
        (FULL_TIME, "0", day(40 + 91)),
    ],
)
async def test_hours_that_are_fed_move_the_transition(
    desk: Desk, insurance: Insurance, hours: str, change: date
) -> None:
    citizen_id = await dagpenge(desk)
    await desk.run(REGISTER, insures(citizen_id, insurance, first=day(-2000)))
    desk.today = day(40)
    await desk.run(REGISTER, feeds(citizen_id, hours))
    assert await change_of(desk, citizen_id) == change.isoformat()
    shown = (await document(desk, citizen_id))["responsibilities"][0]
    assert Decimal(str(shown["counted_hours"])) == Decimal(hours)
    assert shown["expected_transition_date"] == change.isoformat()


@pytest.mark.rule("R15", "allowed")
async def test_hours_fed_again_replace_those_before_and_the_same_again_changes_nothing(
    desk: Desk,
) -> None:
    citizen_id = await dagpenge(desk)
    desk.today = day(14)
    await desk.run(REGISTER, feeds(citizen_id, "74"))
    first = await change_of(desk, citizen_id)
    rows = "select array_agg(xmin::text order by valid_from) from case_responsibility"
    before = await desk.value(rows)
    await desk.run(REGISTER, feeds(citizen_id, "74"))
    assert await desk.value(rows) == before
    desk.today = day(28)
    await desk.run(REGISTER, feeds(citizen_id, "74"))  # two weeks of work in between
    later = await change_of(desk, citizen_id)
    assert first is not None and later is not None
    assert date.fromisoformat(later) - date.fromisoformat(first) == timedelta(days=14)


@pytest.mark.rule("R15", "allowed")
async def test_a_date_that_is_set_wins_over_hours(desk: Desk) -> None:
    citizen_id = await dagpenge(desk)
    await desk.run(REGISTER, feeds(citizen_id, "10", transition_on=day(50)))
    assert await change_of(desk, citizen_id) == day(50).isoformat()
    await desk.run(REGISTER, feeds(citizen_id, transition_on=day(0)))
    assert await change_of(desk, citizen_id) is None


@pytest.mark.rule("R15", "refused")
async def test_impossible_hours_and_days_are_bad_input(desk: Desk) -> None:
    citizen_id = await dagpenge(desk)
    jobcenters = await registered(desk, "010190-4002")
    bad = {
        "countedHours": feeds(citizen_id, "-0.01"),
        "countedOn": feeds(citizen_id, "10", day(1)),
        "transitionDate": feeds(citizen_id, transition_on=day(-1)),
        None: feeds(citizen_id),
    }
    for field, act in bad.items():
        with pytest.raises(BadUserInput) as refused:
            await desk.run(REGISTER, act)
        assert refused.value.path[-1] == (field or "input")
    with pytest.raises(BadUserInput):
        await desk.run(REGISTER, feeds(jobcenters, "10"))
    assert await desk.value("select count(*) from transition_fact") == 0


async def test_facts_that_were_fed_outlive_a_change_of_fund_but_not_of_course(desk: Desk) -> None:
    citizen_id = await dagpenge(desk)
    await desk.run(REGISTER, feeds(citizen_id, transition_on=day(50)))
    desk.today = day(10)
    await desk.run(REGISTER, insures(citizen_id, FULL_TIME, OTHER_FUND, day(10)))
    assert [p[2:] for p in await responsibilities(desk, citizen_id)] == [
        (day(0).isoformat(), day(10).isoformat()),
        (day(10).isoformat(), day(50).isoformat()),
        (day(50).isoformat(), None),
    ]
    desk.today = day(60)
    await desk.run(REGISTER, upsert(contact_course_start=day(60)))
    assert (await responsibilities(desk, citizen_id))[-1][2] == "2026-08-01"


async def test_hours_with_an_open_period_of_the_fund_end_it(desk: Desk) -> None:
    citizen_id = await dagpenge(desk)
    desk.today = day(40)
    period = ResponsibilityPeriod(
        Authority.UNEMPLOYMENT_FUND, FUND, Basis.FIRST_THREE_MONTHS, day(0)
    )
    sent = AssignedPeriod(period, derived=False, counted_hours=Decimal("480.98"))
    await desk.run(REGISTER, lambda work: set_responsibility(work, citizen_id, [sent]))
    assert await responsibilities(desk, citizen_id) == [
        ("UNEMPLOYMENT_FUND", "FIRST_THREE_MONTHS", day(0).isoformat(), day(41).isoformat()),
        ("JOBCENTER", "AFTER_TRANSITION", day(41).isoformat(), None),
    ]


@pytest.mark.rule("R28", "allowed")
async def test_hours_that_complete_the_months_today_hand_over_at_once(desk: Desk) -> None:
    citizen_id = await dagpenge(desk)
    await published(desk, citizen_id)
    desk.today = day(40)
    told = await desk.run(REGISTER, feeds(citizen_id, "481"))
    assert told.notices == 1
    assert await desk.value("select event from notice order by notice_id desc limit 1") == (
        "RESPONSIBILITY_CHANGED"
    )


GROUPS = (
    *("UNEMPLOYMENT_BENEFIT", "UNEMPLOYMENT_BENEFIT_EDU_ORDER", "CASH_BENEFIT_JOB_READY"),
    *("RESOURCE_PROGRAMME", "SICKNESS_BENEFIT_CAT2"),
)
YOUNG = "010106-4001"  # born 1 January 2006

_offsets = st.integers(-20, 60)
_steps = st.one_of(
    st.tuples(st.just("group"), st.sampled_from(GROUPS)),
    st.tuples(st.just("member"), st.sampled_from((FUND, OTHER_FUND)), _offsets, st.integers(1, 90)),
    st.tuples(st.just("joins"), st.sampled_from((FUND, OTHER_FUND)), _offsets),
    st.tuples(st.just("moves"), st.sampled_from((MUNICIPALITY, "751", "461"))),
    st.tuples(st.just("course"), _offsets),
    st.tuples(st.just("youth"), st.booleans(), st.booleans()),
    st.tuples(st.just("hours"), st.integers(0, 500)),
    st.tuples(st.just("date"), st.integers(-40, 120)),
    st.tuples(st.just("periods"), st.integers(-10, 30), st.integers(1, 60)),
    st.tuples(st.just("wait"), st.integers(1, 40)),
)


def _act(desk: Desk, citizen_id: UUID, step: tuple[Any, ...]) -> Act:
    """The operation that a drawn step stands for, with its days counted from today."""

    def later(days: int) -> date:
        return desk.today + timedelta(days=days)

    def member(fund: str, first: int, days: int | None = None) -> Act:
        end = None if days is None else later(first + days)
        membership = MembershipPeriod(fund, FULL_TIME, later(first), end)
        return lambda work: set_membership(work, citizen_id, membership)

    def periods(first: int, days: int) -> Act:
        fund = ResponsibilityPeriod(
            Authority.UNEMPLOYMENT_FUND,
            FUND,
            Basis.FIRST_THREE_MONTHS,
            later(first),
            later(first + days),
        )
        after = ResponsibilityPeriod(
            Authority.JOBCENTER, MUNICIPALITY, Basis.AFTER_TRANSITION, later(first + days)
        )
        sent = [AssignedPeriod(fund, derived=False), AssignedPeriod(after, derived=False)]
        return lambda work: set_responsibility(work, citizen_id, sent)

    acts: dict[str, Callable[..., Act]] = {
        "group": lambda group: lambda work: set_target_group(work, citizen_id, group),
        "member": member,
        "joins": member,
        "moves": lambda code: upsert(YOUNG, municipality_code=code),
        "course": lambda days: upsert(YOUNG, contact_course_start=later(days)),
        "youth": lambda education, children: upsert(
            YOUNG, has_vocational_education=education, has_dependent_children=children
        ),
        "hours": lambda hours: feeds(citizen_id, str(hours)),
        "date": lambda days: feeds(citizen_id, transition_on=later(days)),
        "periods": periods,
    }
    return acts[step[0]](*step[1:])


RESPONSIBLE_EACH_DAY = """
    select count(*) from generate_series($2::date, $3::date, '1 day') d
    where 1 <> (select count(*) from case_responsibility r
        where r.citizen_id = $1 and r.valid_from <= d and (r.valid_to is null or r.valid_to > d))"""


@pytest.mark.rule("R15", "allowed")
@pytest.mark.rule("R16", "allowed")
@pytest.mark.rule("R29", "allowed")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_steps, min_size=1, max_size=8))
async def test_exactly_one_authority_is_responsible_on_every_day_whatever_happens(
    desk: Desk, steps: list[tuple[Any, ...]]
) -> None:
    desk.today = TODAY
    await desk.pool.execute("delete from citizen")
    citizen_id = (
        await desk.run(REGISTER, newcomer(YOUNG, target_group="UNEMPLOYMENT_BENEFIT"))
    ).done.citizen_id
    for step in steps:
        if step[0] == "wait":
            desk.today += timedelta(days=step[1])
            continue
        viewer = JOBCENTER_VIEWER if step[0] == "group" else REGISTER
        # a refused step changes nothing; after a move the citizen is out of the jobcenter's reach
        with suppress(BadUserInput, RulesBroken, NotFound):
            await desk.run(viewer, _act(desk, citizen_id, step))
        first = await desk.value("select min(valid_from) from case_responsibility")
        assert first is not None
        wrong = await desk.value(
            RESPONSIBLE_EACH_DAY, citizen_id, first, desk.today + timedelta(days=400)
        )
        assert wrong == 0
        assert await desk.value("select count(*) from case_responsibility where valid_to is null")
