"""One-time codes that verify a number or an address: drawn when sent, kept as a keyed hash."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from app.rules.contact_code import DIGITS, TRIES, VALID_FOR
from app.store.db import Connection
from app.store.deliveries import Attempt
from app.store.queries import queries

_PURPOSE: Final = b"minplan contact code"


class CodeSeal:
    """The keyed hash of codes: there are few enough of them to try all, but not without the key."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def hash(self, code_id: UUID, code: str) -> bytes:
        """HMAC-SHA256 of one asked-for code (32 bytes): the same digits differ from row to row."""
        return hmac.digest(self._key, _PURPOSE + code_id.bytes + code.encode("ascii"), "sha256")

    def fits(self, code_id: UUID, code: str, stored: bytes) -> bool:
        """Whether `code` (digits) is the one; takes as long either way."""
        return hmac.compare_digest(self.hash(code_id, code), stored)


class Aside(Protocol):
    """Runs a query in a transaction of its own, that the operation's cannot undo."""

    async def fetchval(self, query: str, *args: object) -> Any: ...


@dataclass(frozen=True, slots=True)
class ContactCodes:
    """What an operation needs in order to try a code."""

    seal: CodeSeal
    aside: Aside

    async def may_try(self, code_id: UUID) -> bool:
        """Uses up one try, whatever becomes of the operation; False when none is left."""
        return await self.aside.fetchval("take_contact_try", code_id, TRIES) is not None


async def draw_code(
    connection: Connection, seal: CodeSeal, attempt: Attempt, now: datetime
) -> str | None:
    """A new code for an attempt, its hash stored: what was drawn before is worth nothing.

    None when nobody waits for it any more, or another worker has taken the message over.
    """
    assert attempt.contact_code_id is not None
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    stored = await connection.fetchval(
        queries()["store_contact_code"],
        attempt.contact_code_id,
        seal.hash(attempt.contact_code_id, code),
        now + VALID_FOR,
        attempt.delivery_id,
        attempt.number,
    )
    return code if stored else None
