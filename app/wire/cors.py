"""Pages of other origins that may read the answers (Fetch standard, "CORS protocol").

No credentials: a page sends its token by itself, and no browser adds one to a request.
"""

from typing import Final

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from app.settings import Settings
from app.wire.origin import listed_origins

_METHODS: Final = ("GET", "POST", "PUT", "DELETE")
_TAKEN: Final = (
    "accept-language",
    "authorization",
    "content-type",
    "idempotency-key",
    "last-event-id",
    "x-graphql-event-stream-token",
)
_SHOWN: Final = (
    "idempotency-replayed",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "www-authenticate",
)


def cors(settings: Settings) -> list[Middleware]:
    """What lets pages of the listed origins read answers; nothing where none is listed."""
    listed = sorted(f"{scheme}://{host}" for scheme, host in listed_origins(settings))
    if not listed:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=listed,
            allow_methods=_METHODS,
            allow_headers=_TAKEN,
            expose_headers=_SHOWN,
        )
    ]
