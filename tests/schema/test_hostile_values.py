"""No value of any mutation's input is stopped by the database alone, and none fails inside."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLList, GraphQLNonNull

from app.domain.viewer import Role
from app.policy.permissions import permissions
from tests.schema.done_inputs import bases, period
from tests.schema.test_closed_plan import SCHEMA
from tests.schema.test_responsibility import SET
from tests.schema.test_scope import number_of
from tests.story import member, new_citizen
from tests.world import World

LONG = "x" * 10_000
HOSTILE: dict[str, tuple[Any, ...]] = {
    "Int": (-1, 32_768, 2**31 - 1),
    "Float": (-5.0, 1e300),
    "String": ("", LONG, "a@", "+" + "1" * 40),
    "Url": ("", "http://", "https://x.example/" + LONG),
    "Date": ("1900-01-01", "9000-12-31"),
    "DateTime": ("1900-01-01T00:00:00+01:00", "9000-12-31T23:00:00+01:00"),
    "ID": ("", LONG),
    "Base64": ("", "QQ=="),
}
"""What a client may send where a scalar is wanted, and no sensible one does."""

STORED = ("conflicts with what is stored", "outside what can be stored", "Something went wrong")


def spoiled(kind: Any, given: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Each scalar of an input in turn replaced by each hostile value, and where it stands."""
    if isinstance(kind, GraphQLNonNull):
        yield from spoiled(kind.of_type, given, place)
    elif isinstance(kind, GraphQLInputObjectType):
        for key, value in given.items():
            if key != "citizenId":
                for where, bad in spoiled(kind.fields[key].type, value, f"{place}.{key}"):
                    yield where, {**given, key: bad}
    elif isinstance(kind, GraphQLList):
        for where, bad in spoiled(kind.of_type, given[0], place) if given else ():
            yield where, [bad, *given[1:]]
        yield f"{place}[twice]", [*given, *given]
    elif given is not None:
        for bad in HOSTILE.get(kind.name, ()):
            yield place, bad


async def stopped(
    world: World, role: Role, mutation: str, given: Any, own: str, known: dict[str, str]
) -> list[tuple[str, str]]:
    """Where hostile values in an input, one at a time, were stopped by the database or failed.

    known: of which input a field of `createIntervention` was looked at; all kinds store it alike.
    """
    assert SCHEMA.mutation_type is not None
    kind: Any = SCHEMA.mutation_type.fields[mutation].args["input"].type
    answers = "__typename ... on RuleBreaches { breaches { code path } }"
    query = f"mutation($input: {kind}) @preview {{ {mutation}(input: $input) {{ {answers} }} }}"
    system = {"upsertMeeting": "BOOKING", "upsertOtherAgreement": "BOOKING"}
    token = world.token(
        role,
        citizen=given.get("citizenId", own) if role is Role.CITIZEN else None,
        organisation=system.get(mutation, "VITAS") if role is Role.SYSTEM else None,
    )
    found = []
    for where, bad in [("", given), *spoiled(kind, given)]:
        if mutation == "createIntervention" and where:
            branch = where.rsplit(".", 1)[0]
            if known.setdefault(where.removeprefix(branch), branch) != branch:
                continue
        answer = await world.post(token, query, input=bad)
        words = [error["message"] for error in answer.get("errors", ())]
        if not where and (words or not answer["data"][mutation]["__typename"].endswith("Payload")):
            found.append((mutation, f"was to be done: {answer}"))
        found += [(mutation + where, said) for said in words if any(w in said for w in STORED)]
    return found


async def test_hours_of_any_period_are_bounded_with_the_path_to_them(shared_world: World) -> None:
    citizen = await member(shared_world)
    token = shared_world.token(Role.SYSTEM)
    ended = period(to="2026-04-01")
    for hours in (-5, 1e6):
        given = [{**ended, "countedHours": hours}, period(**{"from": "2026-04-01"})]
        answer = await shared_world.post(token, SET, input={"citizenId": citizen, "periods": given})
        (error,) = answer["errors"]
        assert error["message"] == "There are no such hours."
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["extensions"]["path"] == ["input", "periods", 0, "countedHours"]


@pytest.mark.parametrize(
    ("exemptions", "place"),
    [
        ([("DIGITAL_POST", "2026-03-02", "2026-03-02")], (0, "to")),
        ([("DIGITAL_POST", "2026-03-02", "2026-03-01")], (0, "to")),
        ([("DIGITAL_POST", "2026-03-09", None), ("DIGITAL_POST", "2026-03-02", None)], (0, "from")),
        (
            [
                ("DIGITAL_POST", "2026-03-02", "2026-03-09"),
                ("SELF_SERVICE", "2026-03-02", None),
                ("DIGITAL_POST", "2026-03-08", None),
            ],
            (2, "from"),
        ),
        (
            [
                ("DIGITAL_POST", "2026-03-02", "2026-03-09"),
                ("SELF_SERVICE", "2026-03-02", None),
                ("SELF_SERVICE", "2026-03-02", None),
                ("DIGITAL_POST", "2026-03-09", None),
            ],
            None,
        ),
    ],
)
async def test_exemptions_of_a_kind_follow_each_other_and_the_same_twice_is_once(
    shared_world: World,
    exemptions: list[tuple[str, str, str | None]],
    place: tuple[Any, ...] | None,
) -> None:
    citizen = await new_citizen(shared_world)
    given = {
        "citizenId": citizen,
        "civilRegistrationNumber": await number_of(shared_world, citizen),
        "digitalExemptions": [
            {"kind": kind, "from": first, "to": end} for kind, first, end in exemptions
        ],
    }
    query = "mutation($i: UpsertCitizenInput!) { upsertCitizen(input: $i) { __typename } }"
    answer = await shared_world.post(shared_world.token(Role.SYSTEM), query, i=given)
    if place is None:
        assert answer["data"]["upsertCitizen"]["__typename"] == "UpsertCitizenPayload"
    else:
        (error,) = answer["errors"]
        assert error["extensions"] == {
            "code": "BAD_USER_INPUT",
            "path": ["input", "digitalExemptions", *place],
        }


async def test_hostile_numbers_texts_days_and_ids_are_told_by_their_field(world: World) -> None:
    found = []
    own = await new_citizen(world)  # whose settings are written without naming whose
    known: dict[str, str] = {}
    for role, mutation, given in await bases(world):
        assert role in permissions()[f"Mutation.{mutation}"]
        found += await stopped(world, role, mutation, given, own, known)
    assert not found, "\n".join(f"{where}: {words}" for where, words in dict.fromkeys(found))
