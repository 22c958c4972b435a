"""SMS through GatewayAPI's REST interface (`POST /rest/mtsms`).

The gateway knows no idempotency key: a message that may have been accepted must not be sent again
by the channel itself, so everything that fails after the request has left is `Uncertain`. Refusals
are told apart by the gateway's own error code: the recipient's fault, or the operator's.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx
import orjson

from app.channels import gsm7
from app.channels.contract import (
    Accepted,
    Message,
    SendFailure,
    TryAgain,
    Uncertain,
    Undeliverable,
    encodable,
)
from app.channels.web import MAX_ANSWER_BYTES, Timeouts, retry_after

# Blacklisted, named twice, filtered by the recipient's own wish: no later attempt changes it.
RECIPIENT_REFUSED = frozenset({0x0215, 0x0310, 0x0312})
# No credit, account frozen.
ACCOUNT_REFUSED = frozenset({0x0216, 0x022A})

# An unpacked answer cannot outgrow MAX_ANSWER_BYTES when none is packed.
_HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}
_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}|[0-9]{1,15}")
_SEPARATORS = re.compile(r"[ \u00a0().\-]")


class Answer(NamedTuple):
    """Status, the wish of a `Retry-After` header in seconds, and the decoded JSON object if any."""

    status: int
    retry_after: float | None
    body: Mapping[str, Any]


class SmsChannel:
    """Sends notices as SMS; see `app.channels.contract.Channel`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        url: str,
        token: str,
        sender: str,
        callback_url: str | None = None,
        validity_seconds: int = 12 * 3600,
        timeouts: Timeouts | None = None,
    ) -> None:
        """`url` is the gateway's root, `sender` at most 11 letters or 15 digits.

        `callback_url` receives status reports; `validity_seconds` (60 or more) is how long the
        networks may try. Raises ValueError for values that the gateway would refuse.
        """
        if not _SENDER.fullmatch(sender):
            raise ValueError("the SMS sender must be 1-11 letters or digits, or up to 15 digits")
        if validity_seconds < 60:
            raise ValueError("the SMS validity period must be 60 seconds or more")
        if not re.fullmatch(r"https?://[!-~]+", url):
            raise ValueError("the SMS gateway needs an http or https address")
        self._client = client
        self._endpoint = f"{url.rstrip('/')}/rest/mtsms"
        self._auth = httpx.BasicAuth(token, "")
        self._constant: dict[str, Any] = {"sender": sender, "validity_period": validity_seconds}
        if callback_url is not None:
            self._constant["callback_url"] = callback_url
        self._timeouts = timeouts or Timeouts()

    async def send(self, message: Message) -> Accepted:
        """Hand one SMS to the gateway; `Accepted.provider_id` is the gateway's message number.

        Raises TryAgain, Undeliverable or Uncertain, and nothing else.
        """
        number = msisdn(message.address)
        if number is None:
            raise Undeliverable("not_a_phone_number")
        if not message.body or not encodable(message.body, message.reference):
            raise Undeliverable("unsendable_text")
        if self._client.is_closed:
            raise TryAgain("shutting_down")
        outcome = await self._exchange(self._payload(message, number))
        # Raised here, outside every handler: no exception of the HTTP library, which may hold the
        # request, hangs on to the failure as its context.
        if isinstance(outcome, SendFailure):
            raise outcome
        return outcome

    def _payload(self, message: Message, number: int) -> dict[str, Any]:
        text = gsm7.normalise(message.body)
        return self._constant | {
            "message": text,
            "recipients": [{"msisdn": number}],
            "userref": message.reference,
            "encoding": "UTF8" if gsm7.is_gsm7(text) else "UCS2",
        }

    async def _exchange(self, payload: dict[str, Any]) -> Accepted | SendFailure:
        try:
            async with asyncio.timeout(self._timeouts.total):
                answer = await self._post(payload)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError):
            return TryAgain("gateway_unreachable")
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL):
            return TryAgain("gateway_settings", operator=True)
        except TimeoutError:
            return Uncertain("no_answer_in_time")
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            return Uncertain(
                "no_answer_in_time" if isinstance(error, httpx.TimeoutException) else "answer_lost"
            )
        return judge(answer)

    async def _post(self, payload: dict[str, Any]) -> Answer:
        connect, read, _ = self._timeouts
        request = self._client.stream(
            "POST",
            self._endpoint,
            content=orjson.dumps(payload),
            headers=_HEADERS,
            auth=self._auth,
            follow_redirects=False,
            timeout=httpx.Timeout(read, connect=connect, pool=connect),
        )
        async with request as response:
            raw = bytearray()
            async for chunk in response.aiter_raw():
                raw += chunk
                if len(raw) > MAX_ANSWER_BYTES:
                    break
        return Answer(response.status_code, retry_after(response), _json_object(bytes(raw)))


def judge(answer: Answer) -> Accepted | SendFailure:
    """What an answer of the gateway means for the message.

    A permanent code wins over the status. A refusal with an unknown code is our own request being
    wrong, not the recipient: it is kept for another attempt, and the operator is told.
    """
    provider_id = _provider_id(answer.body)
    if 200 <= answer.status < 300:
        return Accepted(provider_id) if provider_id else Uncertain("unreadable_acceptance")
    if provider_id is not None:
        return Uncertain("contradictory_answer")
    if answer.status == 504:
        # A proxy gave up waiting: the gateway behind it may have taken the message.
        return Uncertain("no_answer_in_time")
    if answer.status == 429 or answer.status >= 500:
        return TryAgain(f"gateway_{answer.status}", retry_after=answer.retry_after)
    return _refusal(answer)


def _refusal(answer: Answer) -> SendFailure:
    code = _error_code(answer.body)
    if code in RECIPIENT_REFUSED:
        return Undeliverable(f"gateway_code_{code:#06x}")
    if code in ACCOUNT_REFUSED:
        return TryAgain(f"gateway_code_{code:#06x}", operator=True)
    reason = f"gateway_{answer.status}" if code is None else f"gateway_code_{code:#06x}"
    return TryAgain(reason, operator=True, retry_after=answer.retry_after)


def msisdn(address: str) -> int | None:
    """A phone number with its country prefix, as digits; None when it is not one.

    Eight digits are a Danish number, whatever they begin with.

    >>> msisdn("00 14 17 62"), msisdn("+45 12345678"), msisdn("004612345678"), msisdn("12")
    (4500141762, 4512345678, 4612345678, None)
    """
    digits = _SEPARATORS.sub("", address)
    if re.fullmatch(r"[0-9]{8}", digits):
        return int(f"45{digits}")
    international = re.fullmatch(r"(?:\+|00)?([1-9][0-9]{8,14})", digits)
    if international is None:
        return None
    number = international[1]
    if number.startswith("45") and len(number) != 10:
        return None
    return int(number)


def _provider_id(body: Mapping[str, Any]) -> str | None:
    match body.get("ids"):
        case [int(first), *_] if not isinstance(first, bool):
            return str(first)
        case [str(first), *_] if first:
            return first
    return None


def _error_code(body: Mapping[str, Any]) -> int | None:
    code = body.get("code")
    if not isinstance(code, str) or not re.fullmatch(r"0[xX][0-9a-fA-F]{1,8}", code):
        return None
    return int(code, 16)


def _json_object(raw: bytes) -> Mapping[str, Any]:
    try:
        decoded = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return decoded if isinstance(decoded, dict) else {}
