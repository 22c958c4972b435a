"""The arq queue in Valkey: its names, its JSON, and time-outs that arq itself does not set."""

from typing import Any, Final

import orjson
from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

QUEUE: Final = "minplan:queue"
DELIVER_DUE: Final = "deliver_due"
"""Name of the one job that says: something is due."""

VALKEY_ERRORS: Final = (RedisError, OSError)
"""What is raised while Valkey is away (a time-out is an OSError)."""


def to_json(job: dict[str, Any]) -> bytes:
    return orjson.dumps(job)


def from_json(job: bytes) -> dict[str, Any]:
    decoded: dict[str, Any] = orjson.loads(job)
    return decoded


def open_queue(redis_url: str, *, seconds: float) -> ArqRedis:
    """A client that connects when it is used; `seconds` bounds every connect, read and write.

    Close it with `await queue.aclose(close_connection_pool=True)`.
    """
    pool: ConnectionPool = ConnectionPool.from_url(
        redis_url, socket_connect_timeout=seconds, socket_timeout=seconds
    )
    return ArqRedis(
        pool, job_serializer=to_json, job_deserializer=from_json, default_queue_name=QUEUE
    )
