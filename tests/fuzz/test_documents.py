"""Some hundred generated documents; `make fuzz` sends ten thousand."""

import pytest

from tests.fuzz.documents import Kind, drawn
from tests.fuzz.stage import staged
from tests.world import World


@pytest.mark.parametrize(("kind", "count"), [("query", 60), ("mutation", 60), ("spoiled", 60)])
async def test_every_generated_document_is_answered_as_the_schema_says(
    demo: World, kind: Kind, count: int
) -> None:
    stage = await staged(demo)
    for case in drawn(kind, count, 1):
        await stage.send(case)
    assert not stage.tally.failures, "\n\n".join(stage.tally.failures[:5])
    assert stage.tally.kinds[kind] == count
    # a test that only ever hears refusals would see nothing of the answers
    assert stage.tally.outcomes["answered"] > (20 if kind != "spoiled" else 0)
