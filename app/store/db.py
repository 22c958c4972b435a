"""Connections to PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeAlias, TypeVar

import asyncpg
import orjson

from app.store.together import within

T = TypeVar("T")

CLOSE_SECONDS: Final = 3.0
"""How long connections may take to say goodbye; a silent server would take half a minute."""

Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)
Row: TypeAlias = asyncpg.Record
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

DATABASE_ERRORS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
"""What is raised while the database is away (a time-out is an OSError)."""

SERVER_SETTINGS = {
    "application_name": "minplan",
    "timezone": "UTC",
    "jit": "off",
    # documents are built by the same few statements: planning them anew costs more than it gains
    "plan_cache_mode": "force_generic_plan",
    # a statement whose process was killed while it waits for a lock must not commit for nobody
    "client_connection_check_interval": "1s",
}


async def prepare_connection(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda v: orjson.dumps(v).decode(),
        decoder=orjson.loads,
    )


async def _nothing_to_reset(_connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Every loan is one transaction or one statement: a reset would cost more than a read does."""


@asynccontextmanager
async def open_pool(database_url: str, *, size: int = 10) -> AsyncIterator[Pool]:
    """A pool of at most `size` connections, closed at the end."""
    pool = await asyncpg.create_pool(
        database_url,
        min_size=1,
        max_size=size,
        server_settings=SERVER_SETTINGS,
        init=prepare_connection,
        reset=_nothing_to_reset,
        command_timeout=30,
    )
    try:
        yield pool
    finally:
        with suppress(TimeoutError):  # cut off then
            async with asyncio.timeout(CLOSE_SECONDS):
                await pool.close()


async def in_time(pool: Pool, seconds: float, question: Callable[[Connection], Awaitable[T]]) -> T:
    """What a connection of the pool answers; a TimeoutError after so many seconds in all.

    asyncpg itself would not return before the server has heard that it is to stop, half a minute
    where that is silent. So nobody waits for it, and the connection is soon given up.
    """

    async def ask() -> T:
        # the release takes no longer than the loan was allowed to
        async with pool.acquire(timeout=seconds) as connection:
            return await question(connection)

    return await within(seconds, ask())


def is_retryable(error: BaseException | None) -> bool:
    """Whether the same operation may succeed when it is run again from its start."""
    return isinstance(error, asyncpg.DeadlockDetectedError | asyncpg.SerializationError)


def is_of_a_row(error: BaseException) -> bool:
    """Whether the database refuses a value, which it always will; all else may pass."""
    return isinstance(
        error,
        asyncpg.DataError | asyncpg.IntegrityConstraintViolationError | asyncpg.PLPGSQLError,
    )


def is_held(error: BaseException) -> bool:
    """Whether somebody else held a row for longer than was waited."""
    return isinstance(error, asyncpg.LockNotAvailableError)


def is_away(error: BaseException) -> bool:
    """Whether the database as such cannot be reached, whatever it is asked."""
    away = (asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, asyncpg.InterfaceError)
    return isinstance(error, (*away, OSError)) and not isinstance(error, TimeoutError)


def passes(error: BaseException) -> bool:
    """Whether the database failed for a reason that may pass, so that the same is asked again."""
    mistaken = is_of_a_row(error) or isinstance(error, asyncpg.SyntaxOrAccessError)
    return isinstance(error, DATABASE_ERRORS) and not mistaken


def refusal(error: BaseException | None) -> str | None:
    """Why the database refused input, without repeating any of it; None for other errors."""
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return f"The input conflicts with what is stored ({error.constraint_name or 'constraint'})."
    if isinstance(error, asyncpg.DataError):
        return "The input is outside what can be stored."
    return None
