"""Who is responsible for the contact course, and when (R14-R17, R29)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from app.actions.office_tasks import place_tasks
from app.actions.transition import checked, noted, refuse_impossible, transition_facts
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
from app.rules.transition import TransitionFacts, transition_of
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
    for index, assigned in enumerate(periods):
        refuse_impossible(assigned.counted_hours, ("input", "periods", index, "countedHours"))
    await _check_offices(work, periods)
    wanted = sorted(periods, key=lambda assigned: assigned.period.valid_from)
    wanted = await _with_transition(work, case, wanted)
    first = wanted[0].period.valid_from
    stored = await assigned_periods(work, citizen_id)
    kept = [_ended(a, first) for a in stored if a.period.valid_from < first]
    whole = [*kept, *(replace(a, derived=False) for a in wanted)]
    work.check(follow_without_gap([a.period for a in whole], ("input", "periods")))
    await _store(work, case, stored, whole)
    return Done(citizen_id, None, {"citizen_id": citizen_id})


async def feed_transition(work: Work, citizen_id: UUID, sent: TransitionFacts) -> Done:
    """Notes what a system knows of the three months, and works out anew who is responsible (R15).

    It takes the place of periods that were set before. Raises `NotFound` for a citizen out of
    reach, `BadUserInput` for one whom no fund is responsible for and for impossible hours or days.
    """
    case = await lock_case(work, citizen_id)
    start: date = await work.fetchval("contact_course_start", citizen_id)
    facts = checked(sent, start, work.today)
    if not case.target_group.fund_first_three_months:
        raise BadUserInput("No fund is responsible in this target group.", path=("input",))
    await work.execute(
        "store_transition_fact",
        *(citizen_id, start, facts.hours, facts.counted_on, facts.transition_on),
    )
    change = transition_of(start, facts, await memberships_of(work, citizen_id))
    await derive_responsibility(work, case, min(work.today, change), anew=True)
    return Done(citizen_id, None, {"citizen_id": citizen_id})


async def derive_responsibility(work: Work, case: Case, day: date, *, anew: bool = False) -> None:
    """Works out anew who is responsible from `day` on, unless that was set explicitly (R14-R17).

    anew: also where it was set.
    """
    stored = await assigned_periods(work, case.citizen_id)
    standing = [a for a in stored if a.period.valid_to is None or a.period.valid_to > day]
    if not anew and any(not assigned.derived for assigned in standing):
        return
    start: date = await work.fetchval("contact_course_start", case.citizen_id)
    youth = YouthFacts(case.birth_date, case.has_vocational_education, case.has_dependent_children)
    memberships = await memberships_of(work, case.citizen_id)
    facts = await transition_facts(work, case.citizen_id, start)
    change = transition_of(start, facts, memberships)
    derived = responsibility_over_time(
        case.target_group, youth, start, case.municipality_code, memberships, change
    )
    first = max(day, start)
    wanted = worked_out_anew([a.period for a in stored], derived, first)
    over = {a.period: a for a in stored if a.period.valid_to and a.period.valid_to <= first}
    assigned = (over.get(p) or _assigned(p, stored, derived=True) for p in wanted)
    await _store(work, case, stored, [noted(a, facts, start, change) for a in assigned])


async def _with_transition(
    work: Work, case: Case, wanted: list[AssignedPeriod]
) -> list[AssignedPeriod]:
    """A fund's last period with hours or an expected date ends by them; the jobcenter follows."""
    last = wanted[-1]
    known = last.counted_hours is not None or last.expected_transition_date is not None
    open_fund = (
        last.period.authority is Authority.UNEMPLOYMENT_FUND and last.period.valid_to is None
    )
    if not (open_fund and known):
        return wanted
    start = last.period.valid_from
    sent = TransitionFacts(last.counted_hours, None, last.expected_transition_date)
    facts = checked(sent, start, work.today)
    change = transition_of(start, facts, await memberships_of(work, case.citizen_id))
    ended = replace(
        last, period=replace(last.period, valid_to=change), expected_transition_date=change
    )
    after = ResponsibilityPeriod(
        Authority.JOBCENTER, case.municipality_code, Basis.AFTER_TRANSITION, change
    )
    return [*wanted[:-1], ended, AssignedPeriod(after, derived=False)]


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
    ended_on = _last_end_of_a_fund(wanted, work.today)
    if ended_on is not None and ended_on != _last_end_of_a_fund(stored, work.today):
        # told below or not at all: the calendar tells of what it finds without a note
        await work.execute("note_handover", citizen_id, ended_on, work.now)
    if _office(before) == _office(after):
        return
    await place_tasks(work, citizen_id)
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


def _office(period: ResponsibilityPeriod | None) -> tuple[str, str] | None:
    return None if period is None else (period.authority, period.organisation)


def _last_end_of_a_fund(periods: Sequence[AssignedPeriod], today: date) -> date | None:
    """When a fund's responsibility last ended, by today."""
    ends = (
        a.period.valid_to
        for a in periods
        if a.period.authority is Authority.UNEMPLOYMENT_FUND and a.period.valid_to is not None
    )
    return max((end for end in ends if end <= today), default=None)


async def _store_period(work: Work, citizen_id: UUID, assigned: AssignedPeriod) -> None:
    period = assigned.period
    await work.execute(
        "store_responsibility",
        *(citizen_id, period.authority, period.organisation, period.basis),
        *(period.valid_from, period.valid_to, assigned.derived),
        *(assigned.counted_hours, assigned.expected_transition_date),
    )
