"""Events as signed HTTP requests, in the manner of the Standard Webhooks specification 1.0.

Every attempt of an event carries the same `webhook-id` and the same body, so a request that may
have arrived can be sent again: the receiver knows it by its id. The signature covers id, time of
the attempt and body, once for each secret, so that a secret can be replaced while both count.
"""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

import httpx

from app.channels.contract import SendFailure, TryAgain, Undeliverable
from app.channels.web import MAX_ANSWER_BYTES, Timeouts, retry_after

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"

TOLERANCE_SECONDS: Final = 300
"""How far the signed time may be from the receiver's clock."""

_COMES_BACK: Final = frozenset({408, 425, 429})
"""The 4xx answers that say that a later attempt may succeed."""
_OF_OUR_SETTINGS: Final = frozenset({401, 403, 404})
"""The 4xx answers to a wrong secret or path: they are of the whole stream, not of the event."""
_HEADERS: Final = {
    "Content-Type": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "minplan-events/1",
}


def signature(secrets: Sequence[bytes], event_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one `v1,<base64>` a secret, with spaces between."""
    signed = b".".join((event_id.encode(), str(timestamp).encode(), body))
    return " ".join(
        f"v1,{base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()}"
        for secret in secrets
    )


def is_signed(
    secrets: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: float
) -> bool:
    """Whether a request is one that a holder of a secret signed within five minutes of `now`."""
    event_id, stamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not (event_id and stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return False
    if abs(now - int(stamp)) > TOLERANCE_SECONDS:
        return False
    given = [one.encode() for one in headers.get(SIGNATURE, "").split()]
    expected = signature(secrets, event_id, int(stamp), body).encode().split()
    return any(hmac.compare_digest(one, other) for one in given for other in expected)


class Webhook:
    """Sends events to one receiver."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        url: str,
        secrets: Sequence[bytes],
        timeouts: Timeouts | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """secrets: those that sign, one or more. clock: real seconds since 1970, as receivers have.

        Raises ValueError without a secret.
        """
        if not secrets:
            raise ValueError("events must be signed: a secret is needed")
        self._client = client
        self._url = url
        self._secrets = tuple(secrets)
        self._timeouts = timeouts or Timeouts()
        self._clock = clock

    async def send(self, event_id: UUID, body: bytes) -> None:
        """Hand one event over; returns when the receiver has answered 2xx.

        Raises TryAgain or Undeliverable, and nothing else. TryAgain does not say that nothing
        arrived: the receiver drops an id that it has had before.
        """
        # Raised outside every handler: an exception of the HTTP library holds the request.
        failure = await self._exchange(event_id, body)
        if failure is not None:
            raise failure

    async def _exchange(self, event_id: UUID, body: bytes) -> SendFailure | None:
        try:
            async with asyncio.timeout(self._timeouts.total):
                status, wish = await self._post(event_id, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError):
            return TryAgain("receiver_unreachable")
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL):
            return TryAgain("receiver_settings", operator=True)
        except (TimeoutError, httpx.TimeoutException):
            return TryAgain("no_answer_in_time")
        except (httpx.HTTPError, httpx.StreamError, OSError, RuntimeError):
            # RuntimeError: the client was closed meanwhile
            return TryAgain("answer_lost")
        return judge(status, wish)

    async def _post(self, event_id: UUID, body: bytes) -> tuple[int, float | None]:
        connect, read, _ = self._timeouts
        stamp = int(self._clock())
        signed = {
            ID: str(event_id),
            TIMESTAMP: str(stamp),
            SIGNATURE: signature(self._secrets, str(event_id), stamp, body),
        }
        request = self._client.stream(
            "POST",
            self._url,
            content=body,
            headers=_HEADERS | signed,
            follow_redirects=False,
            timeout=httpx.Timeout(read, connect=connect, pool=connect),
        )
        async with request as response:
            size = 0
            # read to its end, so that the connection serves the next event too
            async for chunk in response.aiter_raw():
                size += len(chunk)
                if size > MAX_ANSWER_BYTES:
                    break
            return response.status_code, retry_after(response)


def judge(status: int, wish: float | None) -> SendFailure | None:
    """What the receiver's status means for the event; None: it has been taken.

    A refusal (4xx) is of this event and stays one: it is kept as dead, and the operator is told.
    What a wrong secret or path is answered with waits for the operator. A redirect does too: it is
    never followed, since it would carry the event elsewhere.

    >>> judge(204, None), judge(410, None), judge(503, 7.0), judge(401, None)
    (None, Undeliverable('receiver_410'), TryAgain('receiver_503'), TryAgain('receiver_401'))
    """
    reason = f"receiver_{status}"
    if 200 <= status < 300:
        return None
    if status >= 500 or status in _COMES_BACK:
        return TryAgain(reason, retry_after=wish)
    if 400 <= status < 500 and status not in _OF_OUR_SETTINGS:
        return Undeliverable(reason, operator=True)
    return TryAgain(reason, operator=True, retry_after=wish)
