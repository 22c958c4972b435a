"""The HTTP and WebSocket face of the schema.

Strawberry's ASGI view with a stricter door: a bounded body, JSON objects only, a verified token,
and an answer in GraphQL's error shape for everything a client can get wrong.
"""

import json
from collections.abc import Mapping
from typing import Any

import orjson
from cross_web import HTTPException
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLRequestData
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message as WsMessage

from app.errors import AppError, Unauthenticated
from app.schema.context import Authenticate, Context, Services
from app.schema.execution import MinPlanSchema

MAX_BODY = 4 * 1024 * 1024
"""Bytes of a request's body."""


class TextSocket(ASGIWebSocketAdapter):
    """Sends text frames, as graphql-transport-ws wants; Strawberry sends bytes as binary ones."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        try:
            await self.ws.send_text(self.view.encode_json_string(message))
        except WebSocketDisconnect as gone:
            raise WebSocketDisconnected from gone


class StrictHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Closes with 4400 on a message of the wrong shape, where Strawberry fails inside."""

    async def handle_message(self, message: WsMessage) -> None:
        if _is_message(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("This is no message of graphql-transport-ws.")


def _is_message(message: Any) -> bool:
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] != "subscribe":
        return isinstance(message.get("id", ""), str)
    payload = message.get("payload")
    return (
        isinstance(message.get("id"), str)
        and isinstance(payload, dict)
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )


class GraphQLView(GraphQL[Context, None]):
    """`/graphql`: queries and mutations by POST, queries by GET, live by WebSocket and SSE."""

    websocket_adapter_class = TextSocket
    graphql_transport_ws_handler_class = StrictHandler

    def __init__(
        self, schema: MinPlanSchema, services: Services, authenticate: Authenticate
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
        )
        self._services = services
        self._authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive=_bounded(receive))
        try:
            response: Response = await self.run(request)
        except Unauthenticated as error:
            response = _failure(401, error.code, error.message)
            response.headers["www-authenticate"] = "Bearer"
        except HTTPException as error:
            code = "UNAUTHENTICATED" if error.status_code == 401 else "BAD_USER_INPUT"
            response = _failure(error.status_code, code, error.reason)
        await response(scope, receive, send)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        authorization = request.headers.get("authorization")
        if isinstance(request, WebSocket):
            # the token comes with connection_init; one in the handshake is looked at there too
            return Context(self._services, handshake=authorization)
        viewer = await self._authenticate(authorization)
        return Context(self._services, viewer, by_get=request.method == "GET")

    async def on_ws_connect(self, context: Context) -> Any:
        given = (context.connection_params or {}).get("authorization", context.handshake)
        try:
            context.viewer = await self._authenticate(given)
        except AppError:
            raise ConnectionRejectionError from None
        return None

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)

    def parse_json(self, data: str | bytes) -> Any:
        try:
            parsed = self.decode_json(data)
        except json.JSONDecodeError:
            raise HTTPException(400, "The body is not valid JSON.") from None
        if not isinstance(parsed, dict | list):
            raise HTTPException(400, "The body must be a JSON object.")
        return parsed

    async def parse_http_body(self, request: Any) -> GraphQLRequestData | list[GraphQLRequestData]:
        data = await super().parse_http_body(request)
        if isinstance(data, GraphQLRequestData) and not isinstance(data.operation_name, str | None):
            raise HTTPException(400, "`operationName` must be a text.")
        return data


def _bounded(receive: Receive) -> Receive:
    """`receive` that refuses a body of more than MAX_BODY bytes."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            raise HTTPException(413, f"The body is larger than {MAX_BODY} bytes.")
        return message

    return bounded


def _failure(status: int, code: str, message: str) -> Response:
    error = GraphQLError(message, extensions={"code": code})
    return Response(
        orjson.dumps({"errors": [error.formatted]}),
        status_code=status,
        media_type="application/json",
    )
