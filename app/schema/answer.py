"""The answer to one operation, as any transport may send it."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLError


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
