"""Variables that are made to cost dearly, or to have somebody's data told back."""

from typing import Any

import httpx
import pytest

from app.domain.viewer import Role
from app.schema.input_guard import MAX_ERRORS, MAX_VALUES
from tests.story import CONVERSATION
from tests.world import World

CODES = "{ municipalities { code } }"
NUL = "\0"


async def answered(
    world: World, variables: dict[str, Any], query: str = CODES, **headers: str
) -> httpx.Response:
    return await world.client.post(
        f"{world.base_url}/graphql",
        json={"query": query, "variables": variables},
        headers={"accept": "application/graphql-response+json", **headers},
    )


def caseworker(world: World) -> dict[str, str]:
    return {"authorization": f"Bearer {world.token(Role.JOBCENTER)}"}


async def test_thousands_of_bad_texts_are_told_in_a_few_errors(shared_world: World) -> None:
    bad = {"K" * 50_000: {str(n): NUL for n in range(2_000)}}
    for variables in (bad, {"input": bad}, {"input": {"citizenId": bad}}):
        response = await answered(shared_world, variables)
        assert response.status_code == 400
        assert len(response.json()["errors"]) == MAX_ERRORS
        assert len(response.content) < 5_000


@pytest.mark.parametrize(
    ("variables", "path"),
    [
        ({"Karen Jensen 010180-1234": NUL}, None),
        ({"input": {"Karen Jensen 010180-1234": NUL}}, ["input"]),
        ({"input": {"Karen Jensen 010180-1234": {"citizenId": NUL}}}, ["input"]),
        ({"input": {"citizenId": [{"Karen Jensen 010180-1234": NUL}]}}, ["input", "citizenId", 0]),
        ({"input": {"citizenId": NUL}}, ["input", "citizenId"]),
    ],
)
async def test_a_path_names_what_the_schema_names_and_ends_there(
    shared_world: World, variables: dict[str, Any], path: list[Any] | None
) -> None:
    response = await answered(shared_world, variables, CONVERSATION, **caseworker(shared_world))
    [error] = response.json()["errors"]
    assert error["extensions"].get("path") == path
    assert "Karen" not in response.text


@pytest.mark.parametrize(
    "variables",
    [
        {"a": [[[0] * 200] * 200] * 49},
        {f"{n:x}": 0 for n in range(MAX_VALUES + 1)},
        {"a": {f"{n:x}": 0 for n in range(MAX_VALUES)}},
    ],
)
async def test_more_values_than_any_input_holds_are_refused(
    shared_world: World, variables: dict[str, Any]
) -> None:
    response = await answered(shared_world, variables)
    [error] = response.json()["errors"]
    assert error["message"] == f"The input holds too many values; {MAX_VALUES} is the most."


@pytest.mark.parametrize("depth", [40, 120, 250, 600])
async def test_deep_variables_are_refused_with_an_idempotency_key_too(
    shared_world: World, depth: int
) -> None:
    deep: Any = 0
    for _ in range(depth):
        deep = [deep]
    keyed = {"idempotency-key": "deep", **caseworker(shared_world)}
    for variables in ({"input": deep}, {"unused": deep}, {"input": {"citizenId": deep}}):
        response = await answered(shared_world, variables, CONVERSATION, **keyed)
        assert response.status_code == 400
        codes = {error["extensions"]["code"] for error in response.json()["errors"]}
        assert codes == {"BAD_USER_INPUT"}


async def test_the_name_of_a_variable_is_no_place_for_a_book(shared_world: World) -> None:
    name = "K" * 10_000
    response = await answered(
        shared_world, {name: NUL}, f"query(${name}: Int!) {{ citizen(id: ${name}) {{ id }} }}"
    )
    assert response.status_code == 400 and len(response.content) < 1_000
