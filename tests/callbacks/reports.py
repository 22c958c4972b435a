"""An SMS gateway that reports afterwards, and messages for it to report of."""

import base64
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import orjson
from prometheus_client import REGISTRY

from app.callbacks import PATH, SIGNATURE_HEADER, SmsCallback
from app.domain.notice import Channel
from app.rules.delivery import UNCERTAIN_WAIT
from app.store import deliveries
from app.store.deliveries import Attempt, AttemptOutcome, DeliveryStatus, Settlement
from app.workers.courier import LEASE
from tests.workers.place import Place
from tests.world import World

SECRET = b"the gateway's shared secret"
OLD_SECRET = b"the secret that it replaces"
TOLD_AT = 1_772_530_200
"""A quarter past ten in Copenhagen, some minutes after the message was sent: unix seconds."""
PHONE = 4520301010


def part(value: object) -> str:
    """One part of a token."""
    raw = value if isinstance(value, bytes) else orjson.dumps(value)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(payload: object, secret: bytes = SECRET, alg: object = "HS256", digest: str = "") -> str:
    """A JWT made by hand, so that a test can make a wrong one; `digest` of the signature."""
    signed = f"{part({'alg': alg, 'typ': 'JWT'})}.{part(payload)}"
    return f"{signed}.{part(hmac.digest(secret, signed.encode(), digest or 'sha256'))}"


def told(attempt: Attempt, status: str = "DELIVERED", **more: Any) -> dict[str, Any]:
    """What the gateway says of an attempt; `more` stands instead or besides."""
    return {
        "id": 421332671,
        "msisdn": PHONE,
        "time": TOLD_AT,
        "status": status,
        "userref": attempt.reference,
        "country_code": "DK",
        "country_prefix": 45,
        **more,
    }


def counted(verdict: str) -> float:
    """The metric of reports with a verdict, in this process."""
    return REGISTRY.get_sample_value("minplan_receipts_total", {"verdict": verdict}) or 0.0


def settlement(attempt: Attempt, outcome: AttemptOutcome) -> Settlement:
    """What a worker settles by each outcome of an attempt."""
    now = attempt.claimed_until - LEASE
    match outcome:
        case AttemptOutcome.ACCEPTED:
            return deliveries.accepted(attempt, "421332671")
        case AttemptOutcome.UNCERTAIN:
            due_at = now + UNCERTAIN_WAIT
            return Settlement(
                attempt, outcome, DeliveryStatus.UNCERTAIN, "answer_lost", due_at=due_at
            )
        case AttemptOutcome.RETRY:
            due_at = now + timedelta(minutes=1)
            return Settlement(
                attempt, outcome, DeliveryStatus.RETRYING, "gateway_503", due_at=due_at
            )
    return Settlement(attempt, outcome, DeliveryStatus.FAILED, "gateway_code_0x0215")


@dataclass
class Reporter:
    """The gateway's side of one running API, and the ledger behind it."""

    world: World
    place: Place
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = f"{self.world.base_url}{PATH}"

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """The API has little patience until the block ends."""
        api = self.world.api
        assert api.pool is not None
        patient = api.sms_callback
        api.sms_callback = SmsCallback(
            api.pool, api.clock, api.callback_secrets, body_seconds=0.2, store_seconds=0.3
        )
        try:
            yield
        finally:
            api.sms_callback = patient

    async def send(self, signature: str | None, body: bytes = b"{}") -> httpx.Response:
        headers = {} if signature is None else {SIGNATURE_HEADER: signature}
        return await self.world.client.post(self.url, content=body, headers=headers)

    async def tell(self, payload: object, secret: bytes = SECRET) -> None:
        """A report that must be taken."""
        answer = await self.send(token(payload, secret), orjson.dumps(payload))
        assert (answer.status_code, answer.content) == (200, b"")

    async def begun(self) -> Attempt:
        """The first attempt of a new message is committed, and not answered yet."""
        await self.place.notice(await self.place.citizen(email=None))
        return await self.begin()

    async def begin(self, channel: Channel = Channel.SMS, provider: str | None = None) -> Attempt:
        """The next attempt of the one message that is due."""
        now = self.place.clock.now
        async with self.place.pool.acquire() as connection:
            claims = await deliveries.claim(connection, channel, now, 1, LEASE)
            provider = provider or channel.lower()
            [attempt] = await deliveries.begin(connection, claims, provider, now, until=now + LEASE)
        return attempt

    async def settle(
        self, attempt: Attempt, outcome: AttemptOutcome = AttemptOutcome.ACCEPTED
    ) -> None:
        async with self.place.pool.acquire() as connection:
            await deliveries.settle(
                connection, [settlement(attempt, outcome)], self.place.clock.now
            )

    async def sent(self) -> Attempt:
        """A message that the gateway has accepted."""
        attempt = await self.begun()
        await self.settle(attempt)
        return attempt

    async def status(self, attempt: Attempt) -> str:
        found: str = (await self.place.row(attempt.delivery_id))["status"]
        return found

    async def receipts(self, attempt: Attempt | None = None) -> list[asyncpg.Record]:
        """What is kept of all reports, or of those of one message."""
        return await self.place.pool.fetch(
            "select * from delivery_receipt where delivery_id = $1 or $1 is null"
            " order by at, status",
            attempt and attempt.delivery_id,
        )
