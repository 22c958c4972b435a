"""The check of memory finds a process that keeps something of each document, and no other."""

import random
from collections.abc import Callable

import pytest

from tests.fuzz.memory import AGAIN, NEW, Memory

MIB = 2**20
Curve = Callable[[int], float]


def sent(curve: Curve, what: str = NEW, begin: int = 0) -> Memory:
    """10,000 documents to a process that then holds so many bytes, or a little more."""
    luck = random.Random(1)
    at = begin
    memory = Memory(lambda: int(curve(at - begin) + luck.uniform(0, MIB / 4)))
    for at in range(begin, begin + 10_001, 200):
        memory.note(what, at)
    return memory


@pytest.mark.parametrize(
    "curve",
    [
        lambda _: 180 * MIB,
        lambda n: 120 * MIB + min(n, 3_800) * 20_000,
        lambda n: 180 * MIB + (8 * MIB if n > 9_000 else 0),
    ],
    ids=["nothing", "caches that fill", "one large answer"],
)
@pytest.mark.parametrize("what", [NEW, AGAIN])
def test_a_process_that_is_full_is_flat(curve: Curve, what: str) -> None:
    memory = sent(curve, what, 0 if what == NEW else 10_000)
    assert memory.problems() == []
    assert f"memory, {what}: " in memory.told() and "MiB at 10000" in memory.told()


@pytest.mark.parametrize(("what", "each"), [(NEW, 5_000), (AGAIN, 600)])
def test_what_is_kept_of_each_document_is_found(what: str, each: int) -> None:
    (problem,) = sent(lambda n: 120 * MIB + n * each, what).problems()
    assert what in problem
