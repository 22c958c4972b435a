"""GraphQL over HTTP: media types, status codes, and bodies that cannot be taken."""

import asyncio
import gzip
from typing import Any

import httpx
import orjson
import pytest

from app.domain.viewer import Role
from app.settings import Settings
from tests.world import World, open_world

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
ROLE = "{ viewer { role } }"


async def send(world: World, body: Any = None, **headers: str) -> httpx.Response:
    """A POST with a login; `headers` by their names with `_`."""
    given = {
        "authorization": f"Bearer {world.token(Role.JOBCENTER)}",
        "content-type": JSON,
        "accept": GRAPHQL,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return await world.client.post(f"{world.base_url}/graphql", content=content, headers=given)


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (GRAPHQL, GRAPHQL),
        (JSON, JSON),
        ("*/*", JSON),
        ("application/*;q=0.5", JSON),
        (f"{JSON};q=0.5, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.1, {JSON};q=0.2", JSON),
        (f"text/event-stream, {GRAPHQL}, {JSON}", GRAPHQL),
        ("text/html, */*;q=0.1", JSON),
    ],
)
async def test_the_answer_is_of_the_media_type_that_the_client_likes_best(
    shared_world: World, accept: str, answered: str
) -> None:
    response = await send(shared_world, {"query": ROLE}, accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{answered}; charset=utf-8"
    assert response.json() == {"data": {"viewer": {"role": "JOBCENTER"}}}
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", f"{GRAPHQL};q=0", f"{JSON}; charset=latin1"]
)
async def test_a_client_that_takes_neither_is_told_so(shared_world: World, accept: str) -> None:
    response = await send(shared_world, {"query": ROLE}, accept=accept)
    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{"}, "BAD_USER_INPUT"),
        ({"query": "{ nothing }"}, "BAD_USER_INPUT"),
        ({"query": "query A { viewer { role } } query B { viewer { role } }"}, "BAD_USER_INPUT"),
        ({"query": "query A { viewer { role } }", "operationName": "B"}, "BAD_USER_INPUT"),
        ({"query": "query($id: ID!) { citizen(id: $id) { id } }"}, "BAD_USER_INPUT"),
        ({"query": "{ notifications(first: 1) { edges { cursor } } }"}, "FORBIDDEN"),
        ({"query": "subscription { caseloadChanged { changed } }"}, "BAD_USER_INPUT"),
    ],
)
async def test_what_is_refused_before_it_runs_has_no_data_and_a_status_by_media_type(
    shared_world: World, body: Any, code: str
) -> None:
    strict = await send(shared_world, body)
    assert strict.status_code == 400
    assert "data" not in strict.json()
    assert strict.json()["errors"][0]["extensions"]["code"] == code
    legacy = await send(shared_world, body, accept=JSON)
    assert legacy.status_code == 200
    assert legacy.json() == strict.json()


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"NONSENSE", b"5", b"null", b"true", b'"x"', b"[]", b'{"query":', b"{}"),
        *(b'[{"query": "{ viewer { role } }"}]', b'{"qeury": "{ viewer { role } }"}'),
        *(b'{"query": 5}', b'{"query": null}', b'{"query": ["a"]}', b'{"query": {"a": 1}}'),
        b'{"query": "{ viewer { role } }", "variables": [7]}',
        b'{"query": "{ viewer { role } }", "variables": "{}"}',
        b'{"query": "{ viewer { role } }", "operationName": 7}',
        b'{"query": "{ viewer { role } }", "extensions": "x"}',
        b'{"query": "{ viewer { role } }", "documentId": 9}',
        b'{"query": "\xff\xfe"}',
        b'{"query": "\\ud800"}',
        b'{"query": "{ viewer { role } }", "variables": {"a": ' + b"9" * 6000 + b"x}}",
        b'{"query": "{ viewer { role } }", "variables": '
        + b'{"a":' * 100_000
        + b"1"
        + b"}" * 100_001,
        b"\xef\xbb\xbf{}",
    ],
)
async def test_a_body_that_is_no_request_is_a_bad_request(shared_world: World, body: bytes) -> None:
    for accept in (GRAPHQL, JSON):
        response = await send(shared_world, body, accept=accept)
        assert response.status_code == 400
        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_members_that_nobody_knows_and_keys_given_twice_do_no_harm(
    shared_world: World,
) -> None:
    body = b'{"query": "{", "query": "{ viewer { role } }", "more": [1]}'
    assert (await send(shared_world, body)).json() == {"data": {"viewer": {"role": "JOBCENTER"}}}


@pytest.mark.parametrize(
    "content_type",
    [
        *("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"),
        *("", "application/graphql", "application/json; charset=iso-8859-1", "application/jsonx"),
    ],
)
async def test_a_form_of_another_site_cannot_send_an_operation(
    shared_world: World, content_type: str
) -> None:
    response = await send(shared_world, {"query": ROLE}, content_type=content_type)
    assert response.status_code == 415


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "HEAD", "TRACE"])
async def test_other_methods_are_told_which_there_are(shared_world: World, method: str) -> None:
    response = await shared_world.client.request(method, f"{shared_world.base_url}/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST, PUT, DELETE"


async def test_a_query_may_come_by_get_and_a_mutation_may_not(shared_world: World) -> None:
    get = shared_world.client.get
    url = f"{shared_world.base_url}/graphql"
    found = await get(
        url,
        params={
            "query": "query($s: String!) { municipalities(search: $s) { name } }",
            "variables": '{"s": "101"}',
        },
    )
    assert found.json() == {"data": {"municipalities": [{"name": "København"}]}}
    mutation = "mutation { markNotificationsSeen(input: {}) { __typename } }"
    token = {"authorization": f"Bearer {shared_world.token(Role.CITIZEN, citizen='1' * 32)}"}
    refused = await get(url, params={"query": mutation}, headers=token)
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert refused.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    for broken in (
        "query=%7B&query=%7B",
        "query=%FF",
        "variables=5&query=x",
        "&".join("a=1" for _ in range(99)),
    ):
        assert (await get(f"{url}?{broken}")).status_code == 400


async def test_a_packed_body_is_not_unpacked(shared_world: World) -> None:
    bomb = gzip.compress(b" " * 10_000_000, mtime=0)
    response = await send(shared_world, bomb, content_encoding="gzip")
    assert response.status_code == 415
    assert response.headers["accept-encoding"] == "identity"


async def test_a_long_answer_is_packed_for_who_unpacks_it(shared_world: World) -> None:
    query = {"query": "{ targetGroups { code name } interventionKinds { code name } }"}
    packed = await send(shared_world, query, accept_encoding="gzip")
    plain = await send(shared_world, query, accept_encoding="identity")
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert packed.json() == plain.json()


async def test_a_body_that_never_ends_is_cut_off(settings: Settings) -> None:
    impatient = settings.model_copy(update={"body_seconds": 0.2})
    async with open_world(impatient) as world:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", int(world.base_url.rsplit(":")[-1])
        )
        writer.write(
            b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            b"content-length: 1000\r\n\r\n{"
        )
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"connection: close" in answer
        writer.close()
        await writer.wait_closed()


async def test_a_body_too_large_is_refused_by_its_length_and_by_its_bytes(
    settings: Settings,
) -> None:
    small = settings.model_copy(update={"max_body_bytes": 2048})

    async def pieces() -> Any:
        for _ in range(3):
            yield b" " * 1024

    async with open_world(small) as world:
        for content in (b" " * 3000, pieces()):
            response = await world.client.post(
                f"{world.base_url}/graphql", content=content, headers={"content-type": JSON}
            )
            assert response.status_code == 413


async def test_the_edition_of_2026_answers_otherwise_where_the_audit_suite_disagrees(
    settings: Settings,
) -> None:
    newest = settings.model_copy(update={"graphql_over_http": "2026"})
    partly = {
        "query": "{ viewer { role } citizenByCivilRegistrationNumber("
        ' civilRegistrationNumber: "5") { id } }'
    }
    async with open_world(newest) as world:
        assert (
            (await send(world, {"query": ROLE}, accept="*/*"))
            .headers["content-type"]
            .startswith(GRAPHQL)
        )
        assert (await send(world, partly)).status_code == 294
        assert (await send(world, partly, accept=JSON)).status_code == 200
        assert (await send(world, {"query": "{ nothing }"})).status_code == 422
        assert (await send(world, {"query": "{"})).status_code == 400


async def test_a_token_that_proves_nothing_is_challenged(shared_world: World) -> None:
    response = await send(shared_world, {"query": ROLE}, authorization="Bearer x.y.z")
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
