"""Hostile texts, structures and headers, on each transport: refused with a code, nothing stored."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import websockets

from app.domain.viewer import Role
from tests.fuzz.answers import CODES, error_problems
from tests.schema.test_operation import count_rows
from tests.story import CONVERSATION, conversation, new_citizen
from tests.wire.hostile_documents import HOSTILE
from tests.wire.hostile_values import CURSORS, HEADERS, TEXTS, cursor
from tests.wire.sockets import ROLE, ask, closed, dialled, hear, opened, say
from tests.wire.streams import EVENTS
from tests.world import World

VIEWER = {"data": {"viewer": {"role": "JOBCENTER"}}}


async def sent(
    world: World, body: Any, token: str | None, headers: dict[bytes, bytes] | None = None
) -> Any:
    """The answer to a body, sent as JSON with escapes; it is refused or answered, never failed."""
    given = {b"content-type": b"application/json", **(headers or {})}
    if token and b"authorization" not in given:
        given[b"authorization"] = f"Bearer {token}".encode()
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = await world.client.post(
        f"{world.base_url}/graphql", content=content, headers=list(given.items())
    )
    assert response.status_code < 500, (body, headers)
    text = response.text
    if response.headers["content-type"].startswith(EVENTS):
        text = text.split("data: ", 1)[1].split("\n", 1)[0]
    answer = json.loads(text)
    assert error_problems(answer) == [], (body, headers)
    return answer


def places(text: str, given: Any) -> Iterator[dict[str, Any]]:
    """A mutation with a hostile text in each place that the request has for one."""
    whole = {"query": CONVERSATION, "variables": {"input": given}}
    yield {**whole, "query": text}
    yield {**whole, "query": CONVERSATION + text}
    yield {**whole, "operationName": text}
    yield {**whole, "documentId": text}
    yield {"documentId": text}
    yield {**whole, "variables": {text: given}}
    yield {**whole, "variables": {"input": {**given, text: text}}}
    yield {**whole, "extensions": {"idempotencyKey": text}}
    yield {**whole, "extensions": {"operationId": text}}
    yield {**whole, "extensions": {text: text, "cost": text}}
    for hashed in ({"version": 1, "sha256Hash": text}, {"version": text}, text):
        yield {**whole, "extensions": {"persistedQuery": hashed}}
        yield {"extensions": {"persistedQuery": hashed}}


@pytest.mark.parametrize(("accept", "texts"), [("application/json", TEXTS), (EVENTS, TEXTS[::4])])
async def test_a_hostile_text_is_harmless_in_every_place_of_a_request(
    world: World, accept: str, texts: tuple[str, ...]
) -> None:
    token = world.token(Role.JOBCENTER)
    given = conversation(world, "x", "Hej.")  # of nobody, so that nothing is stored in the end
    before = await count_rows(world)
    for text in texts:
        for body in places(text, given):
            await sent(world, body, token, {b"accept": accept.encode()})
    assert await count_rows(world) == before
    assert await sent(world, {"query": ROLE}, token) == VIEWER


async def test_a_hostile_header_is_harmless(world: World) -> None:
    token = world.token(Role.JOBCENTER)
    given = conversation(world, "x", "Hej.")
    body = {"query": CONVERSATION, "variables": {"input": given}}
    before = await count_rows(world)
    for name in (
        *("authorization", "accept", "accept-encoding", "accept-language", "content-encoding"),
        *("idempotency-key", "last-event-id", "x-graphql-event-stream-token", "origin", "host"),
        *("sec-fetch-site", "content-type", "x-forwarded-for", "forwarded", "cookie"),
    ):
        for value in HEADERS:
            await sent(world, body, token, {name.encode(): value.strip()})
    stored = await count_rows(world)
    # logins that prove nothing are noted, and nothing else is
    assert stored | {"login_refusal": 0} == before | {"login_refusal": 0}


async def test_a_hostile_place_in_a_list_is_not_one_of_ours(demo: World) -> None:
    connections = {
        Role.JOBCENTER: [
            "caseload(first: 2, after: $after) { edges { node { id } } }",
            "inbox(first: 2, after: $after) { edges { node { id } } }",
        ],
        Role.CITIZEN: ["notifications(first: 2, after: $after) { edges { node { id } } }"],
        Role.INSTITUTION: ["handoverPackages(first: 2, after: $after) { edges { node { id } } }"],
    }
    for role, fields in connections.items():
        token = demo.token(role, citizen=TEXTS[-1] if role is Role.CITIZEN else None)
        for field in fields:
            for after in CURSORS:
                body = {"query": f"query($after: String) {{ {field} }}"}
                answer = await sent(demo, body | {"variables": {"after": after}}, token)
                codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
                assert codes <= {"BAD_USER_INPUT"}, (field, after)
    refused = await sent(
        demo, body | {"variables": {"after": cursor([1])}}, demo.token(Role.INSTITUTION)
    )
    assert refused["errors"][0]["message"] == "This cursor is not one of ours."


@pytest.mark.parametrize("levels", [10, 29, 31, 250, 254, 1_000, 1_030, 100_000])
async def test_what_is_nested_deeply_is_refused_and_nothing_overflows(
    shared_world: World, levels: int
) -> None:
    token = shared_world.token(Role.JOBCENTER)
    inside = b'{"a":' * levels + b"1" + b"}" * levels
    listed = b"[" * levels + b"]" * levels
    query = b'{"query": "query($a: ID!) { citizen(id: $a) { id } }", '
    for body in (
        *(query + b'"variables": {"a": %b}}' % one for one in (inside, listed)),
        *(query + b'"extensions": {"persistedQuery": %b}}' % one for one in (inside, listed)),
        *(query + b'"extensions": %b}' % inside, query + b'"operationName": %b}' % listed),
        *(inside, listed, b"[" * levels, b'{"a":' * levels, query + b'"more": %b}' % listed),
    ):
        answer = await sent(shared_world, body, token)
        assert {one["extensions"]["code"] for one in answer["errors"]} == {"BAD_USER_INPUT"}


async def test_a_list_of_requests_is_none_however_long(world: World) -> None:
    citizen = await new_citizen(world)
    one = {
        "query": CONVERSATION,
        "variables": {"input": conversation(world, citizen, "Hej.")},
    }
    before = await count_rows(world)
    for count in (0, 1, 2, 5_000):
        for accept in (b"application/json", EVENTS.encode()):
            answer = await sent(
                world, [one] * count, world.token(Role.JOBCENTER), {b"accept": accept}
            )
            assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert await count_rows(world) == before


async def test_no_hostile_document_is_answered_by_a_stream(shared_world: World) -> None:
    token = shared_world.token(Role.JOBCENTER)
    for name, text in HOSTILE.items():
        answer = await sent(shared_world, {"query": text}, token, {b"accept": EVENTS.encode()})
        assert answer.get("data") is None and answer["errors"], name


async def test_no_hostile_document_is_answered_on_a_socket_or_closes_it(
    shared_world: World,
) -> None:
    async with opened(shared_world, shared_world.token(Role.JOBCENTER)) as socket:
        for name, text in HOSTILE.items():
            await ask(socket, text)
            message = await hear(socket)
            assert (message["id"], message["type"]) == ("1", "error"), name
            assert {one["extensions"]["code"] for one in message["payload"]} <= CODES, name
        await ask(socket, ROLE)
        assert (await hear(socket))["payload"] == VIEWER


async def test_a_hostile_text_is_harmless_in_every_place_of_a_message(world: World) -> None:
    given = conversation(world, "x", "Hej.")
    before = await count_rows(world)
    for text in TEXTS:
        bodies = list(places(text, given))
        async with opened(world, world.token(Role.JOBCENTER)) as socket:
            for number, payload in enumerate(bodies):
                await socket.send(
                    json.dumps({"type": "subscribe", "id": str(number), "payload": payload})
                )
            try:
                ended = 0
                while ended < len(bodies):
                    message = await hear(socket)
                    ended += message["type"] in ("error", "complete")
                    if message["type"] == "error":
                        assert error_problems({"errors": message["payload"]}) == []
            except websockets.ConnectionClosed as end:
                # half a character is no JSON, and nobody's document is no request
                assert end.rcvd is not None and end.rcvd.code == 4400, text
    assert await count_rows(world) == before


@pytest.mark.parametrize("levels", [250, 254, 300, 1_000, 1_030])
async def test_a_message_that_is_nested_deeply_is_answered_or_the_clients_mistake(
    shared_world: World, levels: int
) -> None:
    for kind in ("ping", "pong", "complete", "subscribe"):
        async with opened(shared_world, shared_world.token(Role.JOBCENTER)) as socket:
            inside = '{"a":' * levels + "1" + "}" * levels
            await socket.send(f'{{"type": "{kind}", "id": "1", "payload": {inside}}}')
            await say(socket, type="ping", payload={"last": 1})
            try:
                while (await hear(socket)).get("payload") != {"last": 1}:
                    pass
            except websockets.ConnectionClosed as end:
                assert end.rcvd is not None and end.rcvd.code == 4400, kind


async def test_a_list_of_messages_is_none(shared_world: World) -> None:
    async with dialled(shared_world) as socket:
        await socket.send(json.dumps([{"type": "connection_init"}] * 1_000))
        assert (await closed(socket))[0] == 4400
