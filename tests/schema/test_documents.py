"""Documents by their hash: of a manifest, or registered by clients in development."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, strategies as st
from redis.asyncio import Redis

from app.domain.viewer import Role
from app.errors import AppError, BadUserInput
from app.schema.documents import DocumentStore
from app.schema.request import OperationRequest
from app.schema.trusted import TrustedDocument, TrustedDocuments, hash_of
from app.settings import Settings, load_settings
from app.store.automatic import MAX_TEXT, AutomaticDocuments
from tests.wire import sockets
from tests.world import World, open_world

VIEWER = "query Viewer { viewer { role } }"
ROLE = "query Role { viewer { role } }"
GROUPS = "{ targetGroups { code } }"
RENAME = "mutation M { markNotificationsSeen(input: {}) { __typename } }"
UNKNOWN = "sha256:" + 64 * "0"
ANSWER = {"data": {"viewer": {"role": "CITIZEN"}}}

Ask = Callable[..., Any]


def by_id(text: str) -> dict[str, Any]:
    return {"documentId": f"sha256:{hash_of(text)}"}


def by_apollo(text: str) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}}}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({hash_of(VIEWER): VIEWER, hash_of(RENAME): RENAME}))
    return path


@pytest.fixture
async def worlds(settings: Settings, manifest: Path) -> AsyncIterator[Ask]:
    """Opens processes on one database and Valkey, with the manifest and other settings."""
    async with AsyncExitStack() as stack:

        async def opened(**changed: Any) -> World:
            given = settings.model_dump(exclude_unset=True) | {"trusted_documents": manifest}
            return await stack.enter_async_context(open_world(load_settings(**given | changed)))

        yield opened


async def post(world: World, **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await sent(world, **body)).json()
    return answer


async def sent(world: World, **body: Any) -> httpx.Response:
    token = world.token(Role.CITIZEN, citizen="00000000-0000-4000-8000-000000000001")
    return await world.client.post(
        f"{world.base_url}/graphql", json=body, headers={"authorization": f"Bearer {token}"}
    )


def refusal(answer: dict[str, Any]) -> tuple[str, str]:
    assert "data" not in answer and len(answer["errors"]) == 1
    return answer["errors"][0]["extensions"]["code"], answer["errors"][0]["message"]


NOT_FOUND = ("PERSISTED_DOCUMENT_NOT_FOUND", "PersistedQueryNotFound")
NOT_SUPPORTED = ("PERSISTED_DOCUMENT_NOT_FOUND", "PersistedQueryNotSupported")


@pytest.mark.parametrize(
    "body",
    [by_id(VIEWER), {"documentId": hash_of(VIEWER)}, by_apollo(VIEWER), {"query": VIEWER},
     by_id(VIEWER) | {"query": VIEWER}, by_apollo(VIEWER) | {"query": VIEWER},
     by_id(VIEWER) | by_apollo(VIEWER), by_apollo(VIEWER) | {"query": None},
     by_apollo(VIEWER) | {"query": ""}],
    ids=str,
)  # fmt: skip
async def test_a_trusted_document_runs_however_it_is_named(worlds: Ask, body: Any) -> None:
    world = await worlds(documents="trusted")
    assert await post(world, **body) == ANSWER


async def test_a_trusted_document_runs_from_a_url(worlds: Ask) -> None:
    world = await worlds(documents="trusted")
    token = world.token(Role.CITIZEN, citizen="00000000-0000-4000-8000-000000000001")
    for body in (by_id(VIEWER), by_apollo(VIEWER)):
        params = {k: v if isinstance(v, str) else json.dumps(v) for k, v in body.items()}
        answer = await world.client.get(
            f"{world.base_url}/graphql",
            params=params,
            headers={"authorization": f"Bearer {token}", "x-requested-with": "test"},
        )
        assert answer.json() == ANSWER
    mutation = await world.client.get(f"{world.base_url}/graphql", params=by_id(RENAME))
    assert mutation.status_code in (401, 405) or "errors" in mutation.json()


async def test_a_socket_and_a_stream_take_what_a_request_takes(worlds: Ask) -> None:
    world = await worlds(documents="trusted")
    token = world.token(Role.CITIZEN, citizen="00000000-0000-4000-8000-000000000001")
    async with sockets.opened(world, token) as socket:
        for payload in (by_id(VIEWER), by_apollo(VIEWER), {"query": VIEWER}):
            await sockets.say(socket, type="subscribe", id="1", payload=payload)
            assert (await sockets.hear(socket))["payload"] == ANSWER
            assert (await sockets.hear(socket))["type"] == "complete"
        refused = {"query": ROLE}, by_id(ROLE), by_apollo(ROLE)
        for payload, code in zip(refused, ("REQUIRED", "NOT_FOUND", "NOT_FOUND"), strict=True):
            await sockets.say(socket, type="subscribe", id="1", payload=payload)
            message = await sockets.hear(socket)
            assert message["type"] == "error"
            assert message["payload"][0]["extensions"]["code"] == f"PERSISTED_DOCUMENT_{code}"
    headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
    streamed = await world.client.post(
        f"{world.base_url}/graphql", json=by_id(VIEWER), headers=headers
    )
    assert '"role":"CITIZEN"' in streamed.text
    unknown = await world.client.post(
        f"{world.base_url}/graphql", json=by_id(ROLE), headers=headers
    )
    assert "PERSISTED_DOCUMENT_NOT_FOUND" in unknown.text


async def test_nothing_else_runs_where_only_trusted_documents_do(worlds: Ask) -> None:
    world = await worlds(documents="trusted")
    for body in ({"query": ROLE}, by_id(ROLE) | {"query": ROLE}, by_apollo(ROLE) | {"query": ROLE}):
        code, message = refusal(await post(world, **body))
        assert code == "PERSISTED_DOCUMENT_REQUIRED" and ROLE not in message
    assert refusal(await post(world, **by_apollo(ROLE))) == NOT_FOUND
    assert refusal(await post(world, **by_id(ROLE)))[0] == "PERSISTED_DOCUMENT_NOT_FOUND"
    # what was refused was not registered either
    assert refusal(await post(world, **by_apollo(ROLE))) == NOT_FOUND


async def test_a_trusted_document_may_be_longer_than_any_other(worlds: Ask, manifest: Path) -> None:
    long = f"query Long {{ viewer {{ {' '.join(f'a{n}: role' for n in range(1200))} }} }}"
    refused = await post(await worlds(), query=long)
    assert refusal(refused)[0] == "BAD_USER_INPUT"
    manifest.write_text(json.dumps({hash_of(long): long}))
    answer = await post(await worlds(), **by_id(long))
    assert len(answer["data"]["viewer"]) == 1200


async def test_any_text_runs_beside_a_manifest(worlds: Ask) -> None:
    world = await worlds(automatic_documents=False)
    assert await post(world, query=ROLE) == ANSWER
    assert await post(world, **by_apollo(VIEWER)) == ANSWER


async def test_the_way_of_apollo_client_where_hashes_are_registered(world: World) -> None:
    """`createPersistedQueryLink`: the hash alone; told that it is unknown, hash and text."""
    hash_alone, both = by_apollo(ROLE), by_apollo(ROLE) | {"query": ROLE}
    assert refusal(await post(world, **hash_alone)) == NOT_FOUND
    assert await post(world, **both) == ANSWER
    assert await post(world, **hash_alone) == ANSWER
    assert await post(world, **by_id(ROLE)) == ANSWER


async def test_the_way_of_apollo_client_where_no_hashes_are_registered(worlds: Ask) -> None:
    """Told that hashes are of no use, it sends the text alone from then on."""
    world = await worlds(automatic_documents=False)
    assert refusal(await post(world, **by_apollo(ROLE))) == NOT_SUPPORTED
    assert await post(world, **by_apollo(ROLE) | {"query": ROLE}) == ANSWER
    assert refusal(await post(world, **by_apollo(ROLE))) == NOT_SUPPORTED


@pytest.mark.parametrize(
    "text",
    [
        "not a document",
        "{ nothing }",
        "query Needs($id: ID!) { citizen(id: $id) { id } }",
        "{ caseload(first: 100) { edges { node { plan { versions(first: 100) {"
        " edges { node { number } } } } } } } }",
    ],
    ids=["no document", "invalid", "without its variables", "too costly or forbidden"],
)
async def test_what_may_not_run_is_not_registered(world: World, text: str) -> None:
    answer = await sent(world, **by_apollo(text) | {"query": text})
    assert answer.json().get("data") is None and answer.json()["errors"]
    assert refusal(await post(world, **by_apollo(text))) == NOT_FOUND


async def test_what_one_budget_does_not_allow_is_not_registered(worlds: Ask) -> None:
    world = await worlds(subject_requests_per_second=1, budget_seconds=1)
    await post(world, query=VIEWER)
    text = f"query Later {{ viewer {{ role }} }} # {id(worlds)}"
    assert refusal(await post(world, **by_apollo(text) | {"query": text}))[0] == "RATE_LIMITED"
    valkey = Redis.from_url(world.settings.redis_url or "")
    assert await AutomaticDocuments(valkey).get(hash_of(text)) is None
    await valkey.aclose()


async def test_a_process_knows_what_was_registered_with_another(worlds: Ask) -> None:
    text = f"query Shared {{ viewer {{ role }} }} # {id(worlds)}"
    one, other = await worlds(), await worlds()
    assert refusal(await post(other, **by_apollo(text))) == NOT_FOUND
    assert await post(one, **by_apollo(text), query=text) == ANSWER
    assert await post(other, **by_apollo(text)) == ANSWER


EXTENSIONS: list[Any] = [
    *(1, [], {}, {"version": 1}, {"version": 1, "sha256Hash": 7}, {"sha256Hash": 64 * "a"}),
    *({"version": 2, "sha256Hash": 64 * "a"}, {"version": True, "sha256Hash": 64 * "a"}),
]
CONTRADICTIONS: list[Any] = [
    *({"extensions": {"persistedQuery": one}} for one in EXTENSIONS),
    by_apollo(VIEWER) | {"query": ROLE},
    by_id(VIEWER) | {"query": ROLE},
    by_id(VIEWER) | by_apollo(ROLE),
    {"documentId": "x-mine:1", "query": VIEWER},
    {"documentId": 7},
    {},
    {"extensions": {}},
]


@pytest.mark.parametrize(
    "body",
    CONTRADICTIONS,
    ids=str,
)  # fmt: skip
async def test_a_document_that_is_named_in_contradiction_is_bad_input(
    world: World, body: Any
) -> None:
    assert refusal(await post(world, **body))[0] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "identifier", ["", "sha256:", UNKNOWN, "md5:" + 32 * "a", 32 * "a", "SHA256:" + 64 * "0", "é"]
)
async def test_an_identifier_that_stands_for_nothing_is_not_found(
    world: World, identifier: str
) -> None:
    answer = await sent(world, documentId=identifier)
    assert refusal(answer.json())[0] == "PERSISTED_DOCUMENT_NOT_FOUND"
    assert answer.status_code < 500 and (not identifier or identifier not in answer.text)


TRUSTED = DocumentStore(TrustedDocuments([TrustedDocument(hash_of(VIEWER), "", VIEWER)]))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=3) | st.sampled_from(["version", "sha256Hash"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@given(st.text(), ANYTHING, st.none() | st.text())
async def test_whatever_a_client_names_is_found_or_refused_by_name(
    identifier: str, extension: Any, query: str | None
) -> None:
    for document_id in (identifier, None):
        request = OperationRequest(
            query, document_id=document_id, extensions={"persistedQuery": extension}
        )
        try:
            found = await TRUSTED.text_of(request)
        except AppError as error:
            assert error.code in ("PERSISTED_DOCUMENT_NOT_FOUND", "BAD_USER_INPUT")
        else:
            assert found == (query, False, None)


async def test_half_a_character_has_no_hash() -> None:
    request = OperationRequest(VIEWER + "\ud800", document_id=hash_of(VIEWER))
    with pytest.raises(BadUserInput):
        await TRUSTED.text_of(request)


@pytest.fixture
async def valkey(settings: Settings) -> AsyncIterator[Redis]:
    assert settings.redis_url
    async with Redis.from_url(settings.redis_url) as redis:
        yield redis


async def test_what_is_kept_is_bounded_and_what_was_used_last_stays(valkey: Redis) -> None:
    texts = [f"# {number:03} " + 93 * "x" for number in range(12)]  # 100 bytes each
    hashes = [hash_of(text) for text in texts]
    kept = AutomaticDocuments(Redis(port=9), max_bytes=1000)
    for text in texts[:10]:
        await kept.put(hash_of(text), text)
    assert await kept.get(hashes[0]) == texts[0]
    for text in texts[10:]:
        await kept.put(hash_of(text), text)
    found = [await kept.get(one) for one in hashes]
    assert found == [texts[0], None, None, *texts[3:]]


async def test_without_valkey_a_process_still_knows_its_own(valkey: Redis) -> None:
    away = AutomaticDocuments(Redis(host="127.0.0.1", port=9))
    await away.put(hash_of(ROLE), ROLE)
    assert await away.get(hash_of(ROLE)) == ROLE
    assert await away.get(hash_of("{ away }")) is None


async def test_a_text_that_is_too_long_is_not_kept(valkey: Redis) -> None:
    text = "#" + MAX_TEXT * "a"
    documents = AutomaticDocuments(valkey)
    await documents.put(hash_of(text), text)
    assert await documents.get(hash_of(text)) is None


async def test_what_lies_in_valkey_is_believed_only_if_it_has_the_hash(valkey: Redis) -> None:
    text = "{ overtaken }"
    await AutomaticDocuments(valkey).put(hash_of(text), text)
    keys = [key async for key in valkey.scan_iter("minplan:document:*")]
    mine = [key for key in keys if await valkey.get(key) == text.encode()]
    assert len(mine) == 1 and 0 < await valkey.ttl(mine[0]) <= 24 * 3600
    await valkey.set(mine[0], b"{ another }")
    assert await AutomaticDocuments(valkey).get(hash_of(text)) is None


async def test_two_requests_for_one_hash_count_it_once(valkey: Redis) -> None:
    text = "# " + 98 * "y"
    await AutomaticDocuments(valkey).put(hash_of(text), text)
    reader = AutomaticDocuments(valkey, max_bytes=150)
    both = await asyncio.gather(*(reader.get(hash_of(text)) for _ in range(2)))
    assert both == [text, text]
    for key in [key async for key in valkey.scan_iter("minplan:document:*")]:
        await valkey.delete(key)
    assert await reader.get(hash_of(text)) == text
