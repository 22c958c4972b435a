"""Which authority is responsible for the contact course, and when (R14-R19, R29).

All dates are calendar days in Copenhagen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Final

from app.domain.authority import Authority, Basis, ResponsibilityPeriod
from app.domain.membership import MembershipPeriod
from app.domain.target_group import TargetGroup
from app.domain.timeline import shift_months
from app.rules.breach import Breach, Path, rule
from app.rules.transition import transition_date

_YOUTH_LIMIT: Final = 25


@dataclass(frozen=True, slots=True)
class YouthFacts:
    """What decides whether the jobcenter is responsible from day one; None = not known."""

    birth_date: date
    has_vocational_education: bool | None = None
    has_dependent_children: bool | None = None
    referred: bool = False


def age_on(birth_date: date, day: date) -> int:
    """Whole years; someone born on 29 February becomes older on 28 February in other years.

    >>> age_on(date(2001, 3, 2), date(2026, 3, 1)), age_on(date(2001, 3, 2), date(2026, 3, 2))
    (24, 25)
    """
    years = day.year - birth_date.year
    return years if shift_months(birth_date, 12 * years) <= day else years - 1


@rule("R16")
def is_referred_youth(group: TargetGroup, facts: YouthFacts, start: date) -> bool:
    """A dagpenge recipient under 25 without vocational education and children, referred.

    A group with education steps is referred by being in it. What is not known does not count.
    """
    return (
        group.is_unemployment_benefit
        and age_on(facts.birth_date, start) < _YOUTH_LIMIT
        and facts.has_vocational_education is False
        and facts.has_dependent_children is False
        and (facts.referred or group.education_steps)
    )


@rule("R14", "R16", "R17")
def default_responsibility(
    group: TargetGroup,
    facts: YouthFacts,
    start: date,
    jobcenter: str,
    fund: str | None = None,
    changes_on: date | None = None,
) -> tuple[ResponsibilityPeriod, ...]:
    """The periods from `start` on, without gap; `jobcenter` and `fund` are organisation codes.

    changes_on: the transition date, by default three calendar months after `start`; at or before
    `start` the fund has no period. A citizen who is in no fund is the jobcenter's from day one.
    """
    if not group.fund_first_three_months or fund is None:
        return (_jobcenter(jobcenter, Basis.OTHER_GROUP, start),)
    if is_referred_youth(group, facts, start):
        return (_jobcenter(jobcenter, Basis.YOUNG_REFERRED, start),)
    change = transition_date(start, set_to=changes_on)
    if change <= start:
        return (_jobcenter(jobcenter, Basis.AFTER_TRANSITION, start),)
    first = ResponsibilityPeriod(
        Authority.UNEMPLOYMENT_FUND, fund, Basis.FIRST_THREE_MONTHS, start, change
    )
    return first, _jobcenter(jobcenter, Basis.AFTER_TRANSITION, change)


@rule("R14", "R16", "R17")
def responsibility_over_time(
    group: TargetGroup,
    facts: YouthFacts,
    start: date,
    jobcenter: str,
    memberships: Sequence[MembershipPeriod],
    changes_on: date | None = None,
) -> tuple[ResponsibilityPeriod, ...]:
    """`default_responsibility` where memberships begin and end within the three months.

    A fund is responsible only while the citizen is its member.
    """
    bounds = {day for m in memberships for day in (m.valid_from, m.valid_to) if day is not None}
    change = transition_date(start, set_to=changes_on)
    cuts = [start, *sorted(day for day in bounds if start < day < change)]
    periods: list[ResponsibilityPeriod] = []
    for first, end in zip(cuts, [*cuts[1:], None], strict=True):
        fund = next((m.fund for m in memberships if m.covers(first)), None)
        for period in default_responsibility(group, facts, start, jobcenter, fund, change):
            part = _within(period, first, end)
            if part is not None:
                periods.append(part)
    return _joined(periods)


@rule("R14", "R29")
def worked_out_anew(
    stored: Sequence[ResponsibilityPeriod], derived: Sequence[ResponsibilityPeriod], day: date
) -> tuple[ResponsibilityPeriod, ...]:
    """What was before `day` stays; from then on `derived` holds.

    An office that simply goes on keeps its period. Nothing before a move is worked out anew: the
    derived periods know the present jobcenter only.
    """
    moves = [p.valid_from for p in stored if p.basis is Basis.MOVED]
    day = max([day, *moves])
    coming = [part for p in derived if (part := _within(p, day, None)) is not None]
    standing = responsible_on(stored, day)
    if standing is not None and coming and _goes_on(standing, coming[0], day):
        coming[0] = replace(standing, valid_to=coming[0].valid_to)
    kept = [
        part
        for p in stored
        if p.valid_from < (coming[0].valid_from if coming else day)
        and (part := _within(p, p.valid_from, coming[0].valid_from if coming else day)) is not None
    ]
    return (*kept, *coming)


def _goes_on(standing: ResponsibilityPeriod, coming: ResponsibilityPeriod, day: date) -> bool:
    same_office = (standing.authority, standing.organisation) == (
        coming.authority,
        coming.organisation,
    )
    return same_office and (standing.valid_from < day or standing.basis is Basis.MOVED)


def _within(
    period: ResponsibilityPeriod, first: date, end: date | None
) -> ResponsibilityPeriod | None:
    """The part of a period from `first` until before `end` (None: no end)."""
    valid_from = max(period.valid_from, first)
    valid_to = min(filter(None, (period.valid_to, end)), default=None)
    if valid_to is not None and valid_to <= valid_from:
        return None
    return replace(period, valid_from=valid_from, valid_to=valid_to)


def _joined(periods: Iterable[ResponsibilityPeriod]) -> tuple[ResponsibilityPeriod, ...]:
    """Neighbours of one office and basis as one period."""
    joined: list[ResponsibilityPeriod] = []
    for period in periods:
        last = joined[-1] if joined else None
        if last is not None and replace(last, valid_to=period.valid_to) == replace(
            period, valid_from=last.valid_from
        ):
            joined[-1] = replace(last, valid_to=period.valid_to)
        else:
            joined.append(period)
    return tuple(joined)


def _jobcenter(code: str, basis: Basis, valid_from: date) -> ResponsibilityPeriod:
    return ResponsibilityPeriod(Authority.JOBCENTER, code, basis, valid_from)


@rule("R29")
def after_move(
    periods: Sequence[ResponsibilityPeriod], moved_on: date, jobcenter: str
) -> tuple[ResponsibilityPeriod, ...]:
    """The new municipality's jobcenter takes over jobcenter days from `moved_on`; a fund's stay."""
    moved: list[ResponsibilityPeriod] = []
    for period in periods:
        if period.authority is not Authority.JOBCENTER or period.organisation == jobcenter:
            moved.append(period)
        elif period.valid_from >= moved_on:
            moved.append(replace(period, organisation=jobcenter))
        elif period.valid_to is not None and period.valid_to <= moved_on:
            moved.append(period)
        else:
            moved.append(replace(period, valid_to=moved_on))
            moved.append(
                ResponsibilityPeriod(
                    Authority.JOBCENTER, jobcenter, Basis.MOVED, moved_on, period.valid_to
                )
            )
    return tuple(moved)


@rule("R15")
def follow_without_gap(periods: Iterable[ResponsibilityPeriod], path: Path = ()) -> list[Breach]:
    """Exactly one authority is responsible at any instant: no gap, no overlap, an open end."""
    ordered = sorted(periods, key=lambda period: period.valid_from)
    empty = [p for p in ordered if p.valid_to is not None and p.valid_to <= p.valid_from]
    joints = [
        later.valid_from
        for earlier, later in pairwise(ordered)
        if earlier.valid_to != later.valid_from
    ]
    ended = [p.valid_to for p in ordered[-1:] if p.valid_to is not None]
    days = dict.fromkeys([*(p.valid_from for p in empty), *joints, *ended])
    return [Breach("R15", path=path, at=day) for day in days]


def responsible_on(
    periods: Iterable[ResponsibilityPeriod], day: date
) -> ResponsibilityPeriod | None:
    """The period that covers the day, None when no authority is responsible."""
    return next((period for period in periods if period.covers(day)), None)


@rule("R18", "R19")
def is_responsible(own: Authority, responsible: Authority | None, path: Path = ()) -> Breach | None:
    """Job goals and other agreed interventions are written by the responsible authority.

    With nobody responsible the jobcenter writes.

    >>> is_responsible(Authority.JOBCENTER, Authority.JOBCENTER)
    >>> is_responsible(Authority.JOBCENTER, Authority.UNEMPLOYMENT_FUND).rule
    'R18'
    >>> is_responsible(Authority.UNEMPLOYMENT_FUND, Authority.JOBCENTER).rule
    'R19'
    """
    if own is (responsible or Authority.JOBCENTER):
        return None
    return Breach("R18" if own is Authority.JOBCENTER else "R19", path=path)
