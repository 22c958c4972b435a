"""How the citizen wants to be told, and what the citizen has seen (R122, R123)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.absent import ABSENT, Absent, given
from app.domain.contact import email_address, phone_number
from app.domain.notice import NotificationPreference
from app.errors import BadUserInput, Forbidden, NotFound
from app.rules.notice import has_somewhere_to_send
from app.store.cases import lock_case
from app.store.work import Done, Work


@dataclass(frozen=True, slots=True)
class PreferenceDraft:
    """What is `ABSENT` stays; None removes a number or address."""

    sms: bool | Absent = ABSENT
    sms_number: str | Absent | None = ABSENT
    email: bool | Absent = ABSENT
    email_address: str | Absent | None = ABSENT


async def update_notification_preference(work: Work, draft: PreferenceDraft) -> Done:
    """Stores the citizen's own preference; messages that wait follow it when they are sent.

    Raises `BadUserInput` for what is no number or address, `RulesBroken` for a channel that is
    on without one.
    """
    citizen_id = await _own(work)
    row = await work.fetchrow("notification_preference", citizen_id)
    stored = NotificationPreference()
    if row is not None:
        stored = NotificationPreference(
            row["sms"], row["sms_number"], row["email"], row["email_address"]
        )
    wanted = NotificationPreference(
        given(draft.sms, stored.sms),
        _number(given(draft.sms_number, stored.sms_number)),
        given(draft.email, stored.email),
        _address(given(draft.email_address, stored.email_address)),
    )
    work.check(has_somewhere_to_send(wanted))
    if wanted != stored or row is None:
        await work.execute(
            "store_notification_preference",
            *(citizen_id, wanted.sms, wanted.sms_number, wanted.email, wanted.email_address),
            work.now,
        )
    kept = await work.fetchrow("notification_preference", citizen_id)
    return Done(citizen_id, None, {"notification_preference": dict(kept or {})})


async def mark_notifications_seen(work: Work, ids: Sequence[UUID] | None) -> Done:
    """Marks notices as seen, all of them when `ids` is None; those seen before stay so.

    Answers the ids now marked. Raises `NotFound` when one of the ids is not the citizen's.
    """
    citizen_id = await _own(work)
    if ids is not None:
        own = await work.fetchval("count_own_notices", citizen_id, list(ids))
        if own != len(set(ids)):
            raise NotFound("There is no such notification.")
    rows = await work.fetch(
        "mark_notices_seen", citizen_id, None if ids is None else list(ids), work.now
    )
    return Done(citizen_id, None, {"seen": [row["notice_id"] for row in rows]})


async def _own(work: Work) -> UUID:
    """The viewer as the citizen, locked; raises `Forbidden` for staff."""
    citizen_id = work.viewer.citizen_id
    if citizen_id is None:
        raise Forbidden("Only the citizen may do this.")
    await lock_case(work, citizen_id)
    return citizen_id


def _number(text: str | None) -> str | None:
    if text is None or not text.strip():
        return None
    number = phone_number(text)
    if number is None:
        raise BadUserInput("This is not a telephone number.", path=("input", "smsNumber"))
    return number


def _address(text: str | None) -> str | None:
    if text is None or not text.strip():
        return None
    address = email_address(text)
    if address is None:
        raise BadUserInput("This is not an e-mail address.", path=("input", "emailAddress"))
    return address
