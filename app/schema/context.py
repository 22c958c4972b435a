"""What a resolver has at hand: one `Context` for each operation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from app.domain.policy import Policy
from app.domain.viewer import ANONYMOUS, Viewer
from app.schema.prepared import Prepared
from app.store.contact_codes import ContactCodes
from app.store.cpr import CprVault
from app.store.db import Pool
from app.store.documents import Moment
from app.store.publication import Published
from app.store.readers import Readers
from app.store.work import Work

Clock = Callable[[], Moment]
Authenticate = Callable[[object], Awaitable[Viewer]]
Wake = Callable[[Published], None]


@dataclass(frozen=True, slots=True)
class Services:
    """What the process offers its operations; made once by the wiring.

    pool: for mutations; readers: for everything that only reads. wake: has live views and workers
    told of what was published; returns at once and never fails.
    """

    pool: Pool
    readers: Readers
    clock: Clock
    policy: Policy
    vault: CprVault
    codes: ContactCodes
    wake: Wake
    live: Any
    page_size_limit: int = 100


@dataclass(slots=True)
class Context:
    """One operation's context.

    connection_params: of a WebSocket's connection_init, None elsewhere; handshake: the header it
    was opened with. by_get: the request, and all it names, is in a URL.
    """

    services: Services
    viewer: Viewer = ANONYMOUS
    connection_params: dict[str, Any] | None = None
    handshake: str | None = None
    by_get: bool = False
    moment: Moment | None = None
    operation_name: str = ""
    prepared: Prepared | None = None
    work: Work | None = None
    mutation: Any = None
    extensions: dict[str, Any] = field(default_factory=dict)
    read_cache: dict[Any, Any] = field(default_factory=dict)

    def for_operation(self, operation_name: str | None) -> Context:
        """A fresh context: a WebSocket's operations share nothing but the viewer."""
        return replace(
            self,
            moment=self.services.clock(),
            operation_name=operation_name or "",
            prepared=None,
            work=None,
            mutation=None,
            extensions={},
            read_cache={},
        )

    @property
    def at(self) -> Moment:
        """The moment of this operation."""
        if self.moment is None:
            self.moment = self.services.clock()
        return self.moment
