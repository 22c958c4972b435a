"""No provider gets more messages than it takes, whatever the number of workers."""

import asyncio
import itertools
from datetime import timedelta

from hypothesis import HealthCheck, given, settings, strategies as st

from app.channels.breaker import Breaker
from app.channels.providers import Provider, Providers
from app.channels.sms import SmsChannel
from app.channels.web import gateway_session
from app.domain.notice import Channel
from app.store import deliveries
from app.workers.deliver import Deliverer

from .gateway import Gateway
from .place import MORNING, Place


async def test_workers_together_keep_to_the_rate_of_their_provider(
    place: Place, gateway: Gateway
) -> None:
    for _ in range(40):
        await place.notice(await place.citizen(email=None))
    async with gateway_session(100) as session:
        sender = SmsChannel(session, url=gateway.url, token="t", sender="JOBNET")

        def worker() -> Deliverer:
            limited = Provider("sms", sender, Breaker(), at_once=100, per_second=10.0)
            return Deliverer(
                place.pool, Channel.SMS, Providers([limited]), place.clock, at_once=100
            )

        both = worker(), worker()
        sent = [0]
        for _ in range(30):
            await asyncio.gather(*(one.deliver_due() for one in both))
            await asyncio.gather(*(one.drain() for one in both))
            sent.append(len(gateway.accepted))
            place.clock.turn(timedelta(milliseconds=100))
    # a tenth of a second is one message; what was saved up before counts one more at most
    assert max(after - before for before, after in itertools.pairwise(sent)) <= 2
    assert 28 <= sent[-1] <= 31
    assert set(await place.statuses()) == {"SENT", "PENDING"}


async def test_what_was_taken_and_not_needed_is_given_back(place: Place) -> None:
    now = place.clock.now
    async with place.pool.acquire() as connection, connection.transaction():
        assert await deliveries.take_sends(connection, "sms", 50, 100.0, now) == 10
        await deliveries.return_sends(connection, "sms", 4, 100.0)
        assert await deliveries.take_sends(connection, "sms", 50, 100.0, now) == 4
        assert await deliveries.take_sends(connection, "sms", 50, 100.0, now) == 0


@settings(
    max_examples=30,
    # each example clears the one table that it writes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 40)), min_size=1, max_size=12),
    st.sampled_from([0.5, 1.0, 7.0, 100.0]),
)
async def test_in_no_span_of_time_are_more_granted_than_the_rate_allows(
    place: Place, asked: list[tuple[int, int]], per_second: float
) -> None:
    await place.pool.execute("delete from send_rate")
    now, granted = MORNING, []
    for milliseconds, wanted in asked:
        now += timedelta(milliseconds=milliseconds)
        async with place.pool.acquire() as connection:
            got = await deliveries.take_sends(connection, "sms", wanted, per_second, now)
        assert 0 <= got <= wanted
        granted.append((now, got))
    saved = max(0.1, 1 / per_second)
    for first, (start, _) in enumerate(granted):
        for last in range(first, len(granted)):
            span = (granted[last][0] - start).total_seconds() + saved
            assert sum(got for _, got in granted[first : last + 1]) <= span * per_second + 1e-3
