"""Offers under LAB ch. 11-14: notice, phone call and reason (R49, R90-R93).

An offer is an intervention whose kind says so: `InterventionKind.is_offer(scheme)` (R93).
"""

from datetime import date, timedelta
from typing import Final

from app.domain.intervention import InterventionDraft, InterventionKind, Notice
from app.rules.breach import Breach, Path, rule

NOTICE_BASES: Final = frozenset({"CONVERSATION", "LETTER", "PHONE", "OTHER"})


@rule("R93")
def is_offer(kind: InterventionKind, scheme: str | None = None) -> bool:
    """Whether R49, R90 and R92 apply.

    >>> education = InterventionKind("EDUCATION", "EducationIntervention", "Uddannelse")
    >>> is_offer(education, "ORDINARY_EDUCATION"), is_offer(education, "SIX_WEEK_JOB_TRAINING")
    (True, False)
    """
    return kind.is_offer(scheme)


@rule("R90", "R91")
def starts_after_notice(
    starts_on: date,
    available_on: date,
    notice_days: int | None,
    basis: str | None = None,
    path: Path = (),
) -> Breach | None:
    """An offer starts more than `notice_days` calendar days after it became available.

    The day it becomes available is day 0: available 1 March, 8 days -> earliest 10 March. A
    citizen who was told the date in another way (`basis`) needs no notice by the plan. None: no
    policy asks for notice (C23).

    >>> starts_after_notice(date(2026, 3, 10), date(2026, 3, 1), notice_days=8)
    >>> starts_after_notice(date(2026, 3, 9), date(2026, 3, 1), notice_days=8).code
    'OFFER_TOO_EARLY'
    >>> starts_after_notice(date(2026, 3, 9), date(2026, 3, 1), 8, basis="LETTER")
    """
    if notice_days is None:
        return None
    earliest = available_on + timedelta(days=notice_days + 1)
    if starts_on >= earliest or basis in NOTICE_BASES:
        return None
    return Breach("R90", path=path, earliest=earliest)


@rule("R91")
def notice_is_stored(notice: Notice, today: date, path: Path = ()) -> Breach | None:
    """The basis of a notice and its date come together, and the date is not in the future.

    >>> notice_is_stored(Notice("LETTER", date(2026, 3, 1)), date(2026, 3, 1))
    >>> notice_is_stored(Notice("LETTER"), date(2026, 3, 1)).code
    'INTERVENTION_INCOMPLETE'
    >>> notice_is_stored(Notice("LETTER", date(2026, 3, 2)), date(2026, 3, 1)).code
    'INVALID_PERIOD'
    """
    if (notice.basis is None) != (notice.notified_on is None):
        field = "noticeOn" if notice.notified_on is None else "noticeBasis"
        return Breach("R91", path=(*path, field))
    if notice.notified_on is not None and notice.notified_on > today:
        return Breach("R91", "INVALID_PERIOD", (*path, "noticeOn"))
    return None


@rule("R92")
def was_phoned_first(
    notice: Notice, right_and_duty: bool, published_on: date, path: Path = ()
) -> Breach | None:
    """A right-and-duty person was phoned at least once before the offer was published.

    Not when the offer was told in a conversation. A call on the day of publication counts.

    >>> from app.domain.intervention import ContactAttempt
    >>> called = Notice(contact_attempts=(ContactAttempt(date(2026, 3, 1), reached=False),))
    >>> was_phoned_first(called, right_and_duty=True, published_on=date(2026, 3, 1))
    >>> was_phoned_first(called, right_and_duty=True, published_on=date(2026, 2, 28)).code
    'PHONE_ATTEMPT_REQUIRED'
    """
    if not right_and_duty or notice.basis == "CONVERSATION":
        return None
    if any(attempt.attempted_on <= published_on for attempt in notice.contact_attempts):
        return None
    return Breach("R92", path=path)


@rule("R92")
def call_was_made(attempted_on: date, today: date, path: Path = ()) -> Breach | None:
    """A call is recorded when it was made, not before.

    >>> call_was_made(date(2026, 3, 1), today=date(2026, 3, 1))
    >>> call_was_made(date(2026, 3, 2), today=date(2026, 3, 1)).code
    'INVALID_PERIOD'
    """
    return Breach("R92", "INVALID_PERIOD", path) if attempted_on > today else None


@rule("R92")
def call_may_be_notice(is_notice: bool, reached: bool, path: Path = ()) -> Breach | None:
    """Only a call in which the citizen was reached told the start date.

    >>> call_may_be_notice(is_notice=True, reached=True)
    >>> call_may_be_notice(is_notice=True, reached=False).code
    'NOT_REACHED'
    """
    return Breach("R92", "NOT_REACHED", path) if is_notice and not reached else None


@rule("R93")
def calls_concern_offer(is_offer: bool, path: Path = ()) -> Breach | None:
    """Calls are recorded about offers only.

    >>> calls_concern_offer(is_offer=True)
    >>> calls_concern_offer(is_offer=False).code
    'NOT_AN_OFFER'
    """
    return None if is_offer else Breach("R93", "NOT_AN_OFFER", path)


@rule("R49")
def has_shortage_reason(shortage_status: str, reason: str | None, path: Path = ()) -> Breach | None:
    """An offer outside the shortage areas of the region has a reason.

    shortage_status: IN_SHORTAGE, NOT_IN_SHORTAGE or UNKNOWN (no check).

    >>> has_shortage_reason("UNKNOWN", None), has_shortage_reason("NOT_IN_SHORTAGE", "Aftalt")
    (None, None)
    >>> has_shortage_reason("NOT_IN_SHORTAGE", None).code
    'REASON_REQUIRED'
    """
    if shortage_status != "NOT_IN_SHORTAGE" or (reason or "").strip():
        return None
    return Breach("R49", path=path)


def offer(
    draft: InterventionDraft,
    right_and_duty: bool,
    shortage_status: str,
    published_on: date,
    notice_days: int | None,
    path: Path = ("input",),
    *,
    today: date | None = None,
    asks_notice: bool = True,
) -> list[Breach | None]:
    """All rules for an offer to be published.

    published_on: the day its start date became available; today unless `today` says otherwise.
    asks_notice: False where neither the start nor its notice is new, so that R90 and R92 were asked
    when they were.
    """
    start = draft.start_date
    basis = draft.notice.basis
    calls = (*path, "contactAttempts")
    asked: list[Breach | None] = []
    if asks_notice:
        if start is not None:
            where = (*path, "startDate")
            asked.append(starts_after_notice(start, published_on, notice_days, basis, where))
        asked.append(was_phoned_first(draft.notice, right_and_duty, published_on, calls))
    return [
        *asked,
        notice_is_stored(draft.notice, today or published_on, path),
        *(
            call_was_made(call.attempted_on, today or published_on, (*calls, place, "at"))
            for place, call in enumerate(draft.notice.contact_attempts)
        ),
        has_shortage_reason(
            shortage_status, draft.outside_shortage_reason, (*path, "outsideShortageReason")
        ),
    ]
