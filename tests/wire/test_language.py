"""Errors speak the language that the client asks for."""

import doctest
from typing import Any

import pytest
from hypothesis import given, strategies as st

from app.domain.viewer import Role
from app.texts import errors
from app.wire import language
from app.wire.language import preferred_language
from tests.story import CONVERSATION, REFUSED, conversation, new_citizen
from tests.world import World

DESCRIPTION = (
    "mutation($input: SetPlanDescriptionInput!) { setPlanDescription(input: $input)"
    " { __typename ... on SetPlanDescriptionPayload { warnings { message } } " + REFUSED + " } }"
)


async def answer_in(
    world: World, accept: str | None, query: str, role: Role = Role.JOBCENTER, **variables: Any
) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {world.token(role)}"}
    if accept is not None:
        headers["accept-language"] = accept
    response = await world.client.post(
        f"{world.base_url}/graphql", json={"query": query, "variables": variables}, headers=headers
    )
    answer: dict[str, Any] = response.json()
    return answer


@pytest.mark.parametrize(
    ("accept", "told"),
    [
        (None, "`first` is a number from 1 to 100."),
        ("da", "`first` er et tal fra 1 til 100."),
        ("en-GB, da;q=0.5", "`first` is a number from 1 to 100."),
        ("en;q=0.5, da-DK", "`first` er et tal fra 1 til 100."),
        ("fr, *;q=0.1", "`first` is a number from 1 to 100."),
    ],
)
async def test_an_error_is_in_the_language_that_is_preferred(
    world: World, accept: str | None, told: str
) -> None:
    query = "{ caseload(first: 101) { edges { node { id } } } }"
    (error,) = (await answer_in(world, accept, query))["errors"]
    assert error["message"] == told
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("accept", "told"),
    [
        (None, "Teksten er på 4001 tegn. Der er plads til 4000."),
        ("da", "Teksten er på 4001 tegn. Der er plads til 4000."),
        ("en", "The text has 4001 characters. There is room for 4000."),
    ],
)
async def test_a_broken_rule_is_told_in_danish_unless_english_is_preferred(
    world: World, accept: str | None, told: str
) -> None:
    citizen = await new_citizen(world)
    long = conversation(world, citizen, "x" * 4001)
    data = (await answer_in(world, accept, CONVERSATION, input=long))["data"]
    (breach,) = data["registerConversation"]["breaches"]
    assert breach["code"] == "TEXT_TOO_LONG"
    assert breach["message"] == told


@pytest.mark.parametrize(
    ("accept", "told"), [("da", "Der er ingen plan endnu."), ("en", "There is no plan yet.")]
)
async def test_what_is_not_there_is_told_in_the_language(
    world: World, accept: str, told: str
) -> None:
    citizen = await new_citizen(world, "CASH_BENEFIT_ACTIVITY_READY")
    nothing = {"citizenId": citizen, "text": ""}
    data = (await answer_in(world, accept, DESCRIPTION, input=nothing))["data"]
    assert data["setPlanDescription"] == {"__typename": "NotFound", "message": told}


async def test_a_request_that_is_none_is_refused_in_the_language(world: World) -> None:
    response = await world.client.post(
        f"{world.base_url}/graphql",
        content=b"5",
        headers={"content-type": "application/json", "accept-language": "da"},
    )
    assert response.json()["errors"][0]["message"] == "Forespørgslen skal være et JSON-objekt."


async def test_a_forbidden_field_is_told_in_the_language(world: World) -> None:
    answer = await answer_in(
        world, "da", "{ inbox(first: 1) { edges { node { id } } } }", Role.SYSTEM
    )
    assert answer["errors"][0]["message"] == "Du har ikke adgang til Query.inbox."


@given(st.text(max_size=60) | st.text(alphabet="dane-;,q=.01* ", max_size=40))
def test_any_header_has_a_language_or_none(header: str) -> None:
    assert preferred_language(header) in ("da", "en", None)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_the_higher_weight_wins_and_the_first_of_two_equal_ones(danish: int, english: int) -> None:
    header = f"da;q={danish / 1000:.3f}, en;q={english / 1000:.3f}"
    expected = None if danish == english == 0 else "da" if danish >= english else "en"
    assert preferred_language(header) == expected


def test_the_examples_hold() -> None:
    assert doctest.testmod(language).failed == 0
    assert doctest.testmod(errors).failed == 0
