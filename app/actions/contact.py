"""One-time codes: a new number or address is used once the citizen has shown to receive there."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.notice import Channel, NotificationPreference
from app.rules.breach import Answer
from app.rules.contact_code import (
    DAY,
    DIGITS,
    VALID_FOR,
    code_fits,
    code_is_open,
    may_ask_for_code,
)
from app.store.work import Work

CHANNELS: Final = (Channel.SMS, Channel.EMAIL)
ADDRESS_FIELD: Final = {Channel.SMS: "smsNumber", Channel.EMAIL: "emailAddress"}
_CODE: Final = re.compile(rf"[0-9]{{{DIGITS}}}")
_PATH: Final = ("input", "code")


async def may_ask(work: Work, citizen_id: UUID, channels: Sequence[Channel]) -> list[Answer]:
    """The limits on codes, for each channel that would get one."""
    return [
        may_ask_for_code(
            await _asked(work, citizen_id, channel), work.now, ("input", ADDRESS_FIELD[channel])
        )
        for channel in channels
    ]


async def ask_for_code(work: Work, citizen_id: UUID, channel: Channel) -> None:
    """Has a worker draw and send a code; the one before must have ended."""
    delivery = await work.fetchval("ask_for_contact_code", citizen_id, channel, work.now)
    work.deliveries.append(delivery)


async def end_code(work: Work, citizen_id: UUID, channel: Channel) -> None:
    """What was drawn, or is about to be, verifies nothing any more."""
    await work.execute("end_contact_code", citizen_id, channel, work.now)


async def read_preference(work: Work, citizen_id: UUID) -> NotificationPreference | None:
    row = await work.fetchrow("notification_preference", citizen_id)
    if row is None:
        return None
    return NotificationPreference(
        *(row["sms"], row["sms_number"], row["email"], row["email_address"]),
        *(row["sms_verified"], row["email_verified"]),
    )


async def verify(work: Work, citizen_id: UUID, channel: Channel, code: str) -> None:
    """The citizen (locked) enters a code; nothing happens where the address is verified already.

    A try that can be right counts even if the operation is refused or a preview. Raises
    `RulesBroken` for a code that is wrong, or is none any more.
    """
    preference = await read_preference(work, citizen_id)
    if preference is not None and preference.is_verified(channel):
        return
    row = await work.fetchrow("open_contact_code", citizen_id, channel)
    ends_at = (row["expires_at"] or row["asked_at"] + VALID_FOR) if row is not None else None
    work.check(code_is_open(ends_at, work.now, _PATH))
    assert row is not None and work.codes is not None
    entered = "".join(code.split())
    possible = row["code_hash"] is not None and _CODE.fullmatch(entered) is not None
    work.check(code_fits(possible, _PATH))
    if not await work.codes.may_try(row["contact_code_id"]):
        work.check(code_is_open(None, work.now, _PATH))
    fits = work.codes.seal.fits(row["contact_code_id"], entered, row["code_hash"])
    work.check(code_fits(fits, _PATH))
    await work.execute("verify_contact", citizen_id, channel, work.now)
    await end_code(work, citizen_id, channel)


async def _asked(work: Work, citizen_id: UUID, channel: Channel) -> list[datetime]:
    rows = await work.fetch("contact_codes_asked", citizen_id, channel, work.now - DAY)
    return [row["asked_at"] for row in rows]
