"""Logins that are too weak, revoked or refused: who is let in, and what stays on record."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from app.dev.embedded import Servers
from app.domain.assurance import Assurance
from app.domain.refusal import Reason, Refused
from app.domain.viewer import NEVER, Role, Viewer
from app.identity import Identity
from app.settings import Settings, load_settings
from app.store import revocations as store
from app.store.db import Pool, open_pool
from app.store.refusals import Refusals
from app.store.revocations import FOR_GOOD, Revocations, restore, revoke
from tests.broker import Broker, Clock, claims, configured, refused, signed, source_of
from tests.wire.sockets import ROLE, ask, closed, hear, opened
from tests.world import JOBCENTER, World, open_world

ASK = "query Who { viewer { role } }"


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with open_pool(database_url) as opened:
        yield opened


@pytest.fixture
async def redis(servers: Servers) -> AsyncIterator[Redis]:
    connection = Redis.from_url(servers.redis_url)
    yield connection
    await connection.aclose()


@pytest.fixture
def broker() -> Iterator[Broker]:
    running = Broker()
    yield running
    running.close()


def somebody(issued_at: float = 0, subject: str | None = None) -> Viewer:
    who = subject or f"subject-{uuid4()}"
    return Viewer(Role.JOBCENTER, who, "Åse Ørum", JOBCENTER, None, NEVER, int(issued_at))


async def learns(revocations: Revocations | None, viewer: Viewer, *, revoked: bool) -> None:
    """Waits until a process knows that a viewer's token is revoked, or that it is not."""
    assert revocations is not None
    heard = asyncio.Event()
    end = revocations.on_change(heard.set)
    async with asyncio.timeout(20):
        while revocations.is_revoked(viewer) is not revoked:
            await heard.wait()
            heard.clear()
    end()


@asynccontextmanager
async def running(revocations: Revocations) -> AsyncIterator[None]:
    task = asyncio.create_task(revocations.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def status(world: World, token: str) -> tuple[int, str]:
    """HTTP status and challenge of a request."""
    response = await world.client.post(
        f"{world.base_url}/graphql",
        json={"query": ASK},
        headers={
            "authorization": f"Bearer {token}",
            "accept": "application/graphql-response+json",
        },
    )
    return response.status_code, response.headers.get("www-authenticate", "")


async def rows(pool: Pool) -> list[dict[str, Any]]:
    """The record, without keys and times."""
    found = await pool.fetch(
        "select reason, role, organisation_code, subject, operation, client, times"
        " from login_refusal order by login_refusal_id"
    )
    return [dict(row) for row in found]


# level of assurance


@pytest.mark.parametrize(
    ("role", "level", "let_in"),
    [
        ("jobcenter", None, False),
        ("jobcenter", "https://data.gov.dk/concept/core/nsis/loa/Low", False),
        ("jobcenter", "https://data.gov.dk/concept/core/nsis/loa/Substantial", True),
        ("jobcenter", "https://data.gov.dk/concept/core/nsis/Substantial", True),
        ("jobcenter", ["https://data.gov.dk/concept/core/nsis/loa/High"], False),
        ("citizen", "Low", False),
        ("citizen", "Substantial", True),
        ("institution", "2", False),
        ("institution", "3", True),
        ("fund", "Substantial", False),
        ("fund", "High", True),
        ("system", None, True),
    ],
)
async def test_production_wants_substantial_of_persons_and_more_where_it_is_set(
    broker: Broker, role: str, level: object, let_in: bool
) -> None:
    clock = Clock()
    strict = configured(environment="production", required_assurance="fund=High")
    identity = Identity(strict, source_of(broker, clock), clock=clock)
    payload = claims(role=role, acr=level)
    if role != "citizen":
        payload |= {"organisation": "101"}
        del payload["citizen_id"]
    if let_in:
        assert (await identity.viewer(f"Bearer {signed(payload)}")).role == role
    else:
        failure = await refused(identity, signed(payload))
        assert "insufficient_user_authentication" in failure.challenge


async def test_a_client_is_told_which_login_would_do(settings: Settings) -> None:
    strict = settings.model_copy(
        update={"required_assurance": "jobcenter=Substantial", "claim_assurance": "loa"}
    )
    async with open_world(strict) as world:
        weak, strong = (
            world.issuer.issue(Role.JOBCENTER, organisation=JOBCENTER, assurance=level)
            for level in (Assurance.LOW, Assurance.SUBSTANTIAL)
        )
        assert await status(world, weak) == (
            401,
            'Bearer error="insufficient_user_authentication",'
            ' error_description="A higher level of assurance is required",'
            ' acr_values="https://data.gov.dk/concept/core/nsis/loa/Substantial'
            ' https://data.gov.dk/concept/core/nsis/loa/High"',
        )
        pdf = await world.client.get(
            f"{world.base_url}/plans/{uuid4()}.pdf", headers={"authorization": f"Bearer {weak}"}
        )
        assert pdf.status_code == 401 and "acr_values" in pdf.headers["www-authenticate"]
        assert await status(world, strong) == (200, "")
        assert await status(world, world.token(Role.FUND)) == (200, "")


# revocation


async def test_a_revoked_login_is_out_at_once_in_every_process_and_a_new_one_works(
    settings: Settings, pool: Pool, redis: Redis
) -> None:
    who = f"Maja {uuid4()}"
    async with open_world(settings) as one, open_world(settings) as other:
        token = one.token(Role.JOBCENTER, name=who)
        viewer = await Identity(settings, one.issuer).viewer(f"Bearer {token}")
        for world in (one, other):
            assert await status(world, token) == (200, "")
        async with pool.acquire() as connection:
            assert await revoke(connection, redis, viewer.subject, until=None, reason="LOST_DEVICE")
            for world in (one, other):
                await learns(world.api.revocations, viewer, revoked=True)
                assert await status(world, token) == (401, "Bearer")
                assert await status(world, world.token(Role.JOBCENTER)) == (200, "")
            await connection.execute(
                "update login_revocation set revoked_at = revoked_at - interval '1 hour'"
            )
            await redis.spublish(store.CHANNEL, "look")
            await learns(one.api.revocations, viewer, revoked=False)
            assert await status(one, one.token(Role.JOBCENTER, name=who)) == (200, "")


async def test_a_revoked_login_loses_its_sockets_and_nobody_else_does(
    world: World, pool: Pool, redis: Redis
) -> None:
    token = world.token(Role.JOBCENTER, name=f"Maja {uuid4()}")
    viewer = await Identity(world.settings, world.issuer).viewer(f"Bearer {token}")
    async with opened(world, token) as socket, opened(world, world.token(Role.FUND)) as other:
        async with pool.acquire() as connection:
            await revoke(connection, redis, viewer.subject, until=None, reason="MISUSE")
        async with asyncio.timeout(20):
            assert await closed(socket) == (4403, "Forbidden")
            await ask(other, ROLE)
            assert (await hear(other))["type"] == "next"


async def test_only_tokens_issued_before_are_refused_with_the_leeway_of_the_issuers_clock(
    pool: Pool, redis: Redis
) -> None:
    now = time.time()
    revocations = Revocations(redis, pool, leeway_seconds=30, clock=lambda: now)
    viewer = somebody(now - 60)
    async with pool.acquire() as connection:
        await revoke(connection, redis, viewer.subject, until=None, reason="MISUSE")
    await revocations.load()
    at = await pool.fetchval("select extract(epoch from revoked_at)::float8 from login_revocation")
    assert revocations.is_revoked(viewer)
    assert revocations.is_revoked(somebody(0, viewer.subject))
    assert revocations.is_revoked(somebody(at + 29, viewer.subject))
    assert not revocations.is_revoked(somebody(at + 31, viewer.subject))
    assert not revocations.is_revoked(somebody(now - 60))


async def test_a_blocked_login_stays_out_until_the_block_is_over(pool: Pool, redis: Redis) -> None:
    clock = Clock()
    clock.now = time.time()
    revocations = Revocations(redis, pool, leeway_seconds=30, clock=clock)
    until = datetime.fromtimestamp(clock.now + 3600, UTC)
    for_a_while, for_good = (somebody(clock.now + 100) for _ in range(2))
    async with pool.acquire() as connection:
        await revoke(connection, redis, for_a_while.subject, until=until, reason="LEAVE")
        await revoke(connection, redis, for_good.subject, until=FOR_GOOD, reason="LEFT")
    await revocations.load()
    assert revocations.is_revoked(for_a_while) and revocations.is_revoked(for_good)
    clock.now += 3601
    assert not revocations.is_revoked(for_a_while)
    clock.now += 10 * 365 * 86_400
    assert revocations.is_revoked(for_good)


async def test_a_block_outlasts_every_later_revocation_that_is_shorter(
    pool: Pool, database_url: str, redis: Redis
) -> None:
    viewer = somebody(time.time() + 100)
    revocations = Revocations(redis, pool, leeway_seconds=30)
    async with open_pool(database_url) as lost:
        copied = Revocations(redis, lost, leeway_seconds=30)
    async with pool.acquire() as connection:
        await revoke(connection, redis, viewer.subject, until=FOR_GOOD, reason="LEFT")
        for until in (None, datetime.now(UTC) + timedelta(days=1)):
            await revoke(connection, redis, viewer.subject, until=until, reason="LOST_DEVICE")
        await revocations.load()
        await copied._refresh()
        assert revocations.is_revoked(viewer) and copied.is_revoked(viewer)
        await restore(connection, redis, viewer.subject)
    await revocations.load()
    assert not revocations.is_revoked(viewer)


async def test_a_process_that_starts_knows_what_was_revoked_before(
    settings: Settings, pool: Pool, redis: Redis
) -> None:
    async with open_world(settings) as world:
        token = world.token(Role.FUND, name=f"Bo {uuid4()}")
        viewer = await Identity(settings, world.issuer).viewer(f"Bearer {token}")
    async with pool.acquire() as connection:
        await revoke(connection, redis, viewer.subject, until=FOR_GOOD, reason="LEFT")
    async with open_world(settings) as world:
        assert await status(world, token) == (401, "Bearer")


async def test_without_valkey_the_table_is_looked_at_every_few_seconds(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "POLL_SECONDS", 0.01)
    away = Redis.from_url("redis://127.0.0.1:9")
    revocations, viewer = Revocations(away, pool, leeway_seconds=30), somebody()
    async with running(revocations), pool.acquire() as connection:
        assert not await revoke(connection, away, viewer.subject, until=None, reason="MISUSE")
        await learns(revocations, viewer, revoked=True)
        assert await restore(connection, away, viewer.subject) == (True, False)
        await learns(revocations, viewer, revoked=False)
    await away.aclose()


async def test_without_postgresql_the_copy_in_valkey_tells_and_takes_nothing_away(
    pool: Pool, database_url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "POLL_SECONDS", 0.01)
    earlier, later = somebody(), somebody()
    async with pool.acquire() as connection:
        await revoke(connection, redis, earlier.subject, until=None, reason="MISUSE")
        async with open_pool(database_url) as lost:
            revocations = Revocations(redis, lost, leeway_seconds=30)
            await revocations.load()
        async with running(revocations):
            await revoke(connection, redis, later.subject, until=FOR_GOOD, reason="MISUSE")
            await learns(revocations, later, revoked=True)
            for viewer in (earlier, later):
                assert await restore(connection, redis, viewer.subject) == (True, True)
            await learns(revocations, later, revoked=False)
            assert revocations.is_revoked(earlier)
            assert not revocations.is_revoked(somebody())


async def test_valkey_holds_no_subject_in_clear(pool: Pool, redis: Redis) -> None:
    viewer = somebody()
    async with pool.acquire() as connection:
        await revoke(connection, redis, viewer.subject, until=None, reason="MISUSE")
        copy = await held(redis)
        assert copy and not any(viewer.subject.encode() in part for part in [*copy, *copy.values()])
        await restore(connection, redis, viewer.subject)


async def held(redis: Redis) -> dict[bytes, bytes]:
    """Valkey's copy."""
    copy: Any = redis.hgetall(store.COPY)
    found: dict[bytes, bytes] = await copy
    return found


async def test_valkey_forgets_what_the_table_does_not_hold(pool: Pool, redis: Redis) -> None:
    kept, purged = somebody(), somebody()
    async with pool.acquire() as connection:
        for viewer in (purged, kept):
            await revoke(connection, redis, viewer.subject, until=None, reason="MISUSE")
        assert len(await held(redis)) >= 2
        await connection.execute("delete from login_revocation where subject = $1", purged.subject)
    revocations = Revocations(redis, pool, leeway_seconds=30)
    async with running(revocations):
        await revocations.connected.wait()
        assert len(await held(redis)) == 1
        await pool.execute("delete from login_revocation")
        await redis.spublish(store.CHANNEL, "look")
        await learns(revocations, kept, revoked=False)
        async with asyncio.timeout(20):
            while await held(redis):
                await asyncio.sleep(0)


async def test_the_copy_in_valkey_has_an_end_that_each_look_at_the_table_puts_off(
    pool: Pool, redis: Redis
) -> None:
    async with pool.acquire() as connection:
        await redis.delete(store.COPY)
        await revoke(connection, redis, somebody().subject, until=None, reason="MISUSE")
    assert 0 < await redis.ttl(store.COPY) <= store.COPY_SECONDS
    await redis.expire(store.COPY, 60)
    revocations = Revocations(redis, pool, leeway_seconds=30)
    async with running(revocations):
        await revocations.connected.wait()
        assert await redis.ttl(store.COPY) > 60


async def test_a_copy_that_valkey_lost_is_made_again(
    pool: Pool, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SWEEP_SECONDS", 0.01)
    async with pool.acquire() as connection:
        await revoke(connection, redis, somebody().subject, until=None, reason="MISUSE")
    revocations = Revocations(redis, pool, leeway_seconds=30)
    async with running(revocations), asyncio.timeout(20):
        await revocations.connected.wait()
        await redis.delete(store.COPY)
        while not await held(redis):
            await asyncio.sleep(0)


async def test_a_callback_that_fails_or_has_ended_stops_no_other(pool: Pool, redis: Redis) -> None:
    heard: list[str] = []

    def fails() -> None:
        raise ValueError

    revocations = Revocations(redis, pool, leeway_seconds=30)
    end = revocations.on_change(lambda: heard.append("ended"))
    revocations.on_change(fails)
    revocations.on_change(lambda: heard.append("here"))
    end()
    await revocations.load()
    assert heard == []
    async with pool.acquire() as connection:
        await revoke(connection, redis, somebody().subject, until=None, reason="MISUSE")
    for _ in range(2):
        await revocations.load()
    assert heard == ["here"]


# the record of what was refused


async def test_of_a_bad_token_only_the_reason_and_a_hash_of_the_address_stay(
    world: World, pool: Pool
) -> None:
    assert world.api.refusals is not None
    good = world.token(Role.JOBCENTER)
    for token in ("Hemmeligt", good[:-8] + "AAAAAAAA"):
        answer = await world.client.get(
            f"{world.base_url}/plans/{uuid4()}.pdf", headers={"authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 401
    await world.api.refusals.write()
    found = await rows(pool)
    assert {row["reason"] for row in found} == {"MALFORMED", "BAD_SIGNATURE"}
    unproven = ("role", "organisation_code", "subject", "operation")
    assert all(row[name] is None for row in found for name in unproven)
    [client] = {row["client"] for row in found}
    assert len(client) == 8 and b"127.0.0.1" not in client


async def test_the_first_thing_that_is_wrong_is_the_reason(broker: Broker) -> None:
    noted: list[Refused] = []
    clock = Clock()
    identity = Identity(
        configured(required_assurance="citizen=High"),
        source_of(broker, clock),
        is_revoked=lambda viewer: viewer.subject == "revoked",
        note=lambda one, _client: noted.append(one),
        clock=clock,
    )
    high = {"acr": "High"}
    tokens = {
        "MALFORMED": "a.b",
        "UNKNOWN_KEY": signed(claims(), kid="another"),
        "BAD_SIGNATURE": signed(claims())[:-8] + "AAAAAAAA",
        "WRONG_ISSUER": signed(claims(iss="https://another.example")),
        "WRONG_AUDIENCE": signed(claims(aud="another")),
        "EXPIRED": signed(claims(exp=clock.now - 60)),
        "CLAIMS": signed(claims(role="emperor")),
        "ASSURANCE": signed(claims()),
        "REVOKED": signed(claims(sub="revoked", **high)),
    }
    for token in tokens.values():
        await refused(identity, token)
    assert [one.reason for one in noted] == list(tokens)
    assert [(one.role, one.subject) for one in noted[-2:]] == [
        (Role.CITIZEN, "borger-1"),
        (Role.CITIZEN, "revoked"),
    ]
    assert all(one == Refused(one.reason) for one in noted[:-2])


async def test_a_use_that_the_role_may_not_make_is_on_record_with_its_operation(
    world: World, pool: Pool
) -> None:
    assert world.api.refusals is not None
    token = world.token(Role.SYSTEM)
    for _ in range(3):
        answer = await world.post(token, "query Look { caseload(first: 1) { totalCount } }")
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    await world.post(None, "query Look { caseload(first: 1) { totalCount } }")
    await world.api.refusals.write()
    [row] = await rows(pool)
    assert (row["reason"], row["role"], row["times"]) == ("FORBIDDEN", "system", 3)
    assert row["organisation_code"] == "BOOKING" and row["subject"]


async def test_what_is_refused_again_is_counted_and_not_written_again(pool: Pool) -> None:
    clock = Clock()
    refusals = Refusals(pool, b"key", clock=clock)
    viewer = somebody()
    before = value("REVOKED")
    for _ in range(3):
        for _ in range(5):
            refusals.note(Refused.of(Reason.REVOKED, viewer), "10.0.0.1", "Op")
        await refusals.write()
    [row] = await rows(pool)
    assert (row["times"], row["subject"], row["operation"]) == (15, viewer.subject, "Op")
    clock.now += 60
    refusals.note(Refused.of(Reason.REVOKED, viewer), "10.0.0.1", "Op")
    refusals.note(Refused.of(Reason.REVOKED, viewer), "10.0.0.2", "Sofie Hansen, 010190-1234")
    await refusals.write()
    assert {(row["times"], row["operation"]) for row in (await rows(pool))[1:]} == {
        (1, "Op"),
        (1, None),
    }
    assert value("REVOKED") == before + 17


async def test_a_flood_from_everywhere_costs_few_rows_and_is_counted_all_the_same(
    pool: Pool,
) -> None:
    clock = Clock()
    refusals = Refusals(pool, b"key", max_rows=10, clock=clock)
    for number in range(500):
        refusals.note(Refused(Reason.MALFORMED), f"10.0.0.{number}")
        if number % 100 == 0:
            await refusals.write()
    await refusals.write()
    found = await rows(pool)
    assert len(found) == 11
    assert sum(row["times"] for row in found) == 500


async def test_what_the_database_does_not_take_is_kept_for_the_next_time_and_bounded(
    pool: Pool,
) -> None:
    clock = Clock()
    refusals = Refusals(pool, b"key", max_rows=10, clock=clock)
    lost = REGISTRY.get_sample_value("minplan_refused_lost_total") or 0
    await pool.execute("alter table login_refusal rename to elsewhere")
    for _ in range(100):
        refusals.note(Refused(Reason.EXPIRED), "10.0.0.1")
        await refusals.write()
        clock.now += 60
    await pool.execute("alter table elsewhere rename to login_refusal")
    await refusals.write()
    found = await rows(pool)
    assert len(found) == 20
    assert (REGISTRY.get_sample_value("minplan_refused_lost_total") or 0) == lost + 80


async def test_what_is_counted_when_a_process_stops_is_written(
    settings: Settings, pool: Pool
) -> None:
    async with open_world(settings) as world:
        await world.post("no.to.ken", ASK)
    assert [row["reason"] for row in await rows(pool)] == ["MALFORMED"]


async def test_a_client_is_recognised_by_its_network_of_many_addresses(pool: Pool) -> None:
    refusals = Refusals(pool, b"key", clock=Clock())
    for address in ("2001:db8:0:7::1", "2001:db8:0:7::2", "192.0.2.7", "::ffff:192.0.2.7"):
        refusals.note(Refused(Reason.EXPIRED), address)
    await refusals.write()
    assert [row["times"] for row in await rows(pool)] == [2, 2]


async def test_two_processes_add_to_the_same_rows(pool: Pool) -> None:
    clock = Clock()
    both = [Refusals(pool, b"key", clock=clock) for _ in range(2)]
    for refusals in both:
        for number in range(50):
            refusals.note(Refused(Reason.EXPIRED), f"10.0.0.{number}")
    await asyncio.gather(*(refusals.write() for refusals in both))
    assert {row["times"] for row in await rows(pool)} == {2}


def value(reason: str) -> float:
    return REGISTRY.get_sample_value("minplan_refused_total", {"reason": reason}) or 0


def test_keeping_days_are_settings() -> None:
    given = load_settings(keep_refusals_days=7, keep_revocations_days=30)
    from app.workers.purge import keep_of

    assert (keep_of(given).refusals, keep_of(given).revocations) == (7, 30)
    assert timedelta(days=keep_of(load_settings()).revocations) > timedelta(days=365)
