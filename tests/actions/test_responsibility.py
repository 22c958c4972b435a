"""Responsibility as it is worked out, and as the system sets it (R14-R17, R29)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from app.actions.responsibility import set_responsibility
from app.actions.target_group import set_target_group
from app.domain.authority import Authority, Basis, ResponsibilityPeriod
from app.domain.responsibility import AssignedPeriod
from app.errors import BadUserInput, NotFound, RulesBroken
from tests.actions.desk import FUND, JOBCENTER_VIEWER, MUNICIPALITY, TODAY, Desk, day
from tests.actions.register import (
    REGISTER,
    Act,
    dagpenge,
    document,
    published,
    registered,
    responsibilities,
    upsert,
)


def fund(first: date, end: date | None) -> AssignedPeriod:
    return AssignedPeriod(
        ResponsibilityPeriod(
            Authority.UNEMPLOYMENT_FUND, FUND, Basis.FIRST_THREE_MONTHS, first, end
        )
    )


def jobcenter(first: date, end: date | None = None) -> AssignedPeriod:
    return AssignedPeriod(
        ResponsibilityPeriod(Authority.JOBCENTER, MUNICIPALITY, Basis.AFTER_TRANSITION, first, end)
    )


def sets(citizen_id: UUID, *periods: AssignedPeriod) -> Act:
    return lambda work: set_responsibility(work, citizen_id, periods)


@pytest.mark.rule("R15", "allowed")
async def test_the_system_sets_the_whole_list_from_its_first_day(desk: Desk) -> None:
    citizen_id = await dagpenge(desk)
    hours = replace(fund(day(0), day(50)), counted_hours=Decimal("12.50"))
    await desk.run(REGISTER, sets(citizen_id, jobcenter(day(50)), hours))
    assert await responsibilities(desk, citizen_id) == [
        ("UNEMPLOYMENT_FUND", "FIRST_THREE_MONTHS", TODAY.isoformat(), day(50).isoformat()),
        ("JOBCENTER", "AFTER_TRANSITION", day(50).isoformat(), None),
    ]
    assert (await document(desk, citizen_id))["responsibilities"][0]["counted_hours"] == 12.5
    before = await desk.value("select array_agg(xmin::text) from case_responsibility")
    again = await desk.run(REGISTER, sets(citizen_id, hours, jobcenter(day(50))))
    assert again.notices == 0
    assert await desk.value("select array_agg(xmin::text) from case_responsibility") == before


@pytest.mark.parametrize(
    "periods",
    [
        (fund(day(0), day(10)), jobcenter(day(11))),
        (fund(day(0), day(10)), jobcenter(day(9))),
        (fund(day(0), day(10)),),
        (jobcenter(day(0), day(0)), jobcenter(day(0))),
        (jobcenter(day(0)), jobcenter(day(0))),
    ],
)
@pytest.mark.rule("R15", "refused")
async def test_gaps_overlaps_and_an_end_are_refused(
    desk: Desk, periods: tuple[AssignedPeriod, ...]
) -> None:
    citizen_id = await registered(desk)
    before = await responsibilities(desk, citizen_id)
    with pytest.raises(RulesBroken) as refused:
        await desk.run(REGISTER, sets(citizen_id, *periods))
    assert {(b.rule, b.code) for b in refused.value.breaches} == {("R15", "INVALID_PERIOD")}
    assert await responsibilities(desk, citizen_id) == before


@pytest.mark.rule("R15", "allowed")
async def test_a_gap_to_what_is_stored_is_refused(desk: Desk) -> None:
    citizen_id = await registered(desk)
    await desk.run(REGISTER, sets(citizen_id, jobcenter(day(0))))
    await desk.run(REGISTER, sets(citizen_id, fund(day(3), day(9)), jobcenter(day(9))))
    assert [p[2] for p in await responsibilities(desk, citizen_id)] == [
        day(n).isoformat() for n in (0, 3, 9)
    ]


async def test_an_unknown_office_and_an_empty_list_are_bad_input(desk: Desk) -> None:
    citizen_id = await registered(desk)
    unknown = replace(jobcenter(day(0)), period=replace(jobcenter(day(0)).period, organisation="X"))
    with pytest.raises(BadUserInput) as refused:
        await desk.run(REGISTER, sets(citizen_id, fund(day(-1), day(0)), unknown))
    assert refused.value.path == ("input", "periods", 1, "organisationCode")
    with pytest.raises(BadUserInput):
        await desk.run(REGISTER, sets(citizen_id))
    with pytest.raises(NotFound):
        await desk.run(REGISTER, sets(UUID(int=7), jobcenter(day(0))))


async def test_a_fund_that_hands_over_today_is_told_once_there_is_a_plan(desk: Desk) -> None:
    citizen_id = await dagpenge(desk)
    silent = await desk.run(REGISTER, sets(citizen_id, jobcenter(day(0))))
    assert silent.notices == 0
    await desk.run(REGISTER, sets(citizen_id, fund(day(0), day(5)), jobcenter(day(5))))
    await published(desk, citizen_id)
    told = await desk.run(REGISTER, sets(citizen_id, jobcenter(day(0))))
    assert (told.versions, told.notices) == ({}, 1)
    event = await desk.value("select event from notice order by notice_id desc limit 1")
    assert event == "RESPONSIBILITY_CHANGED"
    back = await desk.run(REGISTER, sets(citizen_id, fund(day(0), day(5)), jobcenter(day(5))))
    assert back.notices == 0


async def test_what_was_set_is_not_worked_out_anew_but_a_move_still_counts(desk: Desk) -> None:
    citizen_id = await dagpenge(desk)
    await desk.run(REGISTER, sets(citizen_id, fund(day(0), day(5)), jobcenter(day(5))))
    before = await responsibilities(desk, citizen_id)
    await desk.run(
        JOBCENTER_VIEWER, lambda work: set_target_group(work, citizen_id, "RESOURCE_PROGRAMME")
    )
    assert await responsibilities(desk, citizen_id) == before
    desk.today = day(7)
    await desk.run(REGISTER, upsert(municipality_code="751"))
    last = (await document(desk, citizen_id))["responsibilities"][-1]
    assert (last["organisation_code"], last["basis"]) == ("751", "MOVED")


@pytest.mark.rule("R14", "allowed")
@pytest.mark.rule("R17", "allowed")
async def test_a_derived_responsibility_follows_the_group(desk: Desk) -> None:
    citizen_id = await dagpenge(desk)
    desk.today = day(10)
    await desk.run(
        JOBCENTER_VIEWER, lambda work: set_target_group(work, citizen_id, "CASH_BENEFIT_JOB_READY")
    )
    assert await responsibilities(desk, citizen_id) == [
        ("UNEMPLOYMENT_FUND", "FIRST_THREE_MONTHS", TODAY.isoformat(), day(10).isoformat()),
        ("JOBCENTER", "OTHER_GROUP", day(10).isoformat(), None),
    ]
    desk.today = day(20)
    await desk.run(
        JOBCENTER_VIEWER, lambda work: set_target_group(work, citizen_id, "UNEMPLOYMENT_BENEFIT")
    )
    assert [p[:2] for p in await responsibilities(desk, citizen_id)] == [
        ("UNEMPLOYMENT_FUND", "FIRST_THREE_MONTHS"),
        ("JOBCENTER", "OTHER_GROUP"),
        ("UNEMPLOYMENT_FUND", "FIRST_THREE_MONTHS"),
        ("JOBCENTER", "AFTER_TRANSITION"),
    ]


@pytest.mark.rule("R16", "allowed")
@pytest.mark.rule("R16", "refused")
async def test_a_referred_youth_is_the_jobcenters_once_the_facts_are_known(desk: Desk) -> None:
    citizen_id = await dagpenge(desk)
    await desk.run(
        JOBCENTER_VIEWER,
        lambda work: set_target_group(work, citizen_id, "UNEMPLOYMENT_BENEFIT_EDU_ORDER"),
    )
    assert (await responsibilities(desk, citizen_id))[0][0] == "UNEMPLOYMENT_FUND"
    facts = {"has_vocational_education": False, "has_dependent_children": False}
    await desk.run(REGISTER, upsert("010104-4001", citizen_id=citizen_id, **facts))
    assert await responsibilities(desk, citizen_id) == [
        ("JOBCENTER", "YOUNG_REFERRED", TODAY.isoformat(), None)
    ]
