"""Offers under LAB ch. 11-14: notice, phone call and reason (R49, R90-R93).

An offer is an intervention whose kind says so: `InterventionKind.is_offer(scheme)` (R93).
"""

from datetime import date, timedelta
from typing import Final

from app.domain.intervention import InterventionDraft, InterventionKind, Notice
from app.rules.breach import Breach, Path, rule

NOTICE_BASES: Final = frozenset({"CONVERSATION", "LETTER", "PHONE", "OTHER"})
DEFAULT_NOTICE_DAYS: Final = 8


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
    notice_days: int = DEFAULT_NOTICE_DAYS,
    basis: str | None = None,
    path: Path = (),
) -> Breach | None:
    """An offer starts more than `notice_days` calendar days after it became available.

    The day it becomes available is day 0: available 1 March, 8 days -> earliest 10 March. A
    citizen who was told the date in another way (`basis`) needs no notice by the plan.

    >>> starts_after_notice(date(2026, 3, 10), date(2026, 3, 1), notice_days=8)
    >>> starts_after_notice(date(2026, 3, 9), date(2026, 3, 1), notice_days=8).code
    'OFFER_TOO_EARLY'
    >>> starts_after_notice(date(2026, 3, 9), date(2026, 3, 1), basis="LETTER")
    """
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
    notice_days: int = DEFAULT_NOTICE_DAYS,
    path: Path = ("input",),
) -> list[Breach | None]:
    """All rules for an offer to be published; `published_on` is today."""
    start = draft.start_date
    basis = draft.notice.basis
    return [
        None
        if start is None
        else starts_after_notice(start, published_on, notice_days, basis, (*path, "startDate")),
        notice_is_stored(draft.notice, published_on, path),
        was_phoned_first(draft.notice, right_and_duty, published_on, (*path, "contactAttempts")),
        has_shortage_reason(
            shortage_status, draft.outside_shortage_reason, (*path, "outsideShortageReason")
        ),
    ]
