"""`/graphql` over HTTP: queries and mutations by POST, queries by GET, answers in JSON.

After the specification "GraphQL over HTTP". Where its edition of September 2026 and the audit
suite of the reference implementation differ, a setting decides (`docs/http.md`).
"""

import zlib
from typing import Final

from starlette.types import Receive, Scope, Send

from app.errors import AppError, ForeignOrigin, Unauthenticated
from app.identity import Authenticate
from app.schema.answer import Answer, failed, refused
from app.schema.engine import Engine, Operation
from app.schema.request import Caller, Language, OperationRequest
from app.settings import Settings
from app.wire.body import ClientGone, read_body
from app.wire.headers import (
    EVENTS,
    GRAPHQL,
    JSON,
    Headers,
    accepts_events,
    accepts_gzip,
    address_of,
    headers_of,
    media_type,
    response_type,
    text_of,
)
from app.wire.language import preferred_language
from app.wire.origin import Origins
from app.wire.params import BadRequest, read_json, read_params, read_url
from app.wire.shared_stream import SharedStreams, operation_id_in, parameter, stream_token
from app.wire.sse import EventStreams

_WORTH_PACKING: Final = 1400
"""Bytes of an answer that does not fit one packet anyway."""

_ALWAYS: Final = (
    (b"cache-control", b"no-store"),
    (b"vary", b"accept, accept-encoding, accept-language, authorization"),
    (b"x-content-type-options", b"nosniff"),
)


class GraphQLEndpoint:
    """The endpoint of one process, an ASGI app for HTTP scopes."""

    def __init__(self, engine: Engine, authenticate: Authenticate, settings: Settings) -> None:
        self._engine = engine
        self._authenticate = authenticate
        self._edition = settings.graphql_over_http
        self._max_body = settings.max_body_bytes
        self._body_seconds = settings.body_seconds
        self._origins = Origins(settings)
        self.streams = EventStreams(engine, settings)
        self.shared = SharedStreams(self.streams, settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        kind = response_type(headers.get(b"accept"), self._edition)
        token = stream_token(scope, headers)
        answer: Answer | None
        try:
            if not self._origins.allow_request(headers):
                raise ForeignOrigin
            if token is not None or scope["method"] in ("PUT", "DELETE"):
                answer = await self._share(scope, headers, receive, send, token)
            elif kind is None:
                raise BadRequest(f"The answer is {GRAPHQL}, {JSON} or {EVENTS}.", 406)
            else:
                answer = await self._answer(scope, headers, receive, send, kind)
        except ClientGone:
            return
        except AppError as error:
            answer = _failure(error, _language(headers))
        except Exception as error:  # a defect of ours: an id to quote, and no word of the error
            answer = failed(error, _language(headers))
        if answer is not None:
            await self._send(send, answer, GRAPHQL if kind == GRAPHQL else JSON, headers)

    async def _answer(
        self, scope: Scope, headers: Headers, receive: Receive, send: Send, kind: str
    ) -> Answer | None:
        """The answer to one request; None where a stream has carried it."""
        request = await self._request(scope, headers, receive)
        caller = await self._caller(scope, headers)
        operation = await self._engine.prepare(request, caller)
        if _is_streamed(operation, kind, headers):
            await self.streams.stream(scope, receive, send, operation, caller)
            return None
        if isinstance(operation, Operation):
            return await self._engine.execute(operation)
        return operation

    async def _caller(self, scope: Scope, headers: Headers) -> Caller:
        return Caller(
            await self._authenticate(text_of(headers, b"authorization"), address_of(scope) or None),
            language=_language(headers),
            by_get=scope["method"] == "GET",
            idempotency_key=text_of(headers, b"idempotency-key"),
            last_event_id=text_of(headers, b"last-event-id"),
            address=address_of(scope),
        )

    async def _share(
        self, scope: Scope, headers: Headers, receive: Receive, send: Send, token: str | None
    ) -> Answer | None:
        """What belongs to a shared event stream; the answer to what is refused, else None."""
        method = scope["method"]
        caller = await self._caller(scope, headers)
        if method == "PUT":
            await _reply(send, 201, self.shared.reserve(caller).encode())
            return None
        if method == "GET" and accepts_events(headers.get(b"accept")):
            is_named = b"authorization" in headers
            stream = self.shared.find(token, caller.viewer if is_named else None)
            await stream.open(scope, receive, send)
            return None
        stream = self.shared.find(token, caller.viewer)
        if method == "DELETE":
            stream.stop(operation_id_in({"operationId": parameter(scope, "operationId")}))
            await _reply(send, 200)
            return None
        request = await self._request(scope, headers, receive)
        operation_id = operation_id_in(request.extensions)
        stream.check(operation_id)
        operation = await self._engine.prepare(request, caller)
        if isinstance(operation, Answer):
            operation.status = operation.status or 400
            return operation
        stream.check(operation_id)
        stream.begin(operation_id, operation)
        await _reply(send, 202)
        return None

    async def _request(self, scope: Scope, headers: Headers, receive: Receive) -> OperationRequest:
        if scope["method"] == "GET":
            return read_url(scope["query_string"])
        if scope["method"] != "POST":
            raise BadRequest(
                "Send a GraphQL request by POST, or a query by GET.", 405, allow=_ALLOW
            )
        kind, parameters = media_type(headers.get(b"content-type"))
        if kind != JSON or parameters.get("charset", "utf-8") not in ("utf-8", "utf8"):
            raise BadRequest("The body must be application/json in UTF-8.", 415)
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise BadRequest("A packed body is not taken.", 415, accept_encoding="identity")
        body = await read_body(
            receive,
            length=headers.get(b"content-length"),
            most=self._max_body,
            seconds=self._body_seconds,
        )
        return read_params(read_json(body))

    async def _send(self, send: Send, answer: Answer, kind: str, headers: Headers) -> None:
        body = answer.payload()
        sent = [
            (b"content-type", f"{kind}; charset=utf-8".encode()),
            *_ALWAYS,
            *((name.encode(), value.encode()) for name, value in answer.headers.items()),
        ]
        if len(body) > _WORTH_PACKING and accepts_gzip(headers.get(b"accept-encoding")):
            body = zlib.compress(body, level=1, wbits=31)
            sent.append((b"content-encoding", b"gzip"))
        sent.append((b"content-length", str(len(body)).encode()))
        status = status_of(answer, kind, is_2026=self._edition == "2026")
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": body})


_ALLOW: Final = "GET, POST, PUT, DELETE"
"""The last two for shared event streams."""


def status_of(answer: Answer, kind: str, *, is_2026: bool = False) -> int:
    """The HTTP status of an answer in a media type.

    An answer in `application/json` cannot be told from one of a proxy by its status, so it is 200
    for every request that was understood.
    """
    if answer.status is not None:
        return answer.status
    if kind != GRAPHQL or (answer.executed and not answer.errors):
        return 200
    if answer.executed:
        return 294 if is_2026 else 200
    return 422 if is_2026 and answer.parsed else 400


def _failure(error: AppError, language: Language | None) -> Answer:
    """The answer to a request that did not get as far as its operation."""
    answer = refused(error, language)
    if isinstance(error, BadRequest):
        answer.status, answer.headers = error.status, dict(error.headers)
    elif isinstance(error, Unauthenticated):
        answer.status, answer.headers = 401, {"www-authenticate": error.challenge}
    else:
        answer.status = error.http_status or 400
    return answer


def _language(headers: Headers) -> Language | None:
    return preferred_language(text_of(headers, b"accept-language"))


def _is_streamed(operation: Operation | Answer, kind: str, headers: Headers) -> bool:
    """Whether the client gets an event stream: where it takes nothing else, or for what is live."""
    if isinstance(operation, Answer):
        return kind == EVENTS and operation.status is None
    return kind == EVENTS or (
        operation.kind == "subscription" and accepts_events(headers.get(b"accept"))
    )


async def _reply(send: Send, status: int, body: bytes = b"") -> None:
    sent = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        *_ALWAYS,
    ]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body})
