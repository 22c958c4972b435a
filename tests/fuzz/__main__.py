"""Thousands of generated documents against an API process of its own: `make fuzz`."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.dev.demo import load_demo_once
from app.settings import Settings
from tests.faults.servers import own_servers
from tests.fuzz.documents import SCHEMA, Case, Kind, drawn
from tests.fuzz.stage import Stage, staged
from tests.live.processes import api_processes

_SHARES: Final[dict[Kind, int]] = {"query": 100, "mutation": 100, "spoiled": 50}
"""Documents of each kind in a round."""
_AT_ONCE: Final = 4
_WARM: Final = 0.4
"""Part of the documents after which the process holds what it will hold: its caches are full."""
_GROWTH: Final = 24 * 2**20
"""Bytes by which it may have grown between then and the end."""


async def run(count: int, seed: int) -> bool:
    """Sends so many different documents and prints what came of them."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        async with own_servers() as servers:
            settings = Settings(
                data_dir=data, database_url=servers.database_url, redis_url=servers.redis_url
            )
            await load_demo_once(settings, servers.database_url)
            async with api_processes(servers, data, 1) as remote:
                stage = await staged(remote)
                began = time.monotonic()
                memory = await _send(stage, count, seed, remote.processes[0].memory)
                return _told(stage, memory, time.monotonic() - began)


async def _send(
    stage: Stage, count: int, seed: int, memory: Callable[[], int]
) -> list[tuple[int, int]]:
    """Documents sent and bytes held, after each round."""
    seen: set[tuple[object, ...]] = set()
    gate = asyncio.Semaphore(_AT_ONCE)
    held = [(0, memory())]

    async def send(case: Case) -> None:
        async with gate:
            await stage.send(case)

    for round_seed in range(seed, sys.maxsize):
        fresh = [
            case for case in await asyncio.to_thread(_round, round_seed) if _is_new(case, seen)
        ][: count - held[-1][0]]
        await asyncio.gather(*map(send, fresh))
        held.append((held[-1][0] + len(fresh), memory()))
        if round_seed % 4 == 0:
            print(f"{held[-1][0]} documents, {held[-1][1] / 2**20:.1f} MiB", flush=True)
        if held[-1][0] >= count:
            return held
    return held


def _round(seed: int) -> list[Case]:
    return [case for kind, share in _SHARES.items() for case in drawn(kind, share, seed)]


def _is_new(case: Case, seen: set[tuple[object, ...]]) -> bool:
    key = (case.role, case.text, str(case.variables))
    if key in seen:
        return False
    seen.add(key)
    return True


def _told(stage: Stage, memory: list[tuple[int, int]], seconds: float) -> bool:
    """Prints the figures; whether all is well."""
    tally = stage.tally
    total, last = memory[-1]
    warm = next(held for sent, held in memory if sent >= total * _WARM)
    assert SCHEMA.mutation_type is not None
    missing = set(SCHEMA.mutation_type.fields) - set(tally.mutations)
    print(f"{total} documents in {seconds:.0f} s: {dict(tally.kinds)}")
    print(f"mutations: {len(tally.mutations)}, the rarest {min(tally.mutations.values())} times")
    print(f"outcomes: {dict(tally.outcomes.most_common())}")
    print(f"slowest answer: {tally.slowest:.2f} s")
    print(
        f"memory: {memory[0][1] / 2**20:.1f} MiB at first, {warm / 2**20:.1f} MiB warm,"
        f" {last / 2**20:.1f} MiB at the end"
    )
    for failure in tally.failures:
        print(f"--- {failure}".encode(errors="backslashreplace").decode())
    print(f"failures: {len(tally.failures)}; mutations never sent: {sorted(missing) or 'none'}")
    is_flat = last - warm <= _GROWTH
    if not is_flat:
        print(f"the process has grown by more than {_GROWTH} bytes")
    return is_flat and not tally.failures and not (missing and total >= 2_000)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sys.exit(0 if asyncio.run(run(given.documents, given.seed)) else 1)


if __name__ == "__main__":
    main()
