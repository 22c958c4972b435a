"""Live views whose wake-up was lost between commit and publication."""

import pytest

from app.store import live_sweep
from tests.schema.live_hub import at_desk, with_valkey
from tests.world import World

OFFICE = "000"
"""Nobody ever leaves it: channels know no database, so what other tests of the run publish of an
organisation is heard here too."""


@pytest.mark.rule("R130", "allowed")
async def test_a_wake_up_that_nobody_published_is_made_good_by_looking_at_everything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_sweep, "SWEEP_SECONDS", 0.02)
    monkeypatch.setattr(live_sweep, "CASELOAD_SECONDS", 0.1)
    async with with_valkey(world) as live:
        with at_desk(live, "JOBCENTER", OFFICE) as desk:
            for _ in range(3):
                assert await desk.told()


async def test_a_sweep_beside_valkey_does_not_trouble_caseloads_each_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_sweep, "SWEEP_SECONDS", 0.02)
    async with with_valkey(world) as live:
        with at_desk(live, "JOBCENTER", OFFICE) as desk:
            assert await desk.told()
            assert not await desk.wait(0.3)
