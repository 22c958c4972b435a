"""What a run found, as one table and as a file."""

import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import orjson
from rich.console import Console
from rich.table import Table

from bench.deliveries import Drain, Promptness
from bench.live_figures import Deliveries, LiveFigures
from bench.reads import Figures, as_json
from bench.writes import Live, Writes

FILE: Final = Path(__file__).with_name("results.json")


def show(reads: list[Figures], writes: Writes, live: Live, citizens: int) -> None:
    """Prints the table; CPU is in milliseconds per request."""
    table = Table(title=f"CPU ms per request, medians of interleaved runs, {citizens:,} citizens")
    headings = ("operation", "as", "server", "CPU server", "CPU PostgreSQL", "CPU", "x limit")
    for heading in (*headings, "requests/s", "p50 ms", "p99 ms", "leaves"):
        table.add_column(heading, justify="left" if heading in headings[:3] else "right")
    for one in reads:
        table.add_row(
            f"{one.operation} {one.name}" if one.server == "limit" else "",
            one.role if one.server == "limit" else "",
            one.server,
            *(f"{value:.3f}" for value in (one.cpu_server, one.cpu_database, one.cpu)),
            f"x{one.times_limit:.2f}",
            f"{one.requests_per_second:.0f}",
            *(f"{value:.2f}" for value in (one.p50, one.p99)),
            f"{one.leaves:.0f}",
            end_section=one.server == "plain",
        )
    table.add_row(
        *("registerConversation", "jobcenter", "ours"),
        *(f"{value:.3f}" for value in (writes.cpu_server, writes.cpu_database, writes.cpu)),
        *("", "", f"{writes.p50:.2f}", f"{writes.p99:.2f}", ""),
    )
    table.add_row(
        *("mutation to live event", "citizen", "ours", "", "", "", "", ""),
        *(f"{live.p50:.2f}", f"{live.p99:.2f}", ""),
    )
    Console(width=None if os.isatty(1) else 140).print(table)


def show_deliveries(drain: Drain, promptness: Promptness) -> None:
    """Prints how fast messages leave, and how soon."""
    Console(width=None if os.isatty(1) else 140).print(
        f"One worker against a gateway of 50 ms: {drain.messages:,} waiting messages at"
        f" {drain.per_second:.0f} a second (slowest {drain.slowest_second}, fastest"
        f" {drain.fastest_second}), {drain.cpu_worker:.2f} ms of CPU each, memory"
        f" {drain.memory_first:.0f} to {drain.memory_last:.0f} MB; at {promptness.per_second}"
        f" changes a second from commit to answer p50 {promptness.p50:.0f} ms,"
        f" p99 {promptness.p99:.0f} ms."
    )


def write_deliveries(drain: Drain, promptness: Promptness) -> None:
    """Puts them into `bench/results.json`, beside what is there."""
    _store("deliveries", _part(drain=asdict(drain), promptness=asdict(promptness)))


def show_subscribers(figures: list[LiveFigures]) -> None:
    """Prints what live views cost."""
    table = Table(title=f"Live views, {figures[0].subscribers:,} subscribers on one process")
    table.add_column("")
    for one in figures:
        table.add_column(one.server, justify="right")
    for name, values in zip(_LIVE_ROWS, zip(*map(_live_column, figures), strict=True), strict=True):
        table.add_row(name, *values)
    Console(width=None if os.isatty(1) else 140).print(table)


_LIVE_ROWS: Final = (
    "KB per idle connection (after events)",
    "CPU ms to set one up: server + PostgreSQL",
    "an event each: deliveries/s per core",
    "an event each: CPU ms server + PostgreSQL",
    "one event for many: deliveries/s per core",
    "one event for many: transactions of PostgreSQL",
    "the same without reading: deliveries/s per core",
    "100 events/s, from COMMIT to client: p50, p99 ms",
    "all come back: seconds, CPU s server + PostgreSQL",
)


def _live_column(one: LiveFigures) -> tuple[str, ...]:
    def per_core(deliveries: Deliveries | None) -> str:
        return f"{deliveries.per_core_second:,.0f}" if deliveries else ""

    idle, each, storm = one.idle, one.each, one.storm
    return (
        f"{idle.memory:.1f} ({idle.memory_after:.1f})",
        f"{idle.cpu_server:.2f} + {idle.cpu_database:.2f}",
        per_core(each),
        f"{each.cpu_server:.3f} + {each.cpu_database:.3f}",
        per_core(one.shared),
        f"{one.shared.transactions:.1f}",
        per_core(one.handler),
        f"{one.flow.p50:.1f}, {one.flow.p99:.1f}",
        f"{storm.seconds:.1f}, {storm.cpu_server:.1f} + {storm.cpu_database:.1f}",
    )


def write_subscribers(figures: list[LiveFigures]) -> None:
    """Puts them into `bench/results.json`, beside what is there."""
    _store("live", _part(servers=[asdict(one) for one in figures]))


def _part(**figures: object) -> dict[str, object]:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"at": at, "load_average": os.getloadavg()[1], **figures}


def _store(key: str, part: object) -> None:
    found = orjson.loads(FILE.read_bytes()) if FILE.exists() else {}
    found[key] = part
    FILE.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def write(reads: list[Figures], writes: Writes, live: Live, citizens: int, seconds: float) -> None:
    """Writes `bench/results.json`, without deliveries and live views."""
    found = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        # what others did on the machine at the same time: read ratios, not times
        "load_average": os.getloadavg()[1],
        "python": platform.python_version(),
        "citizens": citizens,
        "seconds_per_run": seconds,
        "reads": as_json(reads),
        "registerConversation": asdict(writes),
        "mutation_to_live_event": asdict(live),
    }
    FILE.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
