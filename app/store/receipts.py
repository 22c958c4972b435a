"""What providers tell of a message after they have taken it: noted once, folded into the ledger.

A receipt may come twice, late, out of order, or before the provider's own answer has been settled.
None of this matters: it is a row whose key is what was told, and what the rows make of a message is
worked out from all of them (`settle_by_receipts`). While a claim holds the message nothing more
happens, because whoever settles the claim folds the receipts himself.
"""

import logging
import re
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.store.db import Connection
from app.store.queries import queries

log = logging.getLogger("minplan.receipts")

_REFERENCE: Final = re.compile(
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([1-9][0-9]{0,4})", re.ASCII
)
_LARGEST_NUMBER: Final = 2**15 - 1
_STATUS: Final = re.compile(r"[A-Z][A-Z_]{0,39}", re.ASCII)
# It becomes the reason at the message: it must not read like one of our own, which are words.
_CODE: Final = re.compile(r"[0-9][0-9A-Za-z.]{0,19}", re.ASCII)
_NO_ATTEMPT: Final = (UUID(int=0), 0)
_NO_STATUS: Final = "UNKNOWN"


class Verdict(StrEnum):
    """What a provider's status means for the message; ACCEPTED: it has it, and nothing is final."""

    ACCEPTED = "ACCEPTED"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


async def note_receipt(
    connection: Connection,
    *,
    reference: str,
    provider: str | tuple[str, ...],
    status: str,
    verdict: Verdict,
    code: str | None,
    at: datetime | None,
    now: datetime,
    provider_id: str | None = None,
) -> bool:
    """Notes one receipt, in a transaction of its own; whether the provider has such a message.

    reference: what the provider quotes, `<delivery_id>.<number>`. provider: its name in the
    ledger, or those that it may have. status: its own word, upper case; code: its own number
    (`0x0310`, `5.1.1`); what does not look like one is not kept. at: its own time, None when it
    told none. provider_id: its own id of the message, where it told one. Raises `DATABASE_ERRORS`;
    then nothing is noted.

    A receipt with another id than the answer had counts all the same: that a message of this
    reference reached the phone is true whatever its number, and the outcome must not depend on
    whether the answer or the receipt was stored first. The operator is told, since it means that
    the provider took the message twice.
    """
    delivery_id, number = _attempt(reference)
    async with connection.transaction():
        # A statement of its own, so that the next one sees what the holder of the lock committed.
        await connection.execute(queries()["lock_receipt_delivery"], delivery_id)
        noted = await connection.fetchrow(
            queries()["note_receipt"],
            delivery_id,
            number,
            [provider] if isinstance(provider, str) else provider,
            status if _STATUS.fullmatch(status) else _NO_STATUS,
            verdict,
            code if code and _CODE.fullmatch(code) else None,
            at,
            provider_id,
            now,
        )
        # What was told before changes nothing. The statement runs all the same: whoever measures
        # the answer's time learns nothing of which references there are.
        is_new = noted is not None and noted["is_new"]
        await connection.execute(
            queries()["settle_by_receipts"], [delivery_id] if is_new else [], now
        )
    if noted is not None and is_new and noted["has_other_id"]:
        log.warning("delivery %s, attempt %s: taken under two ids", delivery_id, number)
    return noted is not None


def _attempt(reference: str) -> tuple[UUID, int]:
    """Delivery and number of a reference; those of none when it is not one of ours."""
    parts = _REFERENCE.fullmatch(reference)
    if parts is None or int(parts[2]) > _LARGEST_NUMBER:
        return _NO_ATTEMPT
    return UUID(parts[1]), int(parts[2])
