"""graphql-transport-ws message by message: what is answered, and what closes the socket."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
import websockets

from app.domain.viewer import Role
from app.settings import Settings
from tests.story import new_citizen
from tests.wire.sockets import (
    PROTOCOL,
    ROLE,
    ask,
    closed,
    dialled,
    hear,
    opened,
    say,
    token_for,
)
from tests.world import World, open_world


async def test_a_query_is_answered_once_and_completed(shared_world: World) -> None:
    async with opened(shared_world, shared_world.token(Role.JOBCENTER)) as socket:
        await ask(socket, ROLE, name="a")
        assert await hear(socket) == {
            "id": "a",
            "type": "next",
            "payload": {"data": {"viewer": {"role": "JOBCENTER"}}},
        }
        assert await hear(socket) == {"id": "a", "type": "complete"}
        # the id is free again
        await ask(socket, ROLE, name="a")
        assert (await hear(socket))["type"] == "next"


@pytest.mark.parametrize(
    "payload",
    [
        lambda token: {"authorization": token},
        lambda token: {"Authorization": token},
        lambda token: {"headers": {"Authorization": token}},
    ],
)
async def test_the_token_comes_with_the_initialisation(shared_world: World, payload: Any) -> None:
    token = f"Bearer {shared_world.token(Role.JOBCENTER)}"
    async with dialled(shared_world) as socket:
        await say(socket, type="connection_init", payload=payload(token))
        ack = await hear(socket)
    assert ack["type"] == "connection_ack" and ack["payload"]["role"] == "jobcenter"


async def test_the_token_may_come_with_the_handshake(shared_world: World) -> None:
    headers = {"Authorization": f"Bearer {shared_world.token(Role.JOBCENTER)}"}
    async with opened(shared_world, additional_headers=headers) as socket:
        await ask(socket, ROLE)
        assert (await hear(socket))["payload"] == {"data": {"viewer": {"role": "JOBCENTER"}}}


async def test_who_gives_no_token_is_nobody_and_gets_in(shared_world: World) -> None:
    async with opened(shared_world) as socket:
        await ask(socket, ROLE)
        assert (await hear(socket))["type"] == "error"


@pytest.mark.parametrize("given", ["Bearer not-a-token", "", 5, {"a": []}])
async def test_a_token_that_proves_nothing_closes_4403(shared_world: World, given: Any) -> None:
    async with dialled(shared_world) as socket:
        await say(socket, type="connection_init", payload={"authorization": given})
        assert await closed(socket) == (4403, "Forbidden")


async def test_a_token_that_has_run_out_within_the_leeway_opens_no_socket(world: World) -> None:
    async with dialled(world) as socket:
        token = token_for(world, str(uuid4()), seconds=-5)
        await say(socket, type="connection_init", payload={"authorization": f"Bearer {token}"})
        assert await closed(socket) == (4403, "Forbidden")


async def test_who_does_not_initialise_is_closed_4408(settings: Settings) -> None:
    hasty = settings.model_copy(update={"connection_init_seconds": 0.05})
    async with open_world(hasty) as world, dialled(world) as socket:
        assert await closed(socket) == (4408, "Connection initialisation timeout")


async def test_a_second_initialisation_closes_4429(world: World) -> None:
    async with opened(world) as socket:
        await say(socket, type="connection_init")
        assert await closed(socket) == (4429, "Too many initialisation requests")


async def test_an_operation_before_the_acknowledgement_closes_4401(world: World) -> None:
    async with dialled(world) as socket:
        await ask(socket, ROLE)
        assert await closed(socket) == (4401, "Unauthorized")


async def test_an_id_that_is_in_use_closes_4409(shared_world: World) -> None:
    citizen = await new_citizen(shared_world)
    async with opened(shared_world, shared_world.token(Role.CITIZEN, citizen=citizen)) as socket:
        await ask(socket, "subscription { notificationAdded { version } }", name="x")
        await ask(socket, ROLE, name="x")
        assert await closed(socket) == (4409, "Subscriber for x already exists")


@pytest.mark.parametrize("offered", [None, ["graphql-ws"], ["chat", "graphql-ws"]])
async def test_another_protocol_is_closed_4406(
    shared_world: World, offered: list[str] | None
) -> None:
    subprotocols = [websockets.Subprotocol(name) for name in offered] if offered else None
    async with dialled(shared_world, subprotocols=subprotocols) as socket:
        assert socket.subprotocol is None
        assert await closed(socket) == (4406, "Subprotocol not acceptable")


async def test_ours_is_chosen_among_several_protocols(shared_world: World) -> None:
    several = [websockets.Subprotocol("graphql-ws"), PROTOCOL]
    async with opened(shared_world, subprotocols=several) as socket:
        assert socket.subprotocol == PROTOCOL


DEEP = '{"type":"ping","payload":' + '{"a":' * 2000 + "1" + "}" * 2001
SUBSCRIBE = '{"type": "subscribe", "id": "1", "payload": %s}'


@pytest.mark.parametrize(
    "message",
    [
        *("[]", '"x"', "5", "null", "true", '{"id": []}', '{"type": 5}', "", "{", DEEP),
        *('{"type": "start", "id": "1"}', '{"type": "connection_ack"}', '{"type": "next"}'),
        *('{"type": "ping", "payload": []}', '{"type": "pong", "payload": "x"}'),
        *('{"type": "complete"}', '{"type": "complete", "id": 1}'),
        *(SUBSCRIBE % wrong for wrong in ("[]", "null", '"x"', "{}", '{"query": 5}')),
        SUBSCRIBE % '{"query": "{a}", "variables": []}',
        SUBSCRIBE % '{"query": "{a}", "extensions": "x"}',
        SUBSCRIBE % '{"query": "{a}", "operationName": 1}',
        '{"type": "subscribe", "payload": {"query": "{a}"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{a}"}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{a}"}}',
        '{"type": "subscribe", "id": "%s", "payload": {"query": "{a}"}}' % ("x" * 256),
        '{"type": "ping", "payload": {"a": "\\ud800"}}',
        b'{"type": "ping"}',
    ],
    ids=lambda message: str(message)[:70],
)
async def test_a_message_of_the_wrong_shape_closes_4400(
    shared_world: World, message: str | bytes
) -> None:
    async with opened(shared_world) as socket:
        await socket.send(message)
        code, reason = await closed(socket)
    assert code == 4400 and reason


async def test_an_operation_that_is_wrong_is_an_error_and_the_socket_lives(
    shared_world: World,
) -> None:
    async with opened(shared_world, shared_world.token(Role.JOBCENTER)) as socket:
        for number, query in enumerate(["{", "{ nothing }", "{ a } { b }", "mutation { nothing }"]):
            await ask(socket, query, name=str(number))
            answer = await hear(socket)
            assert (answer["type"], answer["id"]) == ("error", str(number))
            assert answer["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        await ask(socket, ROLE)
        assert (await hear(socket))["type"] == "next"


async def test_an_operation_that_is_not_there_is_the_clients_mistake(shared_world: World) -> None:
    async with opened(shared_world) as socket:
        payload = {"query": "query A { targetGroups { code } }", "operationName": "B"}
        await say(socket, type="subscribe", id="1", payload=payload)
        answer = await hear(socket)
    assert answer["type"] == "error"
    assert answer["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_persisted_document_is_found_by_the_extensions_of_a_message(
    shared_world: World,
) -> None:
    unknown = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    async with opened(shared_world, shared_world.token(Role.JOBCENTER)) as socket:
        await say(socket, type="subscribe", id="1", payload={"extensions": unknown})
        answer = await hear(socket)
    assert answer["payload"][0]["extensions"]["code"] == "PERSISTED_DOCUMENT_NOT_FOUND"


async def test_a_ping_is_answered_with_its_payload(shared_world: World) -> None:
    async with dialled(shared_world) as socket:
        await say(socket, type="ping", payload={"n": [1]})
        assert await hear(socket) == {"type": "pong", "payload": {"n": [1]}}
        await say(socket, type="ping")
        assert await hear(socket) == {"type": "pong"}


async def test_a_pong_that_nobody_asked_for_is_taken(shared_world: World) -> None:
    async with opened(shared_world, shared_world.token(Role.JOBCENTER)) as socket:
        await say(socket, type="pong", payload={})
        await ask(socket, ROLE)
        assert (await hear(socket))["type"] == "next"


async def test_the_server_pings_and_leaves_who_does_not_answer(settings: Settings) -> None:
    quick = settings.model_copy(update={"ws_ping_seconds": 0.05})
    async with open_world(quick) as world, opened(world) as silent, opened(world) as awake:
        silence = asyncio.create_task(closed(silent))
        while not silence.done():
            assert orjson.loads(await awake.recv()) == {"type": "ping"}
            await say(awake, type="pong")
        assert await silence == (1001, "No answer to a ping")
        await say(awake, type="ping")
        assert (await hear(awake))["type"] == "pong"


@pytest.mark.parametrize(
    ("listed", "origin", "is_let_in"),
    [
        ("", None, True),
        ("", "{own}", True),
        ("", "https://evil.example", False),
        ("", "null", False),
        ("https://minplan.example, http://other.example:81", "https://minplan.example", True),
        ("https://minplan.example, http://other.example:81", "http://other.example:81", True),
        ("https://minplan.example", "http://minplan.example", False),
        ("https://minplan.example", "{own}", False),
        ("https://minplan.example", None, True),
    ],
)
async def test_only_pages_of_known_origins_open_a_socket(
    settings: Settings, listed: str, origin: str | None, is_let_in: bool
) -> None:
    async with open_world(settings.model_copy(update={"allowed_origins": listed})) as world:
        own = None if origin is None else origin.format(own=world.base_url)
        if is_let_in:
            async with opened(world, origin=own):
                return
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with dialled(world, origin=own):
                pass
    assert refused.value.response.status_code == 403


async def test_a_plain_request_is_no_socket(shared_world: World) -> None:
    response: httpx.Response = await shared_world.client.get(f"{shared_world.base_url}/graphql")
    assert response.status_code == 400
