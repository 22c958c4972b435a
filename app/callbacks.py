"""`POST /callbacks/sms`: what an SMS gateway tells of a message after it has taken it.

The gateway signs each report with a shared secret (a JWT, HS256, in `X-Gwapi-Signature`). What the
token says counts, whatever the body says; the telephone number in it is not even read. The answer
is 200 once the report is committed, and then the gateway is done with it; it repeats what was
answered otherwise, for half a day.

No expiry is demanded: the gateway's tokens have none, and its repetitions are late by nature. An
old token can do no harm. It tells what was told before, which is the same row and changes nothing;
and even one that was held back moves only the message that it was signed for, where the ledger's
state machine allows it, to what the gateway did say of it.
"""

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import HMACAlgorithm, JWSAlgModel
from joserfc.jwk import OctKey
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.identity_keys import SignatureRegistry
from app.store.clock import Clock
from app.store.db import DATABASE_ERRORS, Pool
from app.store.receipts import Verdict, note_receipt
from app.store.together import within
from app.workers.metrics import RECEIPTS
from app.workers.senders import SMS, SMS_FALLBACK

log = logging.getLogger("minplan.callbacks")

PATH: Final = "/callbacks/sms"
SIGNATURE_HEADER: Final = "X-Gwapi-Signature"

MAX_BODY_BYTES: Final = 64 * 1024
MAX_TOKEN_CHARACTERS: Final = 8192
BODY_SECONDS: Final = 4.0
STORE_SECONDS: Final = 8.0
"""With the body's, less than the 15 s after which the gateway takes it for unanswered."""
AT_ONCE: Final = 4
"""Connections that receipts may take from the operations of people."""

PROVIDERS: Final = (SMS, SMS_FALLBACK)
"""Both gateways report to the same address."""

_PART: Final = r"[A-Za-z0-9_-]+"
_TOKEN: Final = re.compile(rf"{_PART}\.{_PART}\.{_PART}", re.ASCII)
_CODE: Final = re.compile(r"0[xX][0-9a-fA-F]{1,8}", re.ASCII)
_PROVIDER_ID: Final = re.compile(r"[!-~]{1,100}")
_EARLIEST: Final = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
_LATEST: Final = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
# All else is on its way still, whatever the gateway calls it.
_FINAL: Final = {
    "DELIVERED": Verdict.DELIVERED,
    "EXPIRED": Verdict.EXPIRED,
    "UNDELIVERABLE": Verdict.FAILED,
    "REJECTED": Verdict.FAILED,
    "SKIPPED": Verdict.FAILED,
    "DELETED": Verdict.FAILED,
}


class _ReportRegistry(SignatureRegistry):
    """HS256 and nothing else: another name is not forbidden, it is unknown."""

    algorithms: dict[str, JWSAlgModel] = {"HS256": HMACAlgorithm(256)}  # noqa: RUF012 - as the base


_REGISTRY: Final = _ReportRegistry(algorithms=("HS256",), strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Report:
    """What a gateway tells. reference: empty when there is none that could be ours."""

    reference: str
    status: str
    verdict: Verdict
    code: str | None
    at: datetime | None
    provider_id: str | None


class SmsCallback:
    """The endpoint. `secrets`: those that may have signed, one or more."""

    def __init__(
        self,
        pool: Pool,
        clock: Clock,
        secrets: Sequence[bytes],
        *,
        body_seconds: float = BODY_SECONDS,
        store_seconds: float = STORE_SECONDS,
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._keys = [OctKey.import_key(secret) for secret in secrets]
        self._body_seconds = body_seconds
        self._store_seconds = store_seconds
        self._places = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, request: Request) -> Response:
        payload = signed_payload(request.headers.get(SIGNATURE_HEADER, ""), self._keys)
        if payload is None:
            RECEIPTS.labels("forged").inc()
            return Response(status_code=401)
        too_bad = await self._read_over(request)
        if too_bad:
            return Response(status_code=too_bad)
        return Response(status_code=200 if await self._store(read_report(payload)) else 503)

    async def _read_over(self, request: Request) -> int:
        """Takes the body off the connection unread; a status when that is asking too much."""
        size = 0
        try:
            async with asyncio.timeout(self._body_seconds):
                async for chunk in request.stream():
                    size += len(chunk)
                    if size > MAX_BODY_BYTES:
                        return 413
        except TimeoutError:
            return 408
        except ClientDisconnect:
            return 400
        return 0

    async def _store(self, report: Report) -> bool:
        """Whether it is committed, or concerns nothing that we know."""
        try:
            is_ours = await within(self._store_seconds, self._noted(report))
        except DATABASE_ERRORS as error:
            log.warning("a receipt cannot be stored: %s", type(error).__name__)
            return False
        RECEIPTS.labels(report.verdict if is_ours else "unknown").inc()
        return True

    async def _noted(self, report: Report) -> bool:
        """Whether it is of a message of ours. Keeps its place as long as its connection."""
        async with self._places, self._pool.acquire(timeout=self._store_seconds) as connection:
            return await note_receipt(
                connection,
                reference=report.reference,
                provider=PROVIDERS,
                status=report.status,
                verdict=report.verdict,
                code=report.code,
                at=report.at,
                now=self._clock().now,
                provider_id=report.provider_id,
            )


def signed_payload(token: str, keys: Sequence[OctKey]) -> bytes | None:
    """What a token carries, if one of the keys has signed it; None for everything else."""
    if len(token) > MAX_TOKEN_CHARACTERS or not _TOKEN.fullmatch(token):
        return None
    try:
        signature = jws.extract_compact(token.encode("ascii"), registry=_REGISTRY)
        if not isinstance(signature.headers(), dict):
            return None
        for key in keys:
            if jws.validate_compact(signature, key, registry=_REGISTRY):
                return signature.payload
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return None


def read_report(payload: bytes) -> Report:
    """The report in a signed payload; whatever is not of its type counts as not told.

    >>> read_report(b'{"userref": "r.1", "status": "EXPIRED", "code": "0x0310", "time": 1e9}').code
    '0x0310'
    >>> read_report(b"[]").verdict, read_report(b"[]").at
    (<Verdict.ACCEPTED: 'ACCEPTED'>, None)
    """
    try:
        told = orjson.loads(payload)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict):
        told = {}
    status = _text(told.get("status"))
    code = _text(told.get("code"))
    return Report(
        reference=_text(told.get("userref")),
        status=status,
        verdict=_FINAL.get(status, Verdict.ACCEPTED),
        code=code.lower() if _CODE.fullmatch(code) else None,
        at=_time(told.get("time")),
        provider_id=_provider_id(told.get("id")),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _time(value: Any) -> datetime | None:
    """Seconds since 1970, in this century."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return datetime.fromtimestamp(value, UTC) if _EARLIEST <= value < _LATEST else None


def _provider_id(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    written = str(value)
    return written if _PROVIDER_ID.fullmatch(written) else None
