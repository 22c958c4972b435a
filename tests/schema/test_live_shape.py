"""What subscriptions of one document share is kept with it, and nothing large of the first."""

from typing import Any

import pytest

from app.domain.viewer import Role
from app.schema.live_shape import MOST_CHARACTERS, Shape
from tests.schema.live_client import UPDATES, begun, staff
from tests.world import World


async def shapes(world: World, query: str, **variables: Any) -> list[Shape]:
    """Those that are kept with a document after it was followed."""
    await begun(world, staff(), query, **variables)
    kept = world.api.schema.documents.look(query, Role.JOBCENTER).kept
    return [one for one in kept.values() if isinstance(one, Shape)]


@pytest.mark.parametrize(("characters", "count"), [(36, 1), (MOST_CHARACTERS + 1, 0)])
async def test_a_long_value_does_not_stay_with_its_document(
    world: World, characters: int, count: int
) -> None:
    query = f"{UPDATES} # {characters}"  # documents are kept longer than a world
    assert len(await shapes(world, query, id="x" * characters)) == count


async def test_values_that_each_subscriber_has_are_not_kept_of_the_first(world: World) -> None:
    query = UPDATES.replace("$after: Int", "$after: Int, $with: Boolean!").replace(
        "trigger", "trigger @include(if: $with)"
    )
    (shape,) = await shapes(world, query, id="x", **{"with": True})
    assert shape.used == {"with"}
    assert not shape.pattern.variable_values.coerced
