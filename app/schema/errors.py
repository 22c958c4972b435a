"""How failures are told to clients: a stable code, a path, and nothing of anybody's data."""

import logging
import re
from typing import Any
from uuid import uuid4

from graphql import GraphQLError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from app.errors import AppError, BadUserInput
from app.store.db import refusal

log = logging.getLogger("minplan.schema")

# graphql-core names the place of a bad variable only in words: "... at .input.goals[0].term: "
_VARIABLE = re.compile(r"^Variable '\$(\w+)' has invalid value(?: at ([^:\s]+))?:")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
# what follows these words repeats the client's text, which may be anybody's
_ECHO = re.compile(r"[,;.]? (?:[Ff]ound|value): .*", re.DOTALL)
_LEXEME = re.compile(r"^(Syntax Error: .*?\b(?:found|Unexpected) \w+) ['\"].*", re.DOTALL)
_UNKNOWN_VALUE = re.compile(r"Value '.*' does not exist", re.DOTALL)


def present(error: GraphQLError) -> GraphQLError:
    """The error as a client may see it, with `extensions.code` and, for input, the input's path."""
    cause = error.original_error
    if isinstance(cause, GraphQLError):
        cause = cause.original_error
    extensions: dict[str, Any] = dict(error.extensions or {})
    message = error.message
    if isinstance(cause, AppError):
        message, extensions["code"] = cause.message, cause.code
        if isinstance(cause, BadUserInput) and cause.path:
            extensions["path"] = list(cause.path)
    elif isinstance(cause, CannotGetOperationTypeError | InvalidOperationTypeError):
        extensions["code"] = "BAD_USER_INPUT"
    elif cause is not None and "code" not in extensions:
        refused = refusal(cause)
        message, extensions["code"] = (
            (refused, "BAD_USER_INPUT") if refused else _internal(cause, extensions)
        )
    elif "code" not in extensions or _VARIABLE.match(message):
        extensions["code"] = extensions.get("code", "BAD_USER_INPUT")
        message = _client_mistake(message, extensions)
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


def _client_mistake(message: str, extensions: dict[str, Any]) -> str:
    place = _VARIABLE.match(message)
    if place:
        steps = _STEP.findall(place.group(2) or "")
        extensions["path"] = [place.group(1), *(name or int(index) for name, index in steps)]
    message = _LEXEME.sub(r"\1.", message)
    return _UNKNOWN_VALUE.sub("This value does not exist", _ECHO.sub(".", message))


def _internal(cause: BaseException, extensions: dict[str, Any]) -> tuple[str, str]:
    """An unexpected failure: an id to quote, and the class and place of the error in the log."""
    incident = str(uuid4())
    extensions["incident"] = incident
    log.error("incident %s: %s", incident, type(cause).__name__, exc_info=_without_values(cause))
    return f"Something went wrong. Please quote {incident}.", "INTERNAL"


def _without_values(cause: BaseException) -> BaseException:
    """The same traceback under a message that repeats no value."""
    return RuntimeError(type(cause).__name__).with_traceback(cause.__traceback__)
