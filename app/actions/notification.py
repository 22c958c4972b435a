"""How the citizen wants to be told, and what the citizen has seen (R122, R123)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.actions.contact import (
    CHANNELS,
    ask_for_code,
    end_code,
    may_ask,
    read_preference,
    verify,
)
from app.domain.absent import ABSENT, Absent, given
from app.domain.contact import email_address, phone_number
from app.domain.notice import Channel, NotificationPreference
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

    def names(self, channel: Channel) -> bool:
        """Whether it says anything of the channel: only then is a code sent."""
        on, where = (
            (self.sms, self.sms_number)
            if channel is Channel.SMS
            else (self.email, self.email_address)
        )
        return not (isinstance(on, Absent) and isinstance(where, Absent))


async def update_notification_preference(work: Work, draft: PreferenceDraft) -> Done:
    """Stores the citizen's own preference; messages that wait follow it when they are sent.

    A channel that is turned on, or named again, with an address that is not verified gets a
    one-time code there. Raises `BadUserInput` for what is no number or address, `RulesBroken` for
    a channel that is on without one and for too many codes.
    """
    citizen_id = await _own(work)
    found = await read_preference(work, citizen_id)
    stored = found or NotificationPreference()
    wanted = _wanted(stored, draft)
    asking = [
        channel
        for channel in CHANNELS
        if draft.names(channel)
        and wanted.is_on(channel)
        and wanted.address(channel)
        and not wanted.is_verified(channel)
    ]
    work.check(has_somewhere_to_send(wanted), *await may_ask(work, citizen_id, asking))
    if wanted != found:
        await work.execute(
            "store_notification_preference",
            *(citizen_id, wanted.sms, wanted.sms_number, wanted.email, wanted.email_address),
            work.now,
        )
    for channel in CHANNELS:
        same = wanted.address(channel) == stored.address(channel)
        if channel in asking or not same or not wanted.is_on(channel):
            await end_code(work, citizen_id, channel)
        if channel in asking:
            await ask_for_code(work, citizen_id, channel)
    return await _kept(work, citizen_id)


async def verify_contact(work: Work, channel: Channel, code: str) -> Done:
    """The citizen enters the code that was sent to the channel's address; then it is in use.

    Raises `RulesBroken` for a code that is wrong, or counts no more.
    """
    citizen_id = await _own(work)
    await verify(work, citizen_id, channel, code)
    return await _kept(work, citizen_id)


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


async def _kept(work: Work, citizen_id: UUID) -> Done:
    kept = await work.fetchrow("notification_preference", citizen_id)
    return Done(citizen_id, None, {"notification_preference": dict(kept or {})})


def _wanted(stored: NotificationPreference, draft: PreferenceDraft) -> NotificationPreference:
    """What is stored with the changes of the draft; a new address is not verified."""
    number = _number(given(draft.sms_number, stored.sms_number))
    address = _address(given(draft.email_address, stored.email_address))
    return NotificationPreference(
        given(draft.sms, stored.sms),
        number,
        given(draft.email, stored.email),
        address,
        sms_verified=stored.sms_verified and number == stored.sms_number,
        email_verified=stored.email_verified and address == stored.email_address,
    )


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
