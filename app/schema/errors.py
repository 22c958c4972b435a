"""How failures are told to clients: a stable code, a path, and nothing of anybody's data."""

import logging
from typing import Any
from uuid import uuid4

from graphql import GraphQLError

from app.errors import AppError, BadUserInput, Unavailable
from app.schema.core_message import path_of_variable, without_echo
from app.schema.request import Language
from app.store.db import is_away, refusal
from app.texts.errors import error_text

log = logging.getLogger("minplan.schema")


def present(error: GraphQLError, language: Language | None = None) -> GraphQLError:
    """The error as a client may see it, with `extensions.code` and, for input, the input's path.

    language: of the sentences that are our own; those of graphql-core are for developers.
    """
    cause = error.original_error
    if isinstance(cause, GraphQLError):
        cause = cause.original_error
    extensions: dict[str, Any] = dict(error.extensions or {})
    if isinstance(cause, AppError):
        message = _expected(cause, extensions)
    elif cause is not None and is_away(cause):
        log.warning("the database is away: %s", type(cause).__name__)
        message = _expected(Unavailable(), extensions)
    elif cause is not None and "code" not in extensions:
        message = _unexpected(cause, extensions)
    else:
        message = _client_mistake(error.message, extensions)
    return GraphQLError(
        error_text(message, language),
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


def _expected(cause: AppError, extensions: dict[str, Any]) -> str:
    extensions["code"] = cause.code
    if isinstance(cause, BadUserInput) and cause.path:
        extensions["path"] = list(cause.path)
    return cause.message


def _unexpected(cause: BaseException, extensions: dict[str, Any]) -> str:
    refused = refusal(cause)
    message, extensions["code"] = (
        (refused, "BAD_USER_INPUT") if refused else _internal(cause, extensions)
    )
    return message


def _client_mistake(message: str, extensions: dict[str, Any]) -> str:
    extensions.setdefault("code", "BAD_USER_INPUT")
    path = path_of_variable(message)
    if path is not None:
        extensions["path"] = path
    return without_echo(message)


def _internal(cause: BaseException, extensions: dict[str, Any]) -> tuple[str, str]:
    """An unexpected failure: an id to quote, and the class and place of the error in the log."""
    incident = str(uuid4())
    extensions["incident"] = incident
    log.error("incident %s: %s", incident, type(cause).__name__, exc_info=_without_values(cause))
    return f"Something went wrong. Please quote {incident}.", "INTERNAL"


def _without_values(cause: BaseException) -> BaseException:
    """The same traceback under a message that repeats no value."""
    return RuntimeError(type(cause).__name__).with_traceback(cause.__traceback__)
