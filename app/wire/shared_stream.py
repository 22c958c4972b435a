"""Event streams: the protocol graphql-sse, one connection for many operations.

After PROTOCOL.md of the package `graphql-sse`, "Single connection mode". A stream is known to the
process that reserved it, and to no other: several processes need sticky sessions for it.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs

import orjson
from starlette.types import Receive, Scope, Send

from app.domain.viewer import Viewer
from app.errors import Unauthenticated
from app.schema.live_operation import Event
from app.schema.request import Caller
from app.settings import Settings
from app.wire.headers import Headers
from app.wire.params import BadRequest
from app.wire.sse import EXPIRED, EventStream, EventStreams

TOKEN_HEADER: Final = b"x-graphql-event-stream-token"
_ID_LENGTH: Final = 255


class SharedStreams:
    """All streams of one process that carry several operations, reserved or open."""

    def __init__(self, streams: EventStreams, settings: Settings) -> None:
        self.streams = streams
        self.seconds = settings.stream_reservation_seconds
        self.max_operations = settings.operations_per_connection
        self._most = settings.stream_reservations
        self._most_of_subject = settings.stream_reservations_per_subject
        self._reserved: dict[str, SharedStream] = {}
        self._of_subject: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._reserved)

    def reserve(self, caller: Caller) -> str:
        """The token of a new stream, to be opened soon; raises Unauthenticated and BadRequest."""
        viewer = caller.viewer
        if not viewer.subject:
            raise Unauthenticated("An event stream is reserved with an access token.")
        if (
            len(self._reserved) >= self._most
            or self._of_subject[viewer.subject] >= self._most_of_subject
        ):
            raise BadRequest("Too many event streams are reserved or open.", 429)
        token = secrets.token_urlsafe(32)
        self._reserved[token] = SharedStream(self, token, caller)
        self._of_subject[viewer.subject] += 1
        return token

    def find(self, token: str | None, viewer: Viewer | None) -> "SharedStream":
        """The stream of a token, for who reserved it; raises BadRequest with 404.

        viewer: None where the token itself must do, as for a browser's EventSource.
        """
        stream = self._reserved.get(token or "")
        if stream is None or (viewer and _who(viewer) != _who(stream.caller.viewer)):
            raise BadRequest("Stream not found", 404)
        return stream

    def recheck(self, is_revoked: Callable[[Viewer], bool]) -> None:
        """Ends the streams of those whose tokens are no longer accepted."""
        for stream in list(self._reserved.values()):
            if is_revoked(stream.caller.viewer):
                stream.expire()

    def forget(self, token: str) -> None:
        stream = self._reserved.pop(token, None)
        if stream is not None:
            subject = stream.caller.viewer.subject
            self._of_subject[subject] -= 1
            if not self._of_subject[subject]:
                del self._of_subject[subject]


class SharedStream(EventStream):
    """One reserved stream; it begins to send when it is opened."""

    __slots__ = ("_is_open", "_is_over", "_owner", "_token")

    def __init__(self, owner: SharedStreams, token: str, caller: Caller) -> None:
        super().__init__(owner.streams.engine, owner.streams.rounds, caller)
        self._owner = owner
        self._token = token
        self._is_open = self._is_over = False
        self._timer = asyncio.get_running_loop().call_later(owner.seconds, self.end)

    @property
    def can_send(self) -> bool:
        return self._is_open

    async def open(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Becomes the stream of this request; raises BadRequest with 409 if it is one already."""
        if self._is_open:
            raise BadRequest("Stream already open", 409)
        self._is_open = True
        if self._timer is not None:
            self._timer.cancel()
        self.attach(scope, receive, send)
        await self.serve({})

    def check(self, operation_id: str) -> None:
        """Raises BadRequest where no operation may begin under an id.

        Also asked of a stream that was found before its end: it would carry nothing any more.
        """
        if self.is_closed or self._is_over:
            raise BadRequest("Stream not found", 404)
        if operation_id in self.exchanges:
            raise BadRequest("Operation with ID already exists", 409)
        if len(self.exchanges) >= self._owner.max_operations or self.is_full:
            most = self._owner.max_operations
            raise BadRequest(f"One event stream has at most {most} operations.", 429)

    def visit(self) -> None:
        super().visit()
        for exchange in list(self.exchanges.values()):
            exchange.visit()

    def end(self) -> None:
        super().end()
        self._owner.forget(self._token)

    def expire(self) -> None:
        if not self._is_open:
            self.end()
            return
        operations = list(self.exchanges)
        self.quiet()
        self._is_over = True
        for operation_id in operations:
            self.put(*self.failure_of(operation_id, EXPIRED))
        self.put()

    async def sent_all(self) -> None:
        if self._is_over:
            await self.close()

    def frame_of(self, operation_id: str, event: Event) -> bytes:
        return b'event: next\ndata: {"id":%b,"payload":%b}\n\n' % (
            orjson.dumps(operation_id),
            event.payload,
        )

    def failure_of(self, operation_id: str, errors: bytes) -> tuple[bytes, ...]:
        payload = b'{"errors":%b}' % errors
        return self.frame_of(operation_id, Event(payload)), self.end_frame_of(operation_id)

    def end_frame_of(self, operation_id: str) -> bytes:
        return b'event: complete\ndata: {"id":%b}\n\n' % orjson.dumps(operation_id)


def stream_token(scope: Scope, headers: Headers) -> str | None:
    """The token by which a request names a shared stream, None where it names none."""
    header = headers.get(TOKEN_HEADER)
    return parameter(scope, "token") if header is None else header.decode("latin-1")


def parameter(scope: Scope, name: str) -> str | None:
    """One parameter of the URL."""
    query: bytes = scope["query_string"]
    if name.encode() not in query:
        return None
    try:
        found = parse_qs(query.decode("ascii"), max_num_fields=20)
    except ValueError:
        return None
    return found.get(name, [None])[0]


def operation_id_in(extensions: dict[str, Any] | None) -> str:
    """`extensions.operationId`; raises BadRequest without one."""
    given = (extensions or {}).get("operationId")
    if not isinstance(given, str) or not 0 < len(given) <= _ID_LENGTH:
        raise BadRequest("Operation ID is missing")
    return given


def _who(viewer: Viewer) -> tuple[object, ...]:
    return viewer.subject, viewer.role, viewer.organisation_code, viewer.citizen_id
