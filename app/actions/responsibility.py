"""Who is responsible for the contact course, and when (R14-R17, R29)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from app.domain.authority import Authority, Basis, Insurance, ResponsibilityPeriod
from app.domain.case import Case
from app.domain.membership import MembershipPeriod
from app.domain.notice import NoticeEvent
from app.domain.responsibility import AssignedPeriod
from app.errors import BadUserInput
from app.rules.responsibility import (
    YouthFacts,
    after_move,
    follow_without_gap,
    responsibility_over_time,
    responsible_on,
    worked_out_anew,
)
from app.store.cases import lock_case
from app.store.work import Done, Work


async def set_responsibility(
    work: Work, citizen_id: UUID, periods: Sequence[AssignedPeriod]
) -> Done:
    """Sets the periods of responsibility from the first one's start on; earlier ones stay.

    Raises `NotFound` for a citizen out of reach, `BadUserInput` for an unknown organisation and
    an empty list, `RulesBroken` for gaps and overlaps.
    """
    case = await lock_case(work, citizen_id)
    if not periods:
        raise BadUserInput("Give at least one period.", path=("input", "periods"))
    await _check_offices(work, periods)
    wanted = sorted(periods, key=lambda assigned: assigned.period.valid_from)
    first = wanted[0].period.valid_from
    stored = await assigned_periods(work, citizen_id)
    kept = [_ended(a, first) for a in stored if a.period.valid_from < first]
    whole = [*kept, *(replace(a, derived=False) for a in wanted)]
    work.check(follow_without_gap([a.period for a in whole], ("input", "periods")))
    await _store(work, case, stored, whole)
    return Done(citizen_id, None, {"citizen_id": citizen_id})


async def derive_responsibility(work: Work, case: Case, day: date) -> None:
    """Works out anew who is responsible from `day` on, unless that was set explicitly (R14-R17)."""
    stored = await assigned_periods(work, case.citizen_id)
    standing = [a for a in stored if a.period.valid_to is None or a.period.valid_to > day]
    if any(not assigned.derived for assigned in standing):
        return
    start: date = await work.fetchval("contact_course_start", case.citizen_id)
    facts = YouthFacts(case.birth_date, case.has_vocational_education, case.has_dependent_children)
    memberships = await memberships_of(work, case.citizen_id)
    derived = responsibility_over_time(
        case.target_group, facts, start, case.municipality_code, memberships
    )
    wanted = worked_out_anew([a.period for a in stored], derived, max(day, start))
    await _store(work, case, stored, [_assigned(p, stored, derived=True) for p in wanted])


async def move_responsibility(work: Work, case: Case) -> None:
    """The jobcenter of the new municipality takes over from today (R29)."""
    stored = await assigned_periods(work, case.citizen_id)
    moved = after_move([a.period for a in stored], work.today, case.municipality_code)
    await _store(work, case, stored, [_assigned(p, stored) for p in moved])


async def assigned_periods(work: Work, citizen_id: UUID) -> list[AssignedPeriod]:
    """All periods of a citizen, oldest first."""
    return [
        AssignedPeriod(
            ResponsibilityPeriod(
                Authority(row["authority"]),
                row["organisation"],
                Basis(row["basis"]),
                row["valid_from"],
                row["valid_to"],
            ),
            row["derived"],
            row["counted_hours"],
            row["expected_transition_date"],
        )
        for row in await work.fetch("responsibilities", citizen_id)
    ]


async def memberships_of(work: Work, citizen_id: UUID) -> list[MembershipPeriod]:
    """All memberships of a citizen, oldest first."""
    return [
        MembershipPeriod(
            row["fund"], Insurance(row["insurance"]), row["valid_from"], row["valid_to"]
        )
        for row in await work.fetch("memberships", citizen_id)
    ]


def _ended(assigned: AssignedPeriod, day: date) -> AssignedPeriod:
    """The period, over at the latest on the day before `day`."""
    period = assigned.period
    if period.valid_to is not None and period.valid_to <= day:
        return assigned
    return replace(assigned, period=replace(period, valid_to=day))


def _assigned(
    period: ResponsibilityPeriod, stored: Sequence[AssignedPeriod], *, derived: bool | None = None
) -> AssignedPeriod:
    """The period with what was noted about the stored one that it continues."""
    same = next((a for a in stored if a.period.valid_from == period.valid_from), None)
    if same is not None and derived is None:
        return replace(same, period=period)
    before = next((a for a in stored if a.period.covers(period.valid_from)), None)
    marked = derived if derived is not None else before is None or before.derived
    return AssignedPeriod(period, marked)


async def _check_offices(work: Work, periods: Sequence[AssignedPeriod]) -> None:
    unknown = await work.fetchval(
        "unknown_offices",
        [a.period.authority for a in periods],
        [a.period.organisation for a in periods],
    )
    if unknown is not None:
        raise BadUserInput(
            "There is no such organisation.", path=("input", "periods", unknown, "organisationCode")
        )


async def _store(
    work: Work, case: Case, stored: Sequence[AssignedPeriod], wanted: Sequence[AssignedPeriod]
) -> None:
    """Writes what differs; a fund that hands over today is told to the citizen of a plan."""
    if list(stored) == list(wanted):
        return
    citizen_id = case.citizen_id
    await work.execute("drop_responsibilities", citizen_id, [a.period.valid_from for a in wanted])
    for assigned in wanted:
        if assigned not in stored:
            await _store_period(work, citizen_id, assigned)
    work.touch_citizen(citizen_id)
    before = responsible_on([a.period for a in stored], work.today)
    after = responsible_on([a.period for a in wanted], work.today)
    handed_over = (
        before is not None
        and after is not None
        and before.authority is Authority.UNEMPLOYMENT_FUND
        and after.authority is Authority.JOBCENTER
    )
    if handed_over and case.plan_id is not None and case.full_version:
        work.touch(
            case.plan_id,
            citizen_id,
            trigger="RESPONSIBILITY",
            event=NoticeEvent.RESPONSIBILITY_CHANGED,
        )


async def _store_period(work: Work, citizen_id: UUID, assigned: AssignedPeriod) -> None:
    period = assigned.period
    await work.execute(
        "store_responsibility",
        *(citizen_id, period.authority, period.organisation, period.basis),
        *(period.valid_from, period.valid_to, assigned.derived),
        *(assigned.counted_hours, assigned.expected_transition_date),
    )
