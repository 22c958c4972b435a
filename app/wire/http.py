"""`/graphql` over HTTP: queries and mutations by POST, queries by GET, answers in JSON.

After the specification "GraphQL over HTTP". Where its edition of September 2026 and the audit
suite of the reference implementation differ, a setting decides (`docs/http.md`).
"""

import zlib
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.types import Receive, Scope, Send

from app.domain.viewer import Viewer
from app.errors import AppError, Unauthenticated
from app.schema.answer import Answer
from app.schema.engine import Engine, Operation, refused
from app.schema.request import Caller, Language, OperationRequest
from app.settings import Settings
from app.wire.body import ClientGone, read_body
from app.wire.headers import (
    GRAPHQL,
    JSON,
    Headers,
    accepts_gzip,
    headers_of,
    media_type,
    response_type,
)
from app.wire.language import preferred_language
from app.wire.params import BadRequest, read_json, read_params, read_url

Authenticate = Callable[[object], Awaitable[Viewer]]

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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        kind = response_type(headers.get(b"accept"), self._edition)
        try:
            if kind is None:
                raise BadRequest(f"The answer is {GRAPHQL} or {JSON}.", 406)
            answer = await self._answer(scope, headers, receive)
        except ClientGone:
            return
        except AppError as error:
            answer = _failure(error, _language(headers))
        await self._send(send, answer, kind or JSON, headers)

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive) -> Answer:
        request = await self._request(scope, headers, receive)
        viewer = await self._authenticate(_text(headers, b"authorization"))
        caller = Caller(
            viewer,
            language=_language(headers),
            by_get=scope["method"] == "GET",
            idempotency_key=_text(headers, b"idempotency-key"),
            last_event_id=_text(headers, b"last-event-id"),
        )
        operation = await self._engine.prepare(request, caller)
        if isinstance(operation, Operation):
            return await self._engine.execute(operation)
        return operation

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


_ALLOW: Final = "GET, POST"


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
    return 400


def _failure(error: AppError, language: Language | None) -> Answer:
    """The answer to a request that did not get as far as its operation."""
    answer = refused(error, language)
    if isinstance(error, BadRequest):
        answer.status, answer.headers = error.status, dict(error.headers)
    elif isinstance(error, Unauthenticated):
        answer.status, answer.headers = 401, {"www-authenticate": "Bearer"}
    else:
        answer.status = 400
    return answer


def _language(headers: Headers) -> Language | None:
    return preferred_language(_text(headers, b"accept-language"))


def _text(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")
