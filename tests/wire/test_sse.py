"""graphql-sse, a connection for each operation."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import orjson
import pytest

from app.domain.viewer import Role
from app.settings import Settings
from tests.story import hold_conversation, new_citizen
from tests.wire.sockets import ROLE, UPDATES, token_for
from tests.wire.streams import EVENTS, Seen, streamed
from tests.world import World, open_world

COMPLETE = Seen("complete", None)
STAFF = {"data": {"viewer": {"role": "JOBCENTER"}}}


def updates(citizen: str, after: int | None = 0) -> dict[str, Any]:
    return {"query": UPDATES, "variables": {"id": citizen, "after": after}}


async def test_a_subscription_by_post_is_a_stream_of_its_news(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Den første.")
    token = world.token(Role.CITIZEN, citizen=citizen)
    async with streamed(world, token, json=updates(citizen)) as stream:
        headers = stream.response.headers
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert headers["cache-control"] == "no-store" and headers["x-accel-buffering"] == "no"
        first = await stream.next()
        await hold_conversation(world, citizen, "Den anden.")
        second = await stream.next()
    assert first and second and first.event == second.event == "next"
    assert first.data["data"]["planUpdated"]["version"] == 1
    assert second.data["data"]["planUpdated"]["version"] == 2


async def test_a_subscription_may_come_by_get(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    given = {"query": UPDATES, "variables": orjson.dumps({"id": citizen, "after": 0}).decode()}
    token = world.token(Role.CITIZEN, citizen=citizen)
    async with streamed(world, token, "GET", params=given) as stream:
        event = await stream.next()
    assert event and event.data["data"]["planUpdated"]["version"] == 1


async def test_who_comes_back_with_the_last_id_gets_what_was_missed(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Den første.")
    token = world.token(Role.CITIZEN, citizen=citizen)
    async with streamed(world, token, json=updates(citizen)) as stream:
        first = await stream.next()
    assert first and first.id
    await hold_conversation(world, citizen, "Den anden.")
    back = {"last-event-id": first.id}
    async with streamed(world, token, json=updates(citizen, None), headers=back) as stream:
        missed = await stream.next()
    assert missed and missed.data["data"]["planUpdated"]["version"] == 2
    assert missed.id != first.id


async def test_a_query_streams_only_to_who_takes_nothing_else(world: World) -> None:
    token = world.token(Role.JOBCENTER)
    async with streamed(world, token, json={"query": ROLE}) as stream:
        assert await stream.rest() == [Seen("next", STAFF), COMPLETE]
    both = {"accept": f"application/graphql-response+json, application/json, {EVENTS}"}
    async with streamed(world, token, json={"query": ROLE}, headers=both) as stream:
        await stream.response.aread()
        assert stream.response.headers["content-type"].startswith("application/graphql-response")
        assert stream.response.json() == STAFF


async def test_a_subscription_streams_to_who_takes_json_too(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    both = {"accept": f"application/json, {EVENTS}"}
    token = world.token(Role.CITIZEN, citizen=citizen)
    async with streamed(world, token, json=updates(citizen), headers=both) as stream:
        assert stream.response.headers["content-type"].startswith(EVENTS)
        assert await stream.next()


@pytest.mark.parametrize("query", ["{", "{ nothing }", "subscription { nothing }"])
async def test_an_operation_that_is_wrong_is_told_inside_the_stream(
    world: World, query: str
) -> None:
    async with streamed(world, world.token(Role.JOBCENTER), json={"query": query}) as stream:
        assert stream.response.status_code == 200
        told, end = await stream.rest()
    assert "data" not in told.data and end == COMPLETE
    assert told.data["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_request_that_is_none_is_refused_in_json(world: World) -> None:
    token = world.token(Role.JOBCENTER)
    async with streamed(world, token, content=b"{", headers=JSON) as stream:
        await stream.response.aread()
    assert stream.response.status_code == 400
    assert stream.response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    async with streamed(world, "not-a-token", json={"query": ROLE}) as stream:
        pass
    assert stream.response.status_code == 401


JSON = {"content-type": "application/json"}


async def test_a_mutation_by_get_is_not_run_for_a_stream_either(world: World) -> None:
    mutation = {"query": "mutation { markNotificationsSeen(input: {ids: []}) { __typename } }"}
    citizen = await new_citizen(world)
    token = world.token(Role.CITIZEN, citizen=citizen)
    async with streamed(world, token, "GET", params=mutation) as stream:
        pass
    assert stream.response.status_code == 405


async def test_a_stream_that_is_quiet_beats(settings: Settings) -> None:
    quick = settings.model_copy(update={"sse_heartbeat_seconds": 0.05})
    async with open_world(quick) as world:
        citizen = await new_citizen(world)
        token = world.token(Role.CITIZEN, citizen=citizen)
        async with streamed(world, token, json=updates(citizen)) as stream:
            for _ in range(3):
                await stream.beat()


async def test_the_stream_ends_when_its_token_runs_out(world: World) -> None:
    citizen = await new_citizen(world)
    token = token_for(world, citizen, seconds=2)
    async with streamed(world, token, json=updates(citizen)) as stream:
        told, end = await stream.rest()
    assert told.data["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED" and end == COMPLETE
    assert streams_of(world) == 0


async def test_the_stream_ends_where_there_is_no_right_to_it(world: World) -> None:
    citizen = await new_citizen(world, municipality="751")
    async with streamed(world, world.token(Role.JOBCENTER), json=updates(citizen)) as stream:
        told, end = await stream.rest()
    assert told.data["errors"][0]["extensions"]["code"] == "NOT_FOUND" and end == COMPLETE


async def test_a_client_that_is_gone_leaves_nothing_behind(world: World) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.CITIZEN, citizen=citizen)
    async with streamed(world, token, json=updates(citizen)) as stream:
        await stream.beat()
        assert streams_of(world) == 1
    async with asyncio.timeout(10):
        while streams_of(world):
            await asyncio.sleep(0.005)


async def test_a_server_that_ends_ends_its_streams_without_completing_them(
    settings: Settings,
) -> None:
    async with AsyncExitStack() as ending:
        world = await ending.enter_async_context(open_world(settings))
        citizen = await new_citizen(world)
        token = world.token(Role.CITIZEN, citizen=citizen)
        async with streamed(world, token, json=updates(citizen)) as stream:
            await stream.beat()
            closing = asyncio.create_task(ending.aclose())
            assert await stream.rest() == []
        await closing


def streams_of(world: World) -> int:
    assert world.api.graphql is not None
    return len(world.api.graphql.streams.rounds)


async def test_a_token_that_ends_in_two_ways_at_once_is_told_once(world: World) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.CITIZEN, citizen=citizen)
    async with streamed(world, token, json=updates(citizen, after=1)) as stream:
        await stream.beat()
        assert world.api.graphql is not None
        for _ in range(2):
            world.api.graphql.streams.recheck(lambda _viewer: True)
        refused, complete = await stream.rest()
    assert refused.data["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert complete == COMPLETE
