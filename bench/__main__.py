"""`make bench`: loads, starts the servers, compares their answers, measures, prints and stores.

`python -m bench plans` measures reads and writes alone, `python -m bench deliveries`
what workers send, `python -m bench live` what many subscribers cost. BENCH_CITIZENS (100000): size
of the load. BENCH_SECONDS (10): length of one run. BENCH_MESSAGES (100000): how many wait.
BENCH_SUBSCRIBERS (5000): how many follow a plan at once.
"""

import asyncio
import os
import sys

import uvloop

from app.dev.embedded import EmbeddedServerError, embedded_servers
from app.dev.issuer import DevelopmentIssuer
from app.settings import load_settings
from bench import database, report
from bench.client import BadAnswer
from bench.deliveries import measure_deliveries
from bench.live import measure_subscribers
from bench.operations import operations
from bench.reads import Different, Figures, measure
from bench.servers import DATA, running
from bench.writes import measure_live, measure_writes


async def run_deliveries(messages: int) -> None:
    with embedded_servers(DATA) as embedded:
        print("deliveries ...", flush=True)
        measured = await measure_deliveries(embedded, messages)
    report.write_deliveries(*measured)
    report.show_deliveries(*measured)


async def run_live(subscribers: int, seconds: float) -> None:
    with embedded_servers(DATA) as embedded:
        figures = await measure_subscribers(embedded, subscribers, seconds)
    report.write_subscribers(figures)
    report.show_subscribers(figures)


async def run(citizens: int, seconds: float) -> None:
    with embedded_servers(DATA) as embedded:
        settings = load_settings(
            data_dir=DATA,
            database_url=embedded.database_url_for(database.NAME),
            redis_url=embedded.redis_url,
        )
        assert settings.database_url
        await database.prepare(embedded, settings, citizens)
        sample = await database.sample(settings.database_url)
        issuer = DevelopmentIssuer(settings)
        with running(settings) as servers:
            reads: list[Figures] = []
            for operation in operations(sample, issuer):
                print(f"{operation.key} {operation.name} as {operation.role.value} ...", flush=True)
                reads += await measure(operation, servers, seconds)
            ours = next(server for server in servers if server.name == "ours")
            print("registerConversation and live ...", flush=True)
            writes = await measure_writes(ours, sample, issuer)
            live = await measure_live(ours, sample, issuer)
    report.write(reads, writes, live, citizens, seconds)
    report.show(reads, writes, live, citizens)


def main() -> None:
    citizens = int(os.environ.get("BENCH_CITIZENS", "100000"))
    seconds = float(os.environ.get("BENCH_SECONDS", "10"))
    messages = int(os.environ.get("BENCH_MESSAGES", "100000"))
    subscribers = int(os.environ.get("BENCH_SUBSCRIBERS", "5000"))
    parts = sys.argv[1:] or ["plans", "live", "deliveries"]
    try:
        if "plans" in parts:
            asyncio.run(run(citizens, seconds))
        if "live" in parts:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(run_live(subscribers, seconds))
        if "deliveries" in parts:
            asyncio.run(run_deliveries(messages))
    except (EmbeddedServerError, Different, BadAnswer) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
