"""Rounds of faults: `python -m tests.faults --rounds 1000 [--seed S] [--only N] [--fault NAME]`."""

import argparse
import asyncio
import logging
import sys
import time
from collections import Counter
from pprint import pformat
from random import Random

from .catalogue import FAULTS
from .ledger import story
from .rounds import Fault, Result, play_round
from .stage import Stage, open_stage
from .tally import Tally


async def main(options: argparse.Namespace) -> int:
    """1 when anything was lost, sent twice or untrue."""
    # what this process itself says while its servers are away is of no interest
    logging.disable(logging.CRITICAL)
    started = time.monotonic()
    total, played, drawn = Tally(), Counter[str](), Counter[str]()
    done = failed = 0
    chosen = [options.only] if options.only is not None else range(options.rounds)
    async with open_stage() as stage:
        for number in chosen:
            result = await play_round(stage, *draw(options.seed, number, options.fault))
            done += 1
            total.add(result.tally)
            played += result.played
            drawn.update(result.faults)
            if result.tally.faults or result.tally.states["not quiet"] or options.verbose:
                await tell(stage, result)
            failed += bool(result.tally.faults)
            if failed >= options.stop_after:
                break
            if options.progress and number % 50 == 49:
                print(f"{number + 1} rounds, {time.monotonic() - started:.0f} s", flush=True)
        log = stage.log_file.read_text() if stage.log_file.exists() else ""
    summary(done, played, drawn, total, time.monotonic() - started)
    if options.log:
        print(log)
    return bool(total.faults)


def draw(seed: str, number: int, only: str | None) -> tuple[str, list[tuple[str, Fault]]]:
    """The seed of a round, and its faults: each kind in turn, and up to two more."""
    own = f"{seed}:{number}"
    rng = Random(own)
    names = list(FAULTS)
    first = only or names[number % len(names)]
    more = [] if only else rng.sample(names, rng.choice((0, 0, 1, 1, 2)))
    return own, [(name, FAULTS[name]) for name in (first, *more)]


async def tell(stage: Stage, result: Result) -> None:
    print(f"round {result.seed} ({result.seconds:.1f} s): {', '.join(result.faults)}")
    print("   ", dict(result.tally.states), dict(result.tally.uncertain))
    print("   ", dict(result.tally.reasons))
    for fault in result.tally.faults:
        print(f"  {fault.kind.upper()}: {fault.what}")
        if fault.delivery_id is not None:
            print(pformat(await story(stage.pool, fault.delivery_id), width=150))
            for message in stage.oracle.by_delivery.get(fault.delivery_id, ()):
                print("    accepted", message)
    sys.stdout.flush()


def summary(
    rounds: int, played: Counter[str], drawn: Counter[str], total: Tally, seconds: float
) -> None:
    print(f"\n{rounds} rounds in {seconds:.0f} s")
    for name in drawn:
        print(f"  {name:45} {played[name]:5} of {drawn[name]}")
    print(f"notices {total.notices}, messages {total.deliveries}, accepted {total.accepted}")
    print("  " + ", ".join(f"{name} {count}" for name, count in sorted(total.states.items())))
    print(f"lost {total.count('lost')}")
    print(f"duplicates {total.count('duplicate')}")
    print(f"untrue {total.count('untrue')}")
    print(f"uncertain {total.uncertain.total()}")
    for name, count in sorted(total.uncertain.items()):
        print(f"  {name}: {count}")
    print("attempts")
    for name, count in sorted(total.reasons.items()):
        print(f"  {name}: {count}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", default=str(time.time_ns() % 1_000_000))
    parser.add_argument("--only", type=int, help="the number of one round")
    parser.add_argument("--fault", choices=list(FAULTS), help="nothing but this")
    parser.add_argument("--verbose", action="store_true", help="a line for each round")
    parser.add_argument("--progress", action="store_true")
    parser.add_argument("--stop-after", type=int, default=5, help="rounds that fail")
    parser.add_argument("--log", action="store_true", help="what the workers logged")
    sys.exit(asyncio.run(main(parser.parse_args())))
