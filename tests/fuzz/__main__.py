"""Thousands of generated documents against an API process of its own: `make fuzz`."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.dev.demo import load_demo_once
from app.settings import Settings
from tests.faults.servers import own_servers
from tests.fuzz.documents import SCHEMA, Case, Kind, drawn
from tests.fuzz.memory import AGAIN, NEW, Memory
from tests.fuzz.stage import Stage, staged
from tests.live.processes import api_processes

_SHARES: Final[dict[Kind, int]] = {"query": 100, "mutation": 100, "spoiled": 50}
"""Documents of each kind in a round."""
_AT_ONCE: Final = 4
_AGAIN: Final = 0.2
"""Part of the documents that is sent again when all have been sent: nothing is left to be kept."""
_TIMES: Final = 6
_LEAST: Final = 5_000
"""Fewer documents fill no cache."""
_POINT: Final = 200
"""Documents between two looks at the memory."""
_TOKENS: Final = 500
"""Tokens that the process keeps: each document comes with a new one, so it is full at once."""


async def run(count: int, seed: int) -> bool:
    """Sends so many different documents and prints what came of them."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        async with own_servers() as servers:
            settings = Settings(
                data_dir=data, database_url=servers.database_url, redis_url=servers.redis_url
            )
            await load_demo_once(settings, servers.database_url)
            keeps = {"MINPLAN_TOKEN_CACHE_SIZE": str(_TOKENS)}
            async with api_processes(servers, data, 1, keeps) as remote:
                stage, memory = await staged(remote), Memory(remote.processes[0].memory)
                began = time.monotonic()
                sent = await _send_new(stage, count, seed, memory)
                total = len(sent)
                for _ in range(_TIMES):
                    total = await _send(stage, sent[-int(count * _AGAIN) :], AGAIN, memory, total)
                return _told(stage, memory, len(sent), time.monotonic() - began)


async def _send_new(stage: Stage, count: int, seed: int, memory: Memory) -> list[Case]:
    """So many different documents; those that were sent."""
    seen: set[tuple[object, ...]] = set()
    sent: list[Case] = []
    memory.note(NEW, 0)
    for round_seed in range(seed, sys.maxsize):
        drawn_now = await asyncio.to_thread(_round, round_seed)
        fresh = [case for case in drawn_now if _is_new(case, seen)][: count - len(sent)]
        await _send(stage, fresh, NEW, memory, len(sent))
        sent += fresh
        if round_seed % 4 == 0:
            print(f"{len(sent)} documents", flush=True)
        if len(sent) >= count:
            break
    return sent


async def _send(stage: Stage, cases: Sequence[Case], what: str, memory: Memory, before: int) -> int:
    """before: how many documents came before; how many there are now."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def send(case: Case) -> None:
        async with gate:
            await stage.send(case)

    for start in range(0, len(cases), _POINT):
        some = cases[start : start + _POINT]
        await asyncio.gather(*map(send, some))
        before += len(some)
        memory.note(what, before)
    return before


def _round(seed: int) -> list[Case]:
    return [case for kind, share in _SHARES.items() for case in drawn(kind, share, seed)]


def _is_new(case: Case, seen: set[tuple[object, ...]]) -> bool:
    key = (case.role, case.text, str(case.variables))
    if key in seen:
        return False
    seen.add(key)
    return True


def _told(stage: Stage, memory: Memory, different: int, seconds: float) -> bool:
    """Prints the figures; whether all is well."""
    tally = stage.tally
    assert SCHEMA.mutation_type is not None
    missing = set(SCHEMA.mutation_type.fields) - set(tally.mutations)
    print(f"{different} documents, some again, in {seconds:.0f} s: {dict(tally.kinds)}")
    print(f"mutations: {len(tally.mutations)}, the rarest {min(tally.mutations.values())} times")
    print(f"outcomes: {dict(tally.outcomes.most_common())}")
    print(f"slowest answer: {tally.slowest:.2f} s")
    print(memory.told())
    for failure in tally.failures:
        print(f"--- {failure}".encode(errors="backslashreplace").decode())
    print(f"failures: {len(tally.failures)}; mutations never sent: {sorted(missing) or 'none'}")
    grown = memory.problems() if different >= _LEAST else []
    print(*grown, sep="\n")
    return not (grown or tally.failures or (missing and different >= 2_000))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sys.exit(0 if asyncio.run(run(given.documents, given.seed)) else 1)


if __name__ == "__main__":
    main()
