"""What is measured of live views."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Idle:
    """Of one connection that waits: KB of the server's memory, CPU ms of its set-up.

    memory_after: KB after everybody has had some events.
    """

    memory: float
    memory_after: float
    cpu_server: float
    cpu_database: float


@dataclass(frozen=True, slots=True)
class Deliveries:
    """per_core_second: deliveries for each second of the server's CPU.

    transactions: of PostgreSQL, for each event.
    """

    subscribers: int
    events: int
    per_core_second: float
    cpu_server: float
    cpu_database: float
    transactions: float | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """Milliseconds from the COMMIT to the client, while events flow; CPU in ms per event."""

    events: int
    per_second: float
    p50: float
    p99: float
    cpu_server: float


@dataclass(frozen=True, slots=True)
class Storm:
    """All come back at once and get what they missed: seconds in all."""

    seconds: float
    cpu_server: float
    cpu_database: float


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """Of one server. handler: `shared` without reading anything, for the stock handler."""

    server: str
    subscribers: int
    idle: Idle
    flow: Flow
    each: Deliveries
    storm: Storm
    shared: Deliveries
    handler: Deliveries | None
