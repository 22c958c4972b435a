"""Live views over WebSocket and SSE, with the client libraries people use."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from gql import Client, gql
from gql.client import AsyncClientSession
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

from app.domain.viewer import Role
from app.store.publication import Published, Version
from tests.schema.live_hub import listening_to, without_valkey
from tests.story import (
    INTERVENTION,
    MEMBERSHIP,
    aid,
    hold_conversation,
    member,
    new_citizen,
    plan_of,
)
from tests.world import FUND, World

UPDATES = gql(
    "subscription($id: ID!, $after: Int) { planUpdated(citizenId: $id, afterVersion: $after) {"
    " version changedElements trigger plan { version latestAgreement(authority: JOBCENTER)"
    " { agreementText } } } }"
)
NOTICES = gql("subscription { notificationAdded { event text version } }")


@asynccontextmanager
async def socket(world: World, token: str | None) -> AsyncIterator[AsyncClientSession]:
    """A session over graphql-transport-ws, with the token in connection_init."""
    transport = WebsocketsTransport(
        url=world.base_url.replace("http", "ws") + "/graphql",
        init_payload={"authorization": f"Bearer {token}"} if token else {},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    async with Client(transport=transport, fetch_schema_from_transport=False) as session:
        yield session


class Listener:
    """Collects the events of one subscription."""

    def __init__(self, session: AsyncClientSession, document: Any, **variables: Any) -> None:
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        request = document if not variables else gql_with(document, variables)
        self._task = asyncio.create_task(self._run(session, request))

    async def _run(self, session: AsyncClientSession, request: Any) -> None:
        async for event in session.subscribe(request):
            await self.events.put(event)

    async def next(self, seconds: float = 10) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            return await self.events.get()

    async def ended(self) -> BaseException | None:
        """What ended the subscription."""
        async with asyncio.timeout(10):
            await asyncio.wait({self._task})
        return self._task.exception()


def gql_with(document: Any, variables: dict[str, Any]) -> Any:
    request = gql(document.payload["query"])
    request.variable_values = variables
    return request


async def listening(world: World, citizen: str, count: int = 1) -> None:
    """Returns when so many live views of a citizen listen and have read what there is."""
    live = world.api.live
    assert live is not None
    async with asyncio.timeout(10):
        while live.listeners(citizen) < count:
            await asyncio.sleep(0.005)


@pytest.mark.rule("R130", "allowed")
async def test_a_citizen_sees_the_new_version_as_it_is_published(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Den første.")
    async with socket(world, world.token(Role.CITIZEN, citizen=citizen)) as session:
        listener = Listener(session, UPDATES, id=citizen, after=1)
        await listening(world, citizen)
        await hold_conversation(world, citizen, "Du møder på lageret mandag.")
        event = await listener.next()
    assert event["planUpdated"] == {
        "version": 2,
        "changedElements": ["LATEST_AGREEMENT_JOBCENTER", "TIMELINE"],
        "trigger": "CONVERSATION",
        "plan": {
            "version": 2,
            "latestAgreement": {"agreementText": "Du møder på lageret mandag."},
        },
    }


async def test_who_comes_back_gets_at_once_what_was_missed(world: World) -> None:
    citizen = await new_citizen(world)
    for text in ("En.", "To.", "Tre."):
        await hold_conversation(world, citizen, text)
    async with socket(world, world.token(Role.JOBCENTER)) as session:
        event = await Listener(session, UPDATES, id=citizen, after=1).next()
    assert event["planUpdated"]["version"] == 3


async def test_a_fund_hears_nothing_when_only_hidden_parts_change(world: World) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen, "Den første.")
    async with socket(world, world.token(Role.FUND)) as session:
        listener = Listener(session, UPDATES, id=citizen, after=1)
        await listening(world, citizen)
        token = world.token(Role.JOBCENTER)
        hidden = await world.ask(token, INTERVENTION, input=aid(world, citizen))
        assert hidden["createIntervention"]["version"] == 2
        await hold_conversation(world, citizen, "Den anden.")
        event = await listener.next()
    # the first thing the fund hears is the agreement, as its own second version
    assert event["planUpdated"]["version"] == 2
    assert event["planUpdated"]["plan"]["latestAgreement"]["agreementText"] == "Den anden."


@pytest.mark.rule("R130", "refused")
async def test_the_view_ends_when_the_membership_ends(world: World) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen, "Den første.")
    async with socket(world, world.token(Role.FUND)) as session:
        listener = Listener(session, UPDATES, id=citizen, after=1)
        await listening(world, citizen)
        await world.ask(
            world.token(Role.SYSTEM),
            MEMBERSHIP,
            input={
                "citizenId": citizen,
                "fundCode": FUND,
                "insurance": "FULL_TIME",
                "from": "2020-01-01",
                "to": str(world.day[0]),
            },
        )
        ended = await listener.ended()
    assert isinstance(ended, TransportQueryError)
    assert ended.errors is not None
    assert ended.errors[0]["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.rule("R130", "refused")
async def test_nobody_listens_to_a_citizen_out_of_reach(world: World) -> None:
    citizen = await new_citizen(world, municipality="751")
    async with socket(world, world.token(Role.JOBCENTER)) as session:
        ended = await Listener(session, UPDATES, id=citizen, after=None).ended()
    assert isinstance(ended, TransportQueryError)
    assert ended.errors is not None
    assert ended.errors[0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_notice_arrives_on_the_front_page_live(world: World) -> None:
    citizen = await new_citizen(world)
    async with socket(world, world.token(Role.CITIZEN, citizen=citizen)) as session:
        listener = Listener(session, NOTICES)
        await listening(world, citizen)
        await hold_conversation(world, citizen)
        event = await listener.next()
    assert event["notificationAdded"] == {
        "event": "CONVERSATION_REGISTERED",
        "text": "Din seneste aftale er opdateret i Min Plan.",
        "version": 1,
    }


async def test_news_follow_each_other_and_none_is_lost(world: World) -> None:
    """Also tells how long a version takes from the mutation's start to the citizen's screen."""
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Aftale 0")
    taken = []
    async with socket(world, world.token(Role.CITIZEN, citizen=citizen)) as session:
        listener = Listener(session, UPDATES, id=citizen, after=1)
        await listening(world, citizen)
        for number in range(2, 12):
            started = time.perf_counter()
            await hold_conversation(world, citizen, f"Aftale {number}")
            event = await listener.next()
            taken.append(time.perf_counter() - started)
            assert event["planUpdated"]["version"] == number
    print(f"median {statistics.median(taken) * 1000:.0f} ms")


async def test_a_wake_up_that_valkey_does_not_take_still_rings_here(world: World) -> None:
    citizen = uuid4()
    async with without_valkey(world) as live:
        with listening_to(live, citizen) as bell:
            assert await bell.wait()
            version = Version(uuid4(), citizen, "FULL", 1, (), "GOALS")
            await live.publish(Published(versions=(version,)))
            assert await bell.wait()


async def test_reads_go_on_after_the_database_closed_all_connections(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    token = world.token(Role.CITIZEN, citizen=citizen)
    assert await plan_of(world, token, citizen)
    admin = await asyncpg.connect(world.settings.database_url)
    await admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    await admin.close()
    assert [bool(await plan_of(world, token, citizen)) for _ in range(10)] == [True] * 10
