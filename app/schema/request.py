"""What a client asks for, whichever transport brought it, and who the client is."""

from dataclasses import dataclass
from typing import Any, Literal

from app.domain.viewer import ANONYMOUS, Viewer

Language = Literal["da", "en"]


@dataclass(slots=True)
class OperationRequest:
    """One operation in the wire's own terms; `query` is None where a document id stands for it.

    extensions: what the client sent beside it, an empty dict if nothing.
    """

    query: str | None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent an operation, and how it came.

    language: what the client prefers to read, None where it did not say. by_get: the request, and
    all it names, is in a URL. idempotency_key: the header's value. last_event_id: of a stream that
    goes on where another was cut off. address: the client's, by which callers without a login are
    told apart; it is never stored in the clear.
    """

    viewer: Viewer = ANONYMOUS
    language: Language | None = None
    by_get: bool = False
    idempotency_key: str | None = None
    last_event_id: str | None = None
    address: str = ""
