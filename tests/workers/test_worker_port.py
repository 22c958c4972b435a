"""A worker's own port, of the process as it is run."""

import asyncio
import socket

import httpx

from app.dev.ports import free_port

from .gateway import Gateway
from .place import PATIENCE, OwnValkey, Place, eventually, until_listening, worker_process


async def test_a_worker_answers_on_its_port_and_does_the_days_purge(
    place: Place, valkey: OwnValkey, gateway: Gateway
) -> None:
    port = free_port()
    settings = {"WORKER_METRICS_PORT": str(port)}
    async with (
        worker_process(place, sms_url=gateway.url, redis_url=valkey.url, more=settings),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        await until_listening(valkey)
        health = await client.get("/healthz")
        assert (health.status_code, health.json()) == (200, {"loops": True, "postgresql": True})
        assert "minplan_backlog_messages" in (await client.get("/metrics")).text

        async def purged() -> bool:
            ended = "select count(*) from purge_run where ended_at is not null"
            return bool(await place.pool.fetchval(ended))

        await eventually(purged)


async def test_a_worker_whose_port_is_taken_does_not_start(
    place: Place, valkey: OwnValkey, gateway: Gateway
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = {"WORKER_METRICS_PORT": str(taken.getsockname()[1])}
        async with worker_process(
            place, sms_url=gateway.url, redis_url=valkey.url, more=settings
        ) as process:
            async with asyncio.timeout(PATIENCE):
                assert await process.wait() != 0
