"""Whatever a client sends is answered in GraphQL's way; nothing is stored, nothing fails inside."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from app.domain.viewer import Role
from tests.schema.test_operation import count_rows
from tests.story import CONVERSATION, PLAN, conversation, new_citizen
from tests.world import World

NUL, SURROGATE = "a\x00b", "\ud800"


async def refused(world: World, given: dict[str, Any]) -> dict[str, Any]:
    """The first error of a conversation that cannot be taken; nothing may have been stored."""
    before = await count_rows(world)
    response = await world.client.post(
        f"{world.base_url}/graphql",
        content=json.dumps({"query": CONVERSATION, "variables": {"input": given}}),
        headers={
            "authorization": f"Bearer {world.token(Role.JOBCENTER)}",
            "content-type": "application/json",
        },
    )
    assert response.status_code in (200, 400), response.text
    assert await count_rows(world) == before
    error: dict[str, Any] = response.json()["errors"][0]
    return error


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mode", "BY_PIGEON"),
        ("heldAt", "2026-02-30T09:00:00+01:00"),
        ("heldAt", "yesterday"),
        ("heldAt", "2026-03-01T09:00:00"),
        ("heldAt", 17),
        ("agreementText", NUL),
        ("agreementText", "x" * 1_000_000),
        ("agreementText", {"a": 1}),
        ("expectedVersion", 2**40),
        ("expectedVersion", "one"),
        ("citizenId", {"id": 1}),
        ("statuses", [{"interventionId": "x"}]),
    ],
)
async def test_a_bad_value_is_refused_with_a_code_and_the_path_to_it(
    shared_world: World, field: str, value: Any
) -> None:
    citizen = await new_citizen(shared_world)
    error = await refused(
        shared_world, conversation(shared_world, citizen, "Hej.") | {field: value}
    )
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["path"][:2] == ["input", field]
    assert "xxxx" not in error["message"]


async def test_a_lone_surrogate_is_refused_before_anything_runs(shared_world: World) -> None:
    citizen = await new_citizen(shared_world)
    error = await refused(shared_world, conversation(shared_world, citizen, SURROGATE))
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "citizen_id", ["", "x", "0" * 5000, "018f5b3e-0000-7000-8000-000000000000"]
)
async def test_an_id_that_names_no_citizen_is_answered_as_what_does_not_exist(
    shared_world: World, citizen_id: str
) -> None:
    token = shared_world.token(Role.JOBCENTER)
    assert (await shared_world.ask(token, PLAN, id=citizen_id))["citizen"] is None
    data = await shared_world.ask(
        token, CONVERSATION, input=conversation(shared_world, citizen_id, "Hej.")
    )
    assert data["registerConversation"]["__typename"] == "NotFound"


async def test_an_id_of_another_type_is_answered_as_what_does_not_exist(
    shared_world: World,
) -> None:
    citizen = await new_citizen(shared_world)
    given = conversation(shared_world, citizen, "Hej.") | {"meetingId": citizen}
    data = await shared_world.ask(shared_world.token(Role.JOBCENTER), CONVERSATION, input=given)
    assert data["registerConversation"]["__typename"] == "NotFound"


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"null", b"5", b'"x"', b"true", b"[]", b"[1]", b"{}", b'{"query": 5}'),
        *(b"\xff\xfe", b"[" * 100_000, b'{"query": "{ viewer"}', b'{"query": "{ nope }"}'),
        b'{"query": "{ viewer { role } }", "variables": []}',
        b'{"query": "{ viewer { role } }", "operationName": 7}',
        b'{"query": "{ viewer { role } }", "variables": {"n": ' + b"9" * 6000 + b"}}",
        b'{"query": "query($a: Int) { viewer { role } }", "variables": {"a": 99999999999}}',
        b'{"query": "mutation { __typename }", "operationName": "missing"}',
    ],
)
async def test_a_bad_body_is_the_clients_mistake_and_never_ours(
    shared_world: World, body: bytes
) -> None:
    response = await shared_world.client.post(
        f"{shared_world.base_url}/graphql",
        content=body,
        headers={
            "authorization": f"Bearer {shared_world.token(Role.JOBCENTER)}",
            "content-type": "application/json",
        },
    )
    assert response.status_code < 500
    if response.status_code != 200:
        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_body_of_five_megabytes_is_too_large(shared_world: World) -> None:
    response = await shared_world.client.post(
        f"{shared_world.base_url}/graphql",
        content=b'{"query": "' + b"x" * 5_000_000 + b'"}',
        headers={"content-type": "application/json"},
    )
    assert response.status_code == 413


@pytest.mark.parametrize("token", ["x", "a.b.c", "Basic x"])
async def test_a_token_that_proves_nothing_is_unauthenticated(
    shared_world: World, token: str
) -> None:
    response = await shared_world.client.post(
        f"{shared_world.base_url}/graphql",
        json={"query": "{ viewer { role } }"},
        headers={"authorization": f"Bearer {token}"},
    )
    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.rule("R155", "allowed")
@pytest.mark.rule("R155", "refused")
async def test_without_a_token_only_code_lists_are_answered(shared_world: World) -> None:
    assert (await shared_world.ask(None, "{ targetGroups { code } }"))["targetGroups"]
    answer = await shared_world.post(None, PLAN, id="x")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert answer.get("data") is None


async def test_several_broken_rules_are_told_at_once(shared_world: World) -> None:
    citizen = await new_citizen(shared_world)
    given = conversation(shared_world, citizen, "x" * 4001) | {
        "heldAt": "2031-01-01T09:00:00+01:00",
        "authority": "UNEMPLOYMENT_FUND",
    }
    data = await shared_world.ask(shared_world.token(Role.JOBCENTER), CONVERSATION, input=given)
    codes = {b["code"] for b in data["registerConversation"]["breaches"]}
    assert codes == {"INVALID_PERIOD", "FORBIDDEN", "TEXT_TOO_LONG"}
    assert all(b["message"] and b["source"] for b in data["registerConversation"]["breaches"])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(value=json_values, field=st.sampled_from(["citizenId", "heldAt", "mode", "statuses"]))
async def test_no_value_of_any_shape_makes_the_server_fail(
    shared_world: World, value: Any, field: str
) -> None:
    given = conversation(shared_world, "x", "Hej.") | {field: value}
    response = await shared_world.client.post(
        f"{shared_world.base_url}/graphql",
        content=json.dumps({"query": CONVERSATION, "variables": {"input": given}}),
        headers={
            "authorization": f"Bearer {shared_world.token(Role.JOBCENTER)}",
            "content-type": "application/json",
        },
    )
    assert response.status_code in (200, 400)
    for error in response.json().get("errors", []):
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_client_sees_its_answers_as_json(shared_world: World) -> None:
    response = await shared_world.client.get(
        f"{shared_world.base_url}/graphql", params={"query": "{ targetGroups { code } }"}
    )
    assert response.headers["content-type"].startswith("application/json")
    assert response.status_code == 200
