"""Whatever makes the server work is paid for by who sent it."""

import asyncio
from itertools import count
from typing import Any

import httpx
import pytest

from app.domain.viewer import Role
from app.schema.input_guard import VariableCheck
from app.schema.lexical import lexemes_of
from app.schema.prepared import PreparedDocuments
from app.settings import Settings
from tests.world import World, open_world

OCCUPATIONS = 'occupations(search: "a", first: $n) { code }'

_numbers = count(1)


@pytest.fixture
def poor(settings: Settings) -> Settings:
    """Whoever has no login may spend 10,000 units at once, and wins next to nothing back."""
    return settings.model_copy(
        update={
            "address_cost_per_second": 100,
            "address_requests_per_second": 1_000,
            "budget_seconds": 100,
        }
    )


def fields() -> str:
    """Some hundred fields of a document that nobody has sent before."""
    mark = f"a{next(_numbers)}"
    return " ".join(f"{mark}_{n}: targetGroups {{ code name }}" for n in range(40))


@pytest.mark.parametrize(
    "body",
    [
        lambda: {"query": "{ nothing" + str(next(_numbers)) + " }"},
        lambda: {"query": f"query A {{ {fields()} }}", "operationName": "B"},
        lambda: {"query": f"query($n: Int!) {{ {fields()} {OCCUPATIONS} }}"},
        lambda: {
            "query": f"query($n: Int!) {{ {fields()} {OCCUPATIONS} }}",
            "variables": {"n": "x"},
        },
        lambda: {"documentId": "sha256:" + f"{next(_numbers):064x}"},
    ],
)
async def test_who_sends_what_is_refused_runs_out_of_budget(poor: Settings, body: Any) -> None:
    async with open_world(poor) as world:
        for _ in range(400):
            response = await _send(world, body())
            if response.status_code == 429:
                break
            assert response.json()["errors"]
        assert response.status_code == 429
        assert response.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_each_value_of_the_variables_is_paid_for(poor: Settings) -> None:
    body = {"query": "{ targetGroups { code } }", "variables": {"unused": [[0] * 120] * 50}}
    async with open_world(poor) as world:
        assert (await _send(world, body)).status_code == 200
        assert (await _send(world, body)).status_code == 429


async def test_a_document_that_cannot_be_paid_for_is_not_validated(
    poor: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    validated = []
    validate = PreparedDocuments._validate

    def counting(self: PreparedDocuments, *args: Any, **options: Any) -> Any:
        validated.append(args)
        return validate(self, *args, **options)

    monkeypatch.setattr(PreparedDocuments, "_validate", counting)
    async with open_world(poor) as world:
        answers = [await _send(world, {"query": f"query A {{ {fields()} }}"}) for _ in range(10)]
    statuses = [response.status_code for response in answers]
    assert statuses[0] == 200 and statuses.count(429) >= 5
    assert len(validated) == statuses.count(200)


@pytest.mark.parametrize(
    "text",
    [
        lambda mark: f"{{ nothing{mark} {'targetGroups ' * 600}}}",  # refused
        lambda mark: f"{{ {mark}: {'targetGroups ' * 600}",  # not even a document
        lambda mark: f"{{ {mark}: __schema {{ types {{ {'name ' * 700} }} }} }} # {'x' * 4_000}",
        lambda mark: f"# {'x' * 8_000} {mark}\n{{ targetGroups {{ code name }} }}",  # allowed
    ],
)
async def test_a_document_that_cannot_be_paid_for_is_not_read(
    poor: Settings, monkeypatch: pytest.MonkeyPatch, text: Any
) -> None:
    read = []

    def counting(query: str, *limits: Any) -> Any:
        read.append(query)
        return lexemes_of(query, *limits)

    monkeypatch.setattr("app.schema.prepared.lexemes_of", counting)
    async with open_world(poor) as world:
        for number in range(40):
            await _send(world, {"query": text(f"z{number}")})
        assert 0 < len(read) <= 12, "each took a tenth of the budget"


async def test_a_document_is_validated_once_however_many_ask_for_it_at_once(world: World) -> None:
    query = f"query A {{ {fields()} }}"
    answers = await asyncio.gather(*(_send(world, {"query": query}) for _ in range(10)))
    assert {response.status_code for response in answers} == {200}
    looked = world.api.schema.documents.look(query, Role.ANONYMOUS)
    assert looked.unproven is None


async def test_a_bad_idempotency_key_is_refused_before_its_document_is_validated(
    world: World,
) -> None:
    query = "mutation { markNotificationsSeen(input: {all: true}) { __typename } }"
    token = world.token(Role.CITIZEN, citizen="1" * 32)
    response = await _send(
        world, {"query": query}, authorization=f"Bearer {token}", **{"idempotency-key": "x" * 300}
    )
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    looked = world.api.schema.documents.look(query, Role.CITIZEN)
    assert looked.unproven is not None


async def test_values_beside_a_bad_idempotency_key_are_not_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[Any] = []
    monkeypatch.setattr(VariableCheck, "look", lambda _, *values: looked_at.append(values))
    query = (
        "mutation($input: MarkNotificationsSeenInput!)"
        " { markNotificationsSeen(input: $input) { __typename } }"
    )
    body = {"query": query, "variables": {"input": {"all": True}}}
    token = world.token(Role.CITIZEN, citizen="1" * 32)
    response = await _send(
        world, body, authorization=f"Bearer {token}", **{"idempotency-key": "x" * 300}
    )
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert looked_at == []


async def test_what_may_not_be_used_is_all_that_is_told(world: World) -> None:
    response = await _send(world, {"query": "mutation { registerConversation(input: {}) { x } }"})
    codes = {error["extensions"]["code"] for error in response.json()["errors"]}
    assert codes == {"UNAUTHENTICATED"}
    assert "heldAt" not in response.text


async def test_a_refusal_that_is_sent_again_takes_no_more_room(world: World) -> None:
    documents = PreparedDocuments(world.api.schema._schema, introspection=True)
    query = "{ notifications(first: 1) { edges { cursor } } }"
    assert documents.prepare(query, Role.CITIZEN).errors == []
    room = documents._refused_room
    first = documents.look(query, Role.ANONYMOUS)
    taken = room - documents._refused_room
    assert first.errors and taken > 0
    assert documents.look(query, Role.ANONYMOUS) is first
    assert room - documents._refused_room == taken


async def test_a_defect_is_answered_with_an_id_and_without_its_words(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("010780-1234 is in here")

    monkeypatch.setattr(world.api.schema.documents, "look", broken)
    response = await _send(world, {"query": "{ viewer { role } }"})
    error = response.json()["errors"][0]
    assert response.status_code == 500
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["incident"] in caplog.text
    assert "010780" not in response.text + caplog.text


async def _send(world: World, body: Any, **headers: str) -> httpx.Response:
    return await world.client.post(f"{world.base_url}/graphql", json=body, headers=headers)
