"""No document made to hurt is answered, and none makes the server fail."""

import pytest

from app.domain.viewer import Role
from tests.wire.hostile_documents import HOSTILE
from tests.world import World

CODES = {"BAD_USER_INPUT", "UNAUTHENTICATED", "FORBIDDEN"}


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.JOBCENTER])
async def test_each_is_refused_with_a_code(world: World, role: Role) -> None:
    token = None if role is Role.ANONYMOUS else world.token(role)
    for name, text in HOSTILE.items():
        assert len(text.encode()) < 10_000, name
        answer = await world.post(token, text)
        assert answer.get("data") is None, name
        codes = {error["extensions"]["code"] for error in answer["errors"]}
        assert codes and codes <= CODES, (name, answer["errors"][:2])
        assert len(str(answer)) < 20_000, name


async def test_what_was_refused_is_refused_again_and_the_next_document_is_answered(
    world: World,
) -> None:
    token = world.token(Role.JOBCENTER)
    for text in ("{ viewer { nope } }", "{ viewer {", HOSTILE["exponential fragments"]):
        first, second = await world.post(token, text), await world.post(token, text)
        assert first["errors"] and first["errors"] == second["errors"]
    assert (await world.ask(token, "{ viewer { role } }"))["viewer"]["role"] == "JOBCENTER"


async def test_errors_say_where_and_repeat_no_value_and_no_number_that_may_be_anybodys(
    world: World,
) -> None:
    token = world.token(Role.JOBCENTER)
    answer = await world.post(token, "{\n  viewer {\n    x0101701234 } }")
    assert answer["errors"][0]["locations"] == [{"line": 3, "column": 5}]
    assert "0101701234" not in str(answer)
    answer = await world.post(token, '{ citizen(id: ["0101701234"]) { id(a: "0101701234") } }')
    assert "0101701234" not in str(answer)


async def test_all_that_is_wrong_is_told_at_once(world: World) -> None:
    answer = await world.post(world.token(Role.JOBCENTER), "{ viewer { a b } c citizen { id } }")
    assert len(answer["errors"]) == 4


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.JOBCENTER])
async def test_a_number_of_more_digits_than_can_be_counted_fails_nothing(
    world: World, role: Role
) -> None:
    token = None if role is Role.ANONYMOUS else world.token(role)
    digits = "9" * 5_000
    for text in (
        "query($n: ID! = %s) { citizen(id: $n) { id } }",
        "query($n: ID = -%s) { viewer { role } }",
        "query($n: [ID!] = [%s]) { viewer { role } }",
        "query($n: Int! = %s) { caseload(first: $n) { edges { node { id } } } }",
        "query($n: Float = %s.5) { viewer { role } }",
        "{ caseload(first: %s) { edges { node { id } } } }",
        "{ citizen(id: %s) { id } }",
    ):
        answer = await world.post(token, text % digits)
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes <= CODES | {"NOT_FOUND"}, text
