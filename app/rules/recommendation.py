"""Joint recommendations by a fund and the citizen, and the first plan (R24-R27)."""

from datetime import date, timedelta
from typing import Final

from app.domain.authority import Authority
from app.domain.intervention import InterventionKind
from app.rules.breach import Breach, Finding, Path, rule

FIRST_PLAN_DAYS: Final = 14


@rule("R24")
def citizen_agrees(agrees: bool, path: Path = ("input", "citizenAgrees")) -> Breach | None:
    """A recommendation is sent only when the citizen agrees.

    >>> citizen_agrees(False).code
    'RECOMMENDATION_REQUIRES_AGREEMENT'
    """
    return None if agrees else Breach("R24", path=path)


@rule("R24")
def may_be_recommended(kind: InterventionKind, path: Path = ()) -> Breach | None:
    """A fund recommends kinds that it may know of, and none that are hidden from it.

    >>> may_be_recommended(InterventionKind("MENTOR", "MentorIntervention", "Mentorstøtte"))
    >>> hidden = InterventionKind("AID", "AidIntervention", "Hjælpemiddel", hidden_from_fund=True)
    >>> may_be_recommended(hidden).code
    'FORBIDDEN_KIND'
    """
    return Breach("R24", "FORBIDDEN_KIND", path=path) if kind.hidden_from_fund else None


@rule("R25")
def fund_is_responsible(responsible: Authority | None) -> Breach | None:
    """A fund recommends only in its own period.

    >>> fund_is_responsible(Authority.UNEMPLOYMENT_FUND)
    >>> fund_is_responsible(Authority.JOBCENTER).code
    'NOT_RESPONSIBLE'
    """
    return None if responsible is Authority.UNEMPLOYMENT_FUND else Breach("R25")


@rule("R26")
def is_undecided(status: str, path: Path = ()) -> Breach | None:
    """The jobcenter decides a recommendation once.

    >>> is_undecided("SENT")
    >>> is_undecided("REJECTED").code
    'ALREADY_DECIDED'
    """
    return None if status == "SENT" else Breach("R26", path=path)


@rule("R27")
def first_plan_is_in_time(registered_on: date, today: date, has_plan: bool) -> Finding | None:
    """The first plan of a dagpenge recipient is there two weeks after registration.

    >>> first_plan_is_in_time(date(2026, 3, 1), date(2026, 3, 15), has_plan=False)
    >>> first_plan_is_in_time(date(2026, 3, 1), date(2026, 3, 16), has_plan=False).code
    'FIRST_PLAN_OVERDUE'
    """
    deadline = registered_on + timedelta(days=FIRST_PLAN_DAYS)
    return None if has_plan or today <= deadline else Finding("R27", deadline=deadline)
