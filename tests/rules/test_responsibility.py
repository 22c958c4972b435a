"""Who is responsible when: three months, youth, hours, moves, no gap and no overlap."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from app.domain.authority import Authority, Basis, Insurance, ResponsibilityPeriod
from app.domain.membership import MembershipPeriod
from app.domain.target_group import TargetGroup
from app.rules.responsibility import (
    YouthFacts,
    after_move,
    age_on,
    default_responsibility,
    follow_without_gap,
    responsibility_over_time,
    responsible_on,
    worked_out_anew,
)
from app.rules.transition import CountedHours, hours_for_transition, transition_date

from .code_lists import COMBI, DAGPENGE, FUND, GROUPS, JOB_READY, JOBCENTER

DAYS = st.dates(date(1950, 1, 1), date(2100, 1, 1))
GROWN_UP = YouthFacts(date(1979, 7, 1))
YOUTH = YouthFacts(date(2003, 3, 2), has_vocational_education=False, has_dependent_children=False)


def _period(
    authority: Authority, start: date, end: date | None, organisation: str = "430"
) -> ResponsibilityPeriod:
    return ResponsibilityPeriod(authority, organisation, Basis.OTHER_GROUP, start, end)


@pytest.mark.parametrize(
    ("start", "change"),
    [
        (date(2026, 1, 31), date(2026, 4, 30)),
        (date(2025, 11, 30), date(2026, 2, 28)),
        (date(2023, 11, 30), date(2024, 2, 29)),
        (date(2019, 7, 15), date(2019, 10, 15)),
    ],
)
@pytest.mark.rule("R15", "allowed")
def test_three_calendar_months_are_clamped_to_the_last_day(start: date, change: date) -> None:
    assert transition_date(start) == change


@given(DAYS)
def test_the_default_change_is_in_the_third_month_after_and_never_later_in_it(start: date) -> None:
    change = transition_date(start)
    assert (change.year * 12 + change.month) - (start.year * 12 + start.month) == 3
    assert change.day <= start.day
    assert change.day == start.day or (change + timedelta(days=1)).day == 1


@given(
    start=DAYS,
    insurance=st.sampled_from(Insurance),
    hours=st.decimals(0, 600, places=2),
    later=st.decimals(0, 100, places=2),
    counted_after=st.integers(1, 400),
)
@pytest.mark.rule("R15", "allowed")
def test_more_counted_hours_never_put_the_change_off(
    start: date, insurance: Insurance, hours: Decimal, later: Decimal, counted_after: int
) -> None:
    counted_on = start + timedelta(days=counted_after)
    first = transition_date(start, CountedHours(hours, insurance, counted_on))
    second = transition_date(start, CountedHours(hours + later, insurance, counted_on))
    assert counted_on <= second <= first
    assert (first == counted_on) == (hours >= hours_for_transition(insurance))


def test_a_full_time_member_without_counted_hours_has_thirteen_weeks_left() -> None:
    start = date(2026, 1, 1)
    for insurance in Insurance:
        left = transition_date(start, CountedHours(Decimal(0), insurance, start)) - start
        assert left == timedelta(days=91)


@pytest.mark.rule("R15", "allowed")
def test_a_date_set_by_the_system_wins() -> None:
    counted = CountedHours(Decimal(481), Insurance.FULL_TIME, date(2026, 2, 1))
    assert transition_date(date(2026, 1, 1), counted, date(2026, 6, 1)) == date(2026, 6, 1)


@pytest.mark.rule("R14", "allowed")
def test_a_dagpenge_recipient_is_the_funds_for_three_months_and_then_the_jobcenters() -> None:
    first, then = default_responsibility(DAGPENGE, GROWN_UP, date(2019, 7, 15), "430", "RAVN")
    assert (first.authority, first.organisation, first.basis) == (
        FUND,
        "RAVN",
        Basis.FIRST_THREE_MONTHS,
    )
    assert first.valid_to == then.valid_from == date(2019, 10, 15)
    assert (then.authority, then.organisation, then.valid_to) == (JOBCENTER, "430", None)


@pytest.mark.parametrize(
    ("facts", "jobcenter_first"),
    [
        (YOUTH, True),
        (YouthFacts(date(2001, 3, 1), False, False), False),
        (YouthFacts(YOUTH.birth_date, True, False), False),
        (YouthFacts(YOUTH.birth_date, False, True), False),
        (YouthFacts(YOUTH.birth_date, None, False), False),
    ],
)
@pytest.mark.rule("R16", "allowed")
def test_a_referred_youth_is_the_jobcenters_from_day_one(
    facts: YouthFacts, jobcenter_first: bool
) -> None:
    periods = default_responsibility(COMBI, facts, date(2026, 3, 1), "101", "RAVN")
    assert (periods[0].basis is Basis.YOUNG_REFERRED) is jobcenter_first


@pytest.mark.rule("R16", "refused")
def test_a_youth_on_dagpenge_who_is_not_referred_is_the_funds() -> None:
    periods = default_responsibility(DAGPENGE, YOUTH, date(2026, 3, 1), "101", "RAVN")
    assert periods[0].authority is FUND


@given(birth=DAYS, years=st.integers(1, 100))
def test_a_birthday_adds_a_year_and_the_day_before_does_not(birth: date, years: int) -> None:
    birthday = date(birth.year + years, birth.month, min(birth.day, 28))
    if birth.day <= 28:
        assert age_on(birth, birthday) == years
        assert age_on(birth, birthday - timedelta(days=1)) == years - 1


def test_someone_born_on_leap_day_becomes_older_on_the_last_of_february() -> None:
    assert age_on(date(2004, 2, 29), date(2029, 2, 27)) == 24
    assert age_on(date(2004, 2, 29), date(2029, 2, 28)) == 25
    assert age_on(date(2004, 2, 29), date(2028, 2, 28)) == 23


@pytest.mark.rule("R14", "refused")
@pytest.mark.rule("R17", "allowed")
def test_every_other_group_is_the_jobcenters_from_day_one() -> None:
    for group in GROUPS.values():
        periods = default_responsibility(group, GROWN_UP, date(2026, 3, 1), "101", "RAVN")
        expected = FUND if group.is_unemployment_benefit else JOBCENTER
        assert periods[0].authority is expected
    (only,) = default_responsibility(JOB_READY, GROWN_UP, date(2026, 3, 1), "101")
    assert only.basis is Basis.OTHER_GROUP


@given(group=st.sampled_from(list(GROUPS.values())), start=DAYS, member=st.booleans())
def test_default_periods_leave_no_gap(group: TargetGroup, start: date, member: bool) -> None:
    periods = default_responsibility(group, GROWN_UP, start, "101", "RAVN" if member else None)
    assert follow_without_gap(periods) == []
    assert periods[0].valid_from == start


@given(start=DAYS, moved_after=st.integers(-400, 400))
@pytest.mark.rule("R29", "allowed")
def test_a_move_changes_the_jobcenter_from_its_day_and_leaves_no_gap(
    start: date, moved_after: int
) -> None:
    moved_on = start + timedelta(days=moved_after)
    periods = default_responsibility(DAGPENGE, GROWN_UP, start, "430", "RAVN")
    moved = after_move(periods, moved_on, "461")
    assert follow_without_gap(moved) == []
    for days in (-1, 0, 1, 91, 92, 500):
        day = moved_on + timedelta(days=days)
        before, after = responsible_on(periods, day), responsible_on(moved, day)
        assert (before is None) == (after is None)
        if before is not None and after is not None:
            assert after.authority is before.authority
            of_jobcenter = before.authority is JOBCENTER
            expected = "461" if of_jobcenter and days >= 0 else before.organisation
            assert after.organisation == expected


@pytest.mark.parametrize(
    "periods",
    [
        [
            _period(FUND, date(2026, 1, 1), date(2026, 4, 1)),
            _period(JOBCENTER, date(2026, 4, 2), None),
        ],
        [
            _period(FUND, date(2026, 1, 1), date(2026, 4, 2)),
            _period(JOBCENTER, date(2026, 4, 1), None),
        ],
        [_period(FUND, date(2026, 1, 1), None), _period(JOBCENTER, date(2026, 4, 1), None)],
        [_period(FUND, date(2026, 1, 1), date(2026, 1, 1))],
        [_period(JOBCENTER, date(2026, 1, 1), date(2026, 4, 1))],
    ],
    ids=["gap", "overlap", "two open", "empty", "ended"],
)
@pytest.mark.rule("R15", "refused")
def test_a_gap_an_overlap_and_an_end_are_refused(periods: list[ResponsibilityPeriod]) -> None:
    assert [b.code for b in follow_without_gap(periods)] == ["INVALID_PERIOD"]


MEMBER = MembershipPeriod("KRIFA", Insurance.FULL_TIME, date(2004, 2, 1))
START = date(2026, 3, 2)


def over_time(*memberships: MembershipPeriod) -> list[tuple[str, str, date, date | None]]:
    periods = responsibility_over_time(DAGPENGE, GROWN_UP, START, "101", memberships)
    return [(p.organisation, p.basis, p.valid_from, p.valid_to) for p in periods]


@pytest.mark.rule("R14", "refused")
def test_a_fund_is_responsible_only_while_the_citizen_is_its_member() -> None:
    left, joined = date(2026, 3, 20), date(2026, 4, 1)
    other = MembershipPeriod("3F", Insurance.PART_TIME, joined)
    assert over_time(replace(MEMBER, valid_to=left), other) == [
        ("KRIFA", "FIRST_THREE_MONTHS", START, left),
        ("101", "OTHER_GROUP", left, joined),
        ("3F", "FIRST_THREE_MONTHS", joined, date(2026, 6, 2)),
        ("101", "AFTER_TRANSITION", date(2026, 6, 2), None),
    ]


def test_a_membership_that_changes_after_the_transition_changes_nothing() -> None:
    later = MembershipPeriod("3F", Insurance.FULL_TIME, date(2026, 6, 2))
    assert over_time(replace(MEMBER, valid_to=date(2026, 6, 2)), later) == over_time(MEMBER)


def test_an_office_that_goes_on_keeps_its_period() -> None:
    stored = responsibility_over_time(DAGPENGE, GROWN_UP, START, "101", [MEMBER])
    assert worked_out_anew(stored, stored, date(2026, 4, 1)) == stored
    group = responsibility_over_time(JOB_READY, GROWN_UP, START, "101", [MEMBER])
    after = worked_out_anew(stored, group, date(2026, 7, 1))
    assert after == stored


@pytest.mark.rule("R29", "refused")
def test_nothing_before_a_move_is_worked_out_anew() -> None:
    moved_on = date(2026, 4, 1)
    stored = after_move(default_responsibility(JOB_READY, GROWN_UP, START, "101"), moved_on, "751")
    derived = responsibility_over_time(JOB_READY, GROWN_UP, START, "751", [])
    assert worked_out_anew(stored, derived, START) == stored


_days = st.dates(date(2026, 1, 1), date(2026, 8, 1))


@given(day=_days, joins=_days, leaves=_days, moves_on=_days)
def test_what_is_worked_out_has_neither_gap_nor_overlap(
    day: date, joins: date, leaves: date, moves_on: date
) -> None:
    end = leaves if leaves > joins else None
    memberships = [MembershipPeriod("3F", Insurance.FULL_TIME, joins, end)]
    first = default_responsibility(DAGPENGE, GROWN_UP, START, "101", "KRIFA")
    stored = after_move(first, moves_on, "751")
    derived = responsibility_over_time(DAGPENGE, GROWN_UP, START, "751", memberships)
    anew = worked_out_anew(stored, derived, max(day, START))
    assert follow_without_gap(anew) == []
    assert anew[0].valid_from == START
