"""What a resolver has at hand: one `Context` for each operation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.domain.policy import Policy
from app.domain.viewer import ANONYMOUS, Viewer
from app.schema.prepared import Prepared
from app.schema.request import Language
from app.store.contact_codes import ContactCodes
from app.store.cpr import CprVault
from app.store.db import Pool
from app.store.documents import Moment
from app.store.idempotency import Idempotency
from app.store.publication import Published
from app.store.readers import Readers
from app.store.work import Work

Clock = Callable[[], Moment]
Wake = Callable[[Published], None]


@dataclass(frozen=True, slots=True)
class Services:
    """What the process offers its operations; made once by the wiring.

    pool: for mutations; readers: for everything that only reads. wake: has live views and workers
    told of what was published; returns at once and never fails. forbidden: notes that a viewer used
    a field its role may not use, in an operation of a name; returns at once, too. is_revoked:
    whether a viewer's token is no longer accepted; known by heart.
    """

    pool: Pool
    readers: Readers
    clock: Clock
    policy: Policy
    vault: CprVault
    codes: ContactCodes
    wake: Wake
    idempotency: Idempotency
    live: Any
    page_size_limit: int = 100
    forbidden: Callable[[Viewer, str], None] = lambda _viewer, _operation: None
    is_revoked: Callable[[Viewer], bool] = lambda _viewer: False


@dataclass(slots=True)
class Context:
    """One operation's context.

    by_get: the request, and all it names, is in a URL. language: that the client prefers, None
    where it did not say. last_event_id: of the stream that a subscription follows.
    """

    services: Services
    viewer: Viewer = ANONYMOUS
    by_get: bool = False
    language: Language | None = None
    last_event_id: str | None = None
    moment: Moment | None = None
    operation_name: str = ""
    prepared: Prepared | None = None
    work: Work | None = None
    mutation: Any = None
    extensions: dict[str, Any] = field(default_factory=dict)
    read_cache: dict[Any, Any] = field(default_factory=dict)

    @property
    def at(self) -> Moment:
        """The moment of this operation."""
        if self.moment is None:
            self.moment = self.services.clock()
        return self.moment
