"""Interventions of every kind (R3, R19, R22, R23, R76-R80, R83, R84, R94)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

from app.domain.authority import Authority
from app.domain.intervention import (
    REQUIRED_FIELDS,
    SIX_WEEK_JOB_TRAINING,
    InterventionDraft,
    InterventionKind,
)
from app.domain.target_group import TargetGroup
from app.rules import text
from app.rules.breach import Breach, Finding, Path, rule
from app.rules.plan import is_in_own_words, starts_in_the_plan
from app.rules.responsibility import is_responsible

HOURS_LIMIT: Final = 59
_COURSE_GROUPS: Final = frozenset({"RESOURCE_PROGRAMME", "JOB_CLARIFICATION"})
_WHERE: Final = {"SocialHealthIntervention": ("place", "provider")}
_PATHS: Final = {"where": "place", "who": "contactName"}


@rule("R84")
def is_a_kind(code: str, kinds: Collection[str], path: Path = ()) -> Breach | None:
    """Only kinds of the code list; transport is none of them.

    >>> is_a_kind("MENTOR", {"MENTOR"})
    >>> is_a_kind("TRANSPORT", {"MENTOR"}).code
    'FORBIDDEN_KIND'
    """
    return None if code in kinds else Breach("R84", path=path)


@rule("R84")
def is_in_force(exists: bool, path: Path = ()) -> Breach | None:
    """What comes into the plan is of a kind, and a scheme, that there is on that day.

    >>> is_in_force(True)
    >>> is_in_force(False).code
    'FORBIDDEN_KIND'
    """
    return None if exists else Breach("R84", path=path)


@rule("R93")
def is_of_same_kind(
    stored: tuple[str, str | None], sent: tuple[str, str | None], path: Path = ()
) -> Breach | None:
    """Kind and scheme stay what they were: offers have rules and funds a sight of their own.

    >>> is_of_same_kind(("MENTOR", None), ("MENTOR", None))
    >>> is_of_same_kind(("MENTOR", None), ("OTHER_AGREED", None)).code
    'KIND_CHANGED'
    """
    return None if stored == sent else Breach("R93", "KIND_CHANGED", path)


@rule("R82")
def is_not_over(cancelled: bool, ended: bool = False, path: Path = ()) -> Breach | None:
    """What was cancelled is not changed, and what has ended is not cancelled.

    >>> is_not_over(cancelled=False)
    >>> is_not_over(cancelled=False, ended=True).code
    'INTERVENTION_OVER'
    """
    return Breach("R82", path=path) if cancelled or ended else None


@rule("R81")
def may_come_from_vitas(kind: InterventionKind, path: Path = ()) -> Breach | None:
    """Companies apply for internships, wage subsidies, utility jobs and job rotation."""
    return None if kind.vitas_import else Breach("R81", "FORBIDDEN_KIND", path)


@rule("R81")
def fits_the_plan(too_long: Sequence[Breach]) -> Finding | None:
    """An import with a text that is too long waits for a caseworker; nothing of it is cut.

    >>> fits_the_plan([])
    >>> fits_the_plan([Breach("R80", path=("input", "why"), limit=9, length=10)]).path
    ('input', 'why')
    """
    return Finding("R81", path=too_long[0].path) if too_long else None


@rule("R22", "R23", "R19")
def may_be_created_by(
    kind: InterventionKind,
    scheme: str | None,
    own: Authority,
    responsible: Authority | None,
    fund_six_week: bool = True,
    path: Path = (),
) -> Breach | None:
    """The jobcenter creates every kind at any time; a fund its own, while it is responsible.

    A fund's kinds are other agreed interventions and, of education, six-week job training if the
    policy `fund_six_week` is on.
    """
    if own is Authority.JOBCENTER:
        return None
    is_education = kind.code == "EDUCATION"
    if not kind.fund_may_create or (is_education and scheme != SIX_WEEK_JOB_TRAINING):
        return Breach("R22", path=path)
    if is_education and not fund_six_week:
        return Breach("R23", path=path)
    return is_responsible(own, responsible, path)


@rule("R76")
def is_complete(draft: InterventionDraft, kind: InterventionKind, path: Path = ()) -> list[Breach]:
    """What, start date and why; where, or for an aid who; form and category of an aid.

    One breach per missing field, each naming all of them; fields as in `REQUIRED_FIELDS`.
    """
    filled = _filled(draft, kind)
    wanted = ("description", "start_date", "why", *REQUIRED_FIELDS[kind.type_name])
    missing = tuple(field for field in wanted if not filled[field])
    if kind.code == "EDUCATION" and draft.scheme is None:
        missing += ("scheme",)
    return [
        Breach("R76", path=(*path, _PATHS.get(field, text.camel(field))), missing=missing)
        for field in missing
    ]


def _filled(draft: InterventionDraft, kind: InterventionKind) -> Mapping[str, bool]:
    places = _WHERE.get(kind.type_name, ("place", "workplace"))
    texts: dict[str, Sequence[str | None]] = {
        "description": (draft.description,),
        "why": (draft.why,),
        "where": [getattr(draft, field) for field in places],
        "who": (draft.contact_name, draft.provider),
        "aid_form": (draft.aid_form,),
        "aid_category": (draft.aid_category,),
    }
    filled = {name: any((t or "").strip() for t in written) for name, written in texts.items()}
    return {**filled, "start_date": draft.start_date is not None}


@rule("R78")
def has_period(
    start: date | None, end: date | None, kind: InterventionKind, path: Path = ()
) -> Breach | None:
    """The end is no earlier than the start (one day is a period); only some kinds have none.

    >>> mentor = InterventionKind("MENTOR", "MentorIntervention", "Mentorstøtte")
    >>> day = date(2026, 3, 1)
    >>> has_period(day, None, mentor), has_period(day, day, mentor)
    (None, None)
    >>> has_period(day, date(2026, 2, 28), mentor).code
    'INVALID_PERIOD'
    """
    if end is None:
        return None if kind.may_have_open_end else Breach("R78", path=path)
    return Breach("R78", path=path) if start is not None and end < start else None


@rule("R79")
def hours_fit(hours: int | None, minutes: int | None, path: Path = ()) -> list[Breach]:
    """Hours and minutes a week are each 0-59.

    >>> hours_fit(59, 59), hours_fit(None, 0)
    ([], [])
    >>> [b.path for b in hours_fit(60, -1)]
    [('hoursPerWeek',), ('minutesPerWeek',)]
    """
    numbers = {"hoursPerWeek": hours, "minutesPerWeek": minutes}
    return [
        Breach("R79", path=(*path, field), limit=HOURS_LIMIT)
        for field, number in numbers.items()
        if number is not None and not 0 <= number <= HOURS_LIMIT
    ]


@rule("R83")
def course_is_registered(group: TargetGroup, kinds: Collection[str]) -> Finding | None:
    """A resource programme or job clarification has its social and health interventions.

    kinds: of the interventions that the plan holds. Whether the course has such parts is not
    known here, so this only warns.
    """
    if group.code not in _COURSE_GROUPS or {"SOCIAL", "HEALTH"} & set(kinds):
        return None
    return Finding("R83")


@rule("R94")
def links_to_a_goal(goal_ids: Sequence[str], path: Path = ()) -> Finding | None:
    """An intervention serves a goal of the plan.

    >>> links_to_a_goal(["g1"])
    >>> links_to_a_goal([]).code
    'NO_GOAL_LINK'
    """
    return None if goal_ids else Finding("R94", path=path)


def intervention(
    draft: InterventionDraft,
    kind: InterventionKind,
    own: Authority,
    responsible: Authority | None,
    published_on: date,
    fund_six_week: bool = True,
    limits: Mapping[str, int] | None = None,
    path: Path = ("input",),
) -> list[Breach | Finding | None]:
    """All rules for an intervention to be written; an offer also has those of `offer`.

    published_on: the day it was first in the plan, today for a new one. limits: configured lengths
    by field (code points) that replace the defaults.
    """
    start = draft.start_date
    return [
        may_be_created_by(kind, draft.scheme, own, responsible, fund_six_week, (*path, "kind")),
        *is_complete(draft, kind, path),
        has_period(start, draft.end_date, kind, (*path, "endDate")),
        None
        if start is None
        else starts_in_the_plan(start, published_on, draft.origin, (*path, "startDate")),
        *hours_fit(draft.hours_per_week, draft.minutes_per_week, path),
        *text.all_fit(draft, {**text.INTERVENTION, **(limits or {})}, path),
        is_in_own_words(draft.description, (*path, "description")),
        is_in_own_words(draft.why, (*path, "why")),
        links_to_a_goal(draft.goal_ids, (*path, "goalIds")),
    ]
