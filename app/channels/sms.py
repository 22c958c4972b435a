"""SMS through GatewayAPI's REST interface (`POST /rest/mtsms`).

The gateway knows no idempotency key: a message that may have been accepted must not be sent again
by the channel itself, so everything that fails after the request has left is `Uncertain`. Refusals
are told apart by the gateway's own error code: the recipient's fault, or the operator's.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import aiohttp
import orjson
from yarl import URL

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
from app.channels.web import (
    MAX_ANSWER_BYTES,
    OnceOnly,
    Timeouts,
    environment_proxy,
    retry_after,
)

# Blacklisted, named twice, filtered by the recipient's own wish: no later attempt changes it.
RECIPIENT_REFUSED = frozenset({0x0215, 0x0310, 0x0312})
# No credit, account frozen.
ACCOUNT_REFUSED = frozenset({0x0216, 0x022A})

# The statuses by which a server says that it did not take the request on: asked too often, not
# ready, body not received in time.
DECLINED = frozenset({408, 429, 503})
# Refusals of whoever asks, whatever the message: login, address, redirect.
NOT_OF_THE_MESSAGE = frozenset({401, 403, 404, 405, 407})

FRESH_CONNECTIONS: Final = 3
"""How many connections may turn out to be stale before the gateway counts as down."""

_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}|[0-9]{1,15}")
_PROVIDER_ID = re.compile(r"[ -~]{1,100}")
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
        client: aiohttp.ClientSession,
        *,
        url: str,
        token: str,
        sender: str,
        callback_url: str | None = None,
        validity_seconds: int = 12 * 3600,
        timeouts: Timeouts | None = None,
    ) -> None:
        """`client` is a `gateway_session`; `url` is the gateway's root, `sender` at most 11 letters
        or 15 digits.

        `callback_url` receives status reports; `validity_seconds` (60 or more) is how long the
        networks may try. Raises ValueError for values that the gateway would refuse.
        """
        if not _SENDER.fullmatch(sender):
            raise ValueError("the SMS sender must be 1-11 letters or digits, or up to 15 digits")
        if validity_seconds < 60:
            raise ValueError("the SMS validity period must be 60 seconds or more")
        self._client = client
        self._endpoint = _endpoint(url)
        self._proxy = environment_proxy(self._endpoint)
        self._headers = {
            "Authorization": aiohttp.encode_basic_auth(token),
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        self._constant: dict[str, Any] = {"sender": sender, "validity_period": validity_seconds}
        if callback_url is not None:
            self._constant["callback_url"] = callback_url
        connect, read, total = timeouts or Timeouts()
        self._timeout = aiohttp.ClientTimeout(total, connect, sock_read=read, sock_connect=connect)

    async def send(self, message: Message) -> Accepted:
        """Hand one SMS to the gateway; `Accepted.provider_id` is the gateway's message number.

        Raises TryAgain, Undeliverable or Uncertain, and nothing else.
        """
        number = msisdn(message.address)
        if number is None:
            raise Undeliverable("not_a_phone_number", asked=False)
        if not message.body or not encodable(message.body, message.reference):
            raise Undeliverable("unsendable_text", asked=False)
        text = gsm7.normalise(message.body)
        outcome = await self._exchange(self._request(message, number, text))
        # Raised here, outside every handler: no exception of the HTTP library, which may hold the
        # request, hangs on to the failure as its context.
        if isinstance(outcome, SendFailure):
            raise outcome
        return Accepted(outcome, parts=gsm7.parts(text))

    def _request(self, message: Message, number: int, text: str) -> bytes:
        return orjson.dumps(
            self._constant
            | {
                "message": text,
                "recipients": [{"msisdn": number}],
                "userref": message.reference,
                "encoding": "UTF8" if gsm7.is_gsm7(text) else "UCS2",
            }
        )

    async def _exchange(self, request: bytes) -> str | SendFailure:
        """The gateway's number of the message; a stale connection is no attempt yet."""
        for _ in range(FRESH_CONNECTIONS):
            if self._client.closed:
                return TryAgain("shutting_down", asked=False)
            body = OnceOnly(request)
            outcome = await self._attempt(body)
            if not body.stale:
                return outcome
        return outcome

    async def _attempt(self, body: OnceOnly) -> str | SendFailure:
        try:
            answer = await self._post(body)
        except TimeoutError:
            reason = "no_answer_in_time"
        except (aiohttp.ClientError, OSError):
            reason = "answer_lost"
        else:
            return judge(answer)
        if body.left:
            return Uncertain(reason, provider=True)
        return TryAgain("gateway_unreachable", provider=True)

    async def _post(self, body: OnceOnly) -> Answer:
        request = self._client.post(
            self._endpoint,
            data=body,
            headers=self._headers,
            proxy=self._proxy,
            allow_redirects=False,
            timeout=self._timeout,
        )
        async with request as response:
            if not body.left:
                # An answer that was there before the request answers something else. Closed, the
                # connection takes no request any more.
                response.close()
                body.stale = True
                raise ConnectionResetError("the connection is stale")
            raw = bytearray()
            async for chunk in response.content.iter_any():
                raw += chunk
                if len(raw) > MAX_ANSWER_BYTES:
                    break
        return Answer(response.status, retry_after(response), _json_object(bytes(raw)))


def judge(answer: Answer) -> str | SendFailure:
    """What an answer of the gateway means for the message: its number there, or a failure.

    A 5xx says nothing about what happened before it, except 503, by which the gateway declines. A
    refusal with an unknown code is our own request being wrong, not the recipient: it is kept for
    another attempt, and the operator is told.
    """
    provider_id = _provider_id(answer.body)
    reason = f"gateway_{answer.status}"
    if 200 <= answer.status < 300:
        return provider_id or Uncertain("unreadable_acceptance", provider=True)
    if provider_id is not None:
        return Uncertain("contradictory_answer", provider=True)
    if answer.status in DECLINED and not _may_be_of_a_proxy(answer):
        return TryAgain(reason, provider=True, retry_after=answer.retry_after)
    if answer.status >= 500:
        return Uncertain(reason, provider=True)
    return _refusal(answer, reason)


def _may_be_of_a_proxy(answer: Answer) -> bool:
    """A 503 that is not the gateway's own: something before it may have passed the message on."""
    return answer.status == 503 and answer.retry_after is None and _error_code(answer.body) is None


def _refusal(answer: Answer, reason: str) -> SendFailure:
    code = _error_code(answer.body)
    if code is not None:
        reason = f"gateway_code_{code:#06x}"
    if code in RECIPIENT_REFUSED:
        return Undeliverable(reason)
    # Of one strange message the next ones must not suffer: an unknown code of the gateway tells
    # the operator, and does not count against the gateway.
    provider = code in ACCOUNT_REFUSED or answer.status in NOT_OF_THE_MESSAGE or answer.status < 400
    return TryAgain(reason, operator=True, provider=provider, retry_after=answer.retry_after)


def _endpoint(url: str) -> URL:
    problem = "the SMS gateway needs an http or https address, without a user name"
    if not re.fullmatch(r"https?://[!-~]+", url):
        raise ValueError(problem)
    try:
        endpoint = URL(f"{url.rstrip('/')}/rest/mtsms")
    except ValueError:
        endpoint = URL()
    if not endpoint.host or endpoint.user is not None:
        raise ValueError(problem)
    return endpoint


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
        case [str(first), *_] if _PROVIDER_ID.fullmatch(first):
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
