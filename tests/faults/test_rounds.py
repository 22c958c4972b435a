"""Every kind of fault once, on real servers, processes and sockets: nothing lost, nothing twice.

`make faults` plays a thousand rounds of the same.
"""

import asyncio
from collections.abc import Iterator
from pprint import pformat

from .catalogue import FAULTS
from .ledger import story
from .provider_faults import PROVIDER_FAULTS
from .rounds import play_round
from .stage import Stage, open_stage
from .tally import Tally

SEED = "short"
TOGETHER, ANSWERS_TOGETHER = 6, 10
"""Faults in a round: bad answers take less time than what is done to processes."""


def test_nothing_is_lost_and_nothing_is_sent_twice_whatever_goes_wrong() -> None:
    tally, missed = asyncio.run(_play())
    assert tally.states["not quiet"] == 0
    assert tally.accepted > len(FAULTS)
    # on a busy machine a fault may come too late to do its harm
    assert len(missed) < len(FAULTS) / 3, missed


async def _play() -> tuple[Tally, list[str]]:
    """All faults, some to a round; the kinds that did not come to pass."""
    total = Tally()
    missed: list[str] = []
    async with open_stage() as stage:
        for number, names in enumerate(_groups()):
            faults = [(name, FAULTS[name]) for name in names]
            result = await play_round(stage, f"{SEED}:{number}", faults)
            assert not result.tally.faults, await _told(stage, result.tally)
            total.add(result.tally)
            missed += [name for name in names if not result.played[name]]
    return total, missed


def _groups() -> Iterator[list[str]]:
    others = [name for name in FAULTS if name not in PROVIDER_FAULTS]
    for names, size in ((others, TOGETHER), (list(PROVIDER_FAULTS), ANSWERS_TOGETHER)):
        for first in range(0, len(names), size):
            yield names[first : first + size]


async def _told(stage: Stage, tally: Tally) -> str:
    found = [
        (fault, fault.delivery_id and await story(stage.pool, fault.delivery_id))
        for fault in tally.faults
    ]
    return pformat(found, width=150)
