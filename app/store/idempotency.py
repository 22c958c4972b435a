"""What a mutation answered, kept for a client that does not know whether it was carried out.

The answer is written in the operation's own transaction: it is kept if, and only if, the change
is. So nothing is kept of an operation that stored nothing (a broken rule, an error): to send it
again does no harm. The first of several twins takes the row; the others wait for it there.
"""

import hmac
import os
import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from app.domain.viewer import Viewer
from app.errors import IdempotencyConflict, IdempotencyInProgress, NotFound
from app.store.work import Work

VALID_FOR: Final = timedelta(hours=24)
"""How long an answer is kept, by the application's clock."""

_CLAIM: Final = b"minplan idempotency claim"
_REQUEST: Final = b"minplan idempotency request"
_ANSWER: Final = b"minplan idempotency answer"
_NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Kept:
    """The first answer's data, and the citizens whose plan it shows."""

    data: dict[str, Any]
    shown: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Once:
    """One keyed operation: the first to come with it is carried out, its twins get the answer.

    claim: who asks, with which key; request: what for; both keyed hashes (32 bytes). cipher: for
    the answer; nobody has its key who has not both the server's and the client's.
    """

    claim: bytes
    request: bytes
    cipher: AESGCMSIV
    wait_seconds: float

    async def claimed(self, work: Work) -> Kept | None:
        """None for the first, who must `keep` what it answers; else what the first answered.

        The operation's first statement, so that who waits here holds up nobody. Raises
        `IdempotencyInProgress` when the first takes too long, `IdempotencyConflict` when the key
        served for something else, `NotFound` when a right is lost that the answer needs.
        """
        try:
            first = await work.connection.fetchval(
                work.statement("claim_answer"),
                *(self.claim, self.request, work.now, work.now - VALID_FOR),
                timeout=self.wait_seconds,
            )
        except TimeoutError:
            raise IdempotencyInProgress from None
        return None if first else await self._kept(work)

    async def keep(self, work: Work, data: dict[str, Any], citizens: set[UUID]) -> None:
        """Stores the answer. citizens: all that it is about."""
        viewer = work.viewer
        await work.execute(
            "keep_answer",
            *(self.claim, self._sealed(data), list(citizens), list(work.shown)),
            *(viewer.role, viewer.organisation_code, viewer.citizen_id, work.today),
        )

    async def _kept(self, work: Work) -> Kept:
        viewer = work.viewer
        row = await work.fetchrow(
            "kept_answer",
            *(self.claim, viewer.role, viewer.organisation_code, viewer.citizen_id, work.today),
        )
        assert row is not None  # it was found just now, and is held
        if not hmac.compare_digest(row["request"], self.request):
            raise IdempotencyConflict
        if not row["may_see"]:
            raise NotFound
        return Kept(self._opened(row["answer"]), frozenset(row["shown"]))

    def _sealed(self, data: dict[str, Any]) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        plain = zlib.compress(orjson.dumps(data), level=1)
        return nonce + self.cipher.encrypt(nonce, plain, self.request)

    def _opened(self, stored: bytes) -> dict[str, Any]:
        nonce, sealed = stored[:_NONCE_BYTES], stored[_NONCE_BYTES:]
        plain = zlib.decompress(self.cipher.decrypt(nonce, sealed, self.request))
        data: dict[str, Any] = orjson.loads(plain)
        return data


class Idempotency:
    """Makes the `Once` of a request.

    wait_seconds: how long a twin waits for the first.
    """

    __slots__ = ("_key", "_wait_seconds")

    def __init__(self, key: bytes, wait_seconds: float) -> None:
        self._key = key
        self._wait_seconds = wait_seconds

    def once(
        self,
        viewer: Viewer,
        key: str,
        document: str,
        operation_name: str | None,
        variables: dict[str, Any] | None,
    ) -> Once:
        """The same for the same body, whatever the order of the keys in its objects.

        document: its text, also where an identifier stood for it.
        """
        asker = (viewer.role, viewer.subject, viewer.organisation_code, viewer.citizen_id, key)
        owner = orjson.dumps(asker)
        body = orjson.dumps(
            (document, operation_name, variables or {}), option=orjson.OPT_SORT_KEYS
        )
        return Once(
            claim=hmac.digest(self._key, _CLAIM + owner, "sha256"),
            request=hmac.digest(self._key, _REQUEST + body, "sha256"),
            cipher=AESGCMSIV(hmac.digest(self._key, _ANSWER + owner, "sha256")),
            wait_seconds=self._wait_seconds,
        )
