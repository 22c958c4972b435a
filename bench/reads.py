"""The read operations: first equality of all answers, then interleaved runs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import Any, Final

from bench.client import closed_loop, connect, once_each
from bench.operations import Operation, leaves
from bench.servers import Server

CONNECTIONS: Final = 4
REPEATS: Final = 3
_COMPARED: Final = 60
"""Answers of each operation that are compared."""


class Different(Exception):
    """Two servers answered the same request differently."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians of a server on an operation. CPU and latency in milliseconds per request."""

    operation: str
    name: str
    role: str
    server: str
    leaves: float
    requests: int
    cpu_server: float
    cpu_database: float
    cpu: float
    times_limit: float
    requests_per_second: float
    p50: float
    p99: float


async def compare(operation: Operation, servers: Sequence[Server]) -> float:
    """The mean number of leaf values of an answer; raises `Different`."""
    counts = []
    for request in operation.requests[:_COMPARED]:
        answers: list[Any] = []
        for server in servers:
            async with connect(server.port) as client:
                answers.append(await client.ask(request))
        for server, answer in zip(servers, answers, strict=True):
            difference = _difference(answers[0], answer, "")
            if difference is not None:
                raise Different(f"{operation.name}: {server.name} differs at {difference}")
        counts.append(leaves(answers[0]))
    return sum(counts) / len(counts)


def _difference(one: Any, other: Any, path: str) -> str | None:
    """Where two answers part, without what stands there."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        parts = [(one[key], other[key], f"{path}.{key}") for key in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        parts = [(a, b, f"{path}[{i}]") for i, (a, b) in enumerate(zip(one, other, strict=True))]
    else:
        return None if one == other else path or "the top"
    return next((d for part in parts if (d := _difference(*part)) is not None), None)


async def measure(operation: Operation, servers: Sequence[Server], seconds: float) -> list[Figures]:
    """Each server in turn, `REPEATS` times round; medians, and CPU as a multiple of the first."""
    mean_leaves = await compare(operation, servers)
    for server in servers:
        await once_each(server.port, operation.requests, connections=CONNECTIONS)
    runs: dict[str, list[dict[str, float]]] = {server.name: [] for server in servers}
    for _ in range(REPEATS):
        for server in servers:
            runs[server.name].append(await _run(operation, server, seconds))
    found: list[Figures] = []
    for server in servers:
        own = {k: median(run[k] for run in runs[server.name]) for k in runs[server.name][0]}
        cpu = own["cpu_server"] + own["cpu_database"]
        found.append(
            Figures(
                operation=operation.key,
                name=operation.name,
                role=operation.role.value,
                server=server.name,
                leaves=mean_leaves,
                requests=int(own.pop("requests")),
                cpu=cpu,
                times_limit=cpu / found[0].cpu if found else 1.0,
                **own,
            )
        )
    return found


async def _run(operation: Operation, server: Server, seconds: float) -> dict[str, float]:
    before = await server.cpu()
    run = await closed_loop(
        server.port, operation.requests, connections=CONNECTIONS, seconds=seconds
    )
    of_server, of_database = (await server.cpu()).since(before)
    number = len(run.latencies)
    centiles = quantiles(run.latencies, n=100)
    return {
        "requests": number,
        "cpu_server": of_server * 1000 / number,
        "cpu_database": of_database * 1000 / number,
        "requests_per_second": number / run.seconds,
        "p50": centiles[49] * 1000,
        "p99": centiles[98] * 1000,
    }


def as_json(figures: Sequence[Figures]) -> list[dict[str, Any]]:
    return [asdict(one) for one in figures]
