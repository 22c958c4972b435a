"""What an operation costs follows the time that it takes, whatever it is made of."""

from typing import Any

import pytest
from graphql import execute_sync, get_introspection_query, parse

from app.domain.viewer import Role
from app.schema.build import build_schema
from tests.schema.test_cost import ours
from tests.world import World

NAMES = " ".join(f"a{n}: name" for n in range(50))
INPUTS = f"fields {{ args {{ type {{ ofType {{ inputFields {{ {NAMES} }} }} }} }} }}"
INTROSPECTIONS = [
    f"{{ __schema {{ types {{ {NAMES} }} }} }}",
    f"{{ __schema {{ types {{ fields {{ {NAMES} }} inputFields {{ {NAMES} }} }} }} }}",
    f"{{ __schema {{ types {{ fields {{ args {{ {NAMES} }} }} }} }} }}",
    f"{{ __schema {{ types {{ fields {{ type {{ fields {{ {NAMES} }} }} }} }} }} }}",
    f'{{ __type(name: "Mutation") {{ fields {{ type {{ possibleTypes {{ {NAMES} }} }} }} }} }}',
    f'{{ __type(name: "Plan") {{ fields {{ type {{ ofType {{ ofType {{ {NAMES} }} }} }} }} }} }}',
    f'{{ __type(name: "Intervention") {{ possibleTypes {{ fields {{ {NAMES} }} }} }} }}',
    f"{{ __schema {{ mutationType {{ fields {{ {NAMES} }} }} }} }}",
    f"{{ __schema {{ mutationType {{ {INPUTS} }} }} }}",
    f'{{ __type(name: "Mutation") {{ {INPUTS} }} }}',
    f"{{ __schema {{ queryType {{ fields {{ args {{ type {{ ofType {{ {NAMES} }} }} }} }} }} }} }}",
    f"{{ __schema {{ directives {{ args {{ {NAMES} }} }} }} }}",
    get_introspection_query(),
]


@pytest.mark.parametrize("query", INTROSPECTIONS)
def test_whoever_reads_the_schema_pays_for_what_he_reads(query: str) -> None:
    answer = execute_sync(build_schema()._schema, parse(query)).data
    assert leaves_in(answer) < 1.5 * ours(query)


def leaves_in(value: Any) -> int:
    """Leaves of an answer."""
    if isinstance(value, dict):
        return sum(map(leaves_in, value.values()))
    return sum(map(leaves_in, value)) if isinstance(value, list) else 1


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { "
        + " ".join(f"a{n}: types {{ fields {{ name }} }}" for n in range(200))
        + " } }",
        "{ "
        + " ".join(f"m{n}: municipalities {{ ...F }}" for n in range(15))
        + " } fragment F on Municipality { "
        + " ".join(f"a{n}: code" for n in range(950))
        + " }",
        "{ caseload(first: 100) { edges { node { plan { "
        + " ".join(f"t{n}: timeline {{ __typename }}" for n in range(600))
        + " } } } } }",
        "{ caseload(first: 100) { edges { node { "
        + " ".join(f"n{n}: name {{ ...F }}" for n in range(50))
        + " } } } } fragment F on PersonName { "
        + " ".join(f"a{n}: full" for n in range(900))
        + " }",
    ],
)
async def test_one_name_asked_for_thousands_of_times_is_too_much(world: World, query: str) -> None:
    answer = await world.post(world.token(Role.JOBCENTER), query)
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "OPERATION_TOO_COSTLY"
