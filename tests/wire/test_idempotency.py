"""A mutation that is sent again with its Idempotency-Key is carried out once."""

import asyncio
import doctest
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from app.domain.viewer import Role
from app.schema import idempotency
from app.settings import Settings
from tests.schema.test_operation import TWO, count_rows
from tests.story import CONVERSATION, conversation, new_citizen
from tests.world import TODAY, World, open_world

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
LONG = " ".join(["Du søger to job om ugen, og vi ses igen."] * 20)


async def send(
    world: World,
    token: str,
    given: dict[str, Any],
    *,
    key: str | None = KEY,
    query: str = CONVERSATION,
    **rest: Any,
) -> httpx.Response:
    """One mutation over HTTP; `given` is its input."""
    return await world.client.post(
        f"{world.base_url}/graphql",
        json={"query": query, "variables": {"input": given}, **rest},
        headers={
            "authorization": f"Bearer {token}",
            "accept": "application/graphql-response+json",
            **({} if key is None else {"idempotency-key": key}),
        },
    )


def data_of(response: httpx.Response) -> bytes:
    """The bytes of `data`, as they were sent."""
    return response.content.removeprefix(b'{"data":').split(b',"extensions":')[0].rstrip(b"}")


def refused_as(response: httpx.Response) -> tuple[int, str]:
    """The HTTP status and the code of the only error; nothing was answered beside it."""
    answer = response.json()
    assert answer.get("data") is None
    (error,) = answer["errors"]
    return response.status_code, error["extensions"]["code"]


def is_replay(response: httpx.Response) -> bool:
    """Whether the answer says, in both places, that it is an earlier one's."""
    extensions = response.json().get("extensions", {})
    in_the_header = response.headers.get("idempotency-replayed") == "true"
    assert (extensions.get("idempotency") == {"replayed": True}) == in_the_header
    return bool(in_the_header)


async def query(world: World, statement: str, *args: object) -> Any:
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        return await connection.fetch(statement, *args)
    finally:
        await connection.close()


async def test_the_same_again_gets_the_first_answer_though_the_plan_has_moved_on(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.JOBCENTER)
    given = conversation(world, citizen, LONG)
    first = await send(world, token, given)
    await send(world, token, conversation(world, citizen, "Noget andet."), key=None)
    stored = await count_rows(world)
    again = await send(world, token, given)
    assert not is_replay(first) and is_replay(again)
    assert data_of(again) == data_of(first)
    assert again.json()["data"]["registerConversation"]["version"] == 1
    # the caseworker was shown the plan once more: the only trace
    stored["access_log"] += 1
    assert await count_rows(world) == stored


async def test_twenty_twins_at_once_have_one_effect_and_twenty_equal_answers(world: World) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.JOBCENTER)
    given = conversation(world, citizen, "Du søger to job om ugen.")
    answers = await asyncio.gather(*(send(world, token, given) for _ in range(20)))
    assert {response.status_code for response in answers} == {200}
    assert len({data_of(response) for response in answers}) == 1
    assert sorted(map(is_replay, answers)) == [False] + [True] * 19
    rows = await count_rows(world)
    assert (rows["conversation"], rows["plan_version"], rows["kept_answer"]) == (1, 2, 1)


async def test_twins_that_run_into_deadlocks_are_still_carried_out_once_each(world: World) -> None:
    one, other = await new_citizen(world), await new_citizen(world)
    token = world.token(Role.JOBCENTER)

    async def crosswise(a: str, b: str, key: str) -> httpx.Response:
        return await world.client.post(
            f"{world.base_url}/graphql",
            json={
                "query": TWO,
                "variables": {
                    "a": conversation(world, a, "Først."),
                    "b": conversation(world, b, "Så."),
                },
            },
            headers={"authorization": f"Bearer {token}", "idempotency-key": key},
        )

    answers = await asyncio.gather(
        *(
            crosswise(*pair, f"{n}-{pair[0]}")
            for n in range(4)
            for pair in ((one, other), (other, one))
            for _ in range(2)
        )
    )
    assert ["errors" in response.json() for response in answers] == [False] * 16
    assert sum(map(is_replay, answers)) == 8
    rows = await count_rows(world)
    assert (rows["conversation"], rows["kept_answer"]) == (16, 8)


@pytest.mark.parametrize("change", ["variables", "document", "operation name"])
async def test_the_same_key_with_another_body_is_refused(world: World, change: str) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.JOBCENTER)
    given = conversation(world, citizen, "Du søger to job om ugen.")
    document = CONVERSATION.replace("mutation(", "mutation Register(")
    await send(world, token, given, query=document)
    before = await count_rows(world)
    if change == "variables":
        other = conversation(world, citizen, "Du søger tre job om ugen.")
        response = await send(world, token, other, query=document)
    elif change == "document":
        response = await send(world, token, given, query=document + " ")
    else:
        response = await send(world, token, given, query=document, operationName="Register")
    assert refused_as(response) == (422, "IDEMPOTENCY_CONFLICT")
    assert await count_rows(world) == before


async def test_the_order_of_the_keys_in_an_input_makes_no_other_body(world: World) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.JOBCENTER)
    given = conversation(world, citizen, "Du søger to job om ugen.")
    await send(world, token, given)
    assert is_replay(await send(world, token, dict(reversed(given.items()))))


async def test_the_same_key_of_somebody_else_is_another_key(world: World) -> None:
    one, other = await new_citizen(world), await new_citizen(world)
    for token, citizen in (
        (world.token(Role.JOBCENTER, name="Troels Agerskov"), one),
        (world.token(Role.JOBCENTER, name="Bente Kjær"), other),
    ):
        response = await send(world, token, conversation(world, citizen, "Hej."))
        assert response.json()["data"]["registerConversation"]["version"] == 1
        assert not is_replay(response)


async def test_nothing_is_kept_of_what_stored_nothing(world: World) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.JOBCENTER)
    later = conversation(world, citizen, "§ 41") | {"heldAt": "2031-01-01T09:00:00+01:00"}
    for given in (later, conversation(world, KEY, "Hej."), later | {"expectedVersion": 9}):
        refused = await send(world, token, given)
        kind = refused.json()["data"]["registerConversation"]["__typename"]
        assert kind in ("RuleBreaches", "NotFound", "VersionConflict")
    assert (await count_rows(world))["kept_answer"] == 0
    # so the key serves for the request when it is right
    mended = await send(world, token, conversation(world, citizen, "Hej."))
    assert mended.json()["data"]["registerConversation"]["version"] == 1
    assert not is_replay(mended)


async def test_a_preview_ignores_the_key(world: World) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.JOBCENTER)
    given = conversation(world, citizen, "Du søger to job om ugen.")
    preview = CONVERSATION.replace("Input!)", "Input!) @preview", 1)
    for _ in range(2):
        response = await send(world, token, given, query=preview)
        assert response.json()["extensions"]["preview"] is True
        assert not is_replay(response)
    assert not is_replay(await send(world, token, given))
    # and asks nothing of what is kept, either
    assert (await send(world, token, given, query=preview)).json()["extensions"]["preview"] is True


async def test_after_a_day_the_key_is_free_even_if_nothing_was_purged(world: World) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.JOBCENTER)
    given = conversation(world, citizen, "Du søger to job om ugen.")
    await send(world, token, given)
    await query(world, "update kept_answer set kept_at = kept_at - interval '23 hours 50 minutes'")
    assert is_replay(await send(world, token, given))
    world.at(TODAY + timedelta(days=1))
    second = await send(world, token, given)
    assert not is_replay(second)
    assert second.json()["data"]["registerConversation"]["version"] == 2
    assert data_of(await send(world, token, given)) == data_of(second)
    assert (await count_rows(world))["kept_answer"] == 1


async def test_a_twin_of_one_that_takes_too_long_is_told_to_come_again(settings: Settings) -> None:
    impatient = settings.model_copy(update={"idempotency_wait_seconds": 0.2})
    async with open_world(impatient) as world:
        citizen = await new_citizen(world)
        token = world.token(Role.JOBCENTER)
        given = conversation(world, citizen, "Du søger to job om ugen.")
        connection = await asyncpg.connect(settings.database_url)
        try:
            # the first has the key, and waits for somebody who writes for the citizen
            async with connection.transaction():
                await connection.execute(
                    "select from citizen where citizen_id = $1 for update", citizen
                )
                first = asyncio.create_task(send(world, token, given))
                waits = (
                    "select count(*) from pg_stat_activity"
                    " where datname = current_database() and wait_event_type = 'Lock'"
                )
                while not await connection.fetchval(waits):
                    continue
                twin = await send(world, token, given)
                assert refused_as(twin) == (409, "IDEMPOTENCY_IN_PROGRESS")
            assert not is_replay(await first)
            assert data_of(await send(world, token, given)) == data_of(await first)
        finally:
            await connection.close()


@pytest.mark.parametrize("key", [f'"{KEY}"', KEY, "k" * 255, '"' + "k" * 255 + '"', "a b~!"])
async def test_a_key_is_a_text_with_or_without_its_quotes(world: World, key: str) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.JOBCENTER)
    given = conversation(world, citizen, "Hej.")
    assert (await send(world, token, given, key=key)).status_code == 200
    bare = key.strip('"')
    extensions = {"idempotencyKey": bare}
    assert is_replay(await send(world, token, given, key=f'"{bare}"'))
    assert is_replay(await send(world, token, given, key=None, extensions=extensions))


@pytest.mark.parametrize("key", ["", '""', "k" * 256, '"half', 'a"b"', "æ", "\t", 7, ["k"], {}])
async def test_what_is_no_key_is_refused_before_anything_runs(
    shared_world: World, key: object
) -> None:
    citizen = await new_citizen(shared_world)
    token = shared_world.token(Role.JOBCENTER)
    before = await count_rows(shared_world)
    given = conversation(shared_world, citizen, "Hej.")
    extensions = {"idempotencyKey": key}
    refused = await send(shared_world, token, given, key=None, extensions=extensions)
    if key == 'a"b"':
        assert refused.status_code == 200  # not quoted, so it is what it is
        return
    assert refused_as(refused) == (400, "BAD_USER_INPUT")
    assert await count_rows(shared_world) == before


async def test_a_query_ignores_the_key(world: World) -> None:
    viewer = "{ viewer { role } }"
    for key in (KEY, KEY, "k" * 256):
        response = await send(world, world.token(Role.JOBCENTER), {}, query=viewer, key=key)
        assert response.json() == {"data": {"viewer": {"role": "JOBCENTER"}}}
    assert (await count_rows(world))["kept_answer"] == 0


async def test_without_a_key_a_mutation_asks_nothing_of_what_is_kept(world: World) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.JOBCENTER)
    await query(world, "drop table kept_answer")
    given = conversation(world, citizen, "Hej.")
    response = await send(world, token, given, key=None)
    assert response.json()["data"]["registerConversation"]["version"] == 1
    failed = await send(world, token, given)
    assert failed.json()["errors"][0]["extensions"]["code"] == "INTERNAL"


def test_the_examples_of_keys_hold() -> None:
    assert doctest.testmod(idempotency).failed == 0
