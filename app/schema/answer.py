"""The answer to one operation, as any transport may send it, also to one that does not run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLError

from app.errors import AppError, RateLimited, Unavailable
from app.schema.errors import present
from app.schema.request import Language


@dataclass(slots=True)
class Answer:
    """data: the result, None also where it came to nothing; errors: as clients see them.

    executed: whether execution began; an answer that was refused before has no `data` entry.
    parsed: whether the document could at least be read.
    status: the HTTP status where it follows from more than that; headers: for HTTP.
    """

    errors: list[GraphQLError] = field(default_factory=list)
    data: dict[str, Any] | None = None
    executed: bool = False
    parsed: bool = True
    status: int | None = None
    extensions: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def payload(self) -> bytes:
        """The whole response as JSON."""
        response: dict[str, Any] = {}
        if self.executed:
            response["data"] = self.data
        if self.errors:
            response["errors"] = [error.formatted for error in self.errors]
        if self.extensions:
            response["extensions"] = self.extensions
        return orjson.dumps(response)


class Refusal(Exception):
    """An operation may not run; answer: why. values: in its variables, if they were looked at."""

    def __init__(self, answer: Answer, values: int = 0) -> None:
        super().__init__("refused")
        self.answer = answer
        self.values = values


def refuse(
    errors: Sequence[GraphQLError],
    language: Language | None,
    *,
    parsed: bool = True,
    values: int = 0,
) -> None:
    """Raises Refusal if there are errors."""
    if errors:
        raise Refusal(answer_of(errors, language, parsed=parsed), values)


def refused(error: AppError, language: Language | None = None) -> Answer:
    """The answer to what was refused before it ran."""
    answer = answer_of([GraphQLError("", original_error=error)], language, parsed=False)
    answer.status = error.http_status
    if isinstance(error, RateLimited):
        answer.headers.update(error.headers)
    return answer


def failed(error: Exception, language: Language | None = None) -> Answer:
    """The answer where the product itself failed: an id to quote, and nothing of the error."""
    answer = answer_of([GraphQLError("", original_error=error)], language, parsed=False)
    answer.status = answer.status or 500
    return answer


def answer_of(
    errors: Iterable[GraphQLError], language: Language | None, *, parsed: bool = True
) -> Answer:
    """parsed: whether the document could at least be read."""
    answer = Answer(errors=[present(error, language) for error in errors], parsed=parsed)
    tell_if_away(answer)
    return answer


def tell_if_away(answer: Answer) -> None:
    """Has proxies and clients try again where the database was away."""
    if any((error.extensions or {}).get("code") == Unavailable.code for error in answer.errors):
        answer.status = Unavailable.http_status
        answer.headers["retry-after"] = "1"
