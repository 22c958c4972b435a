"""Expected failures and the codes clients see in `extensions.code`.

Messages are written for the person who reads the answer: no token, claim, civil registration
number or plan text ever goes into one.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from app.domain.refusal import Refused
from app.rules.breach import Breach


class AppError(Exception):
    """A failure the product knows by name; `code` is stable, `message` may change."""

    code: ClassVar[str] = "INTERNAL"
    http_status: ClassVar[int | None] = None
    """HTTP status of a request refused with it, where the code has one of its own."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Unauthenticated(AppError):
    """The request carries a token that proves nothing, or too little.

    challenge: the `WWW-Authenticate` value of the answer (RFC 6750, RFC 9470). refused: what was
    wrong with the token, None where there was none.
    """

    code = "UNAUTHENTICATED"

    def __init__(
        self,
        message: str = "The access token is not valid.",
        *,
        challenge: str = "Bearer",
        refused: Refused | None = None,
    ) -> None:
        super().__init__(message)
        self.challenge = challenge
        self.refused = refused


class Forbidden(AppError):
    """A field or mutation the viewer's role may not use."""

    code = "FORBIDDEN"


class ForeignOrigin(Forbidden):
    """A page of an origin that is not let in had a browser send the request."""

    http_status = 403

    def __init__(self) -> None:
        super().__init__("Pages of this origin may not send requests here.")


class BadUserInput(AppError):
    """Input that cannot be understood; `path` leads to the input field, outermost first."""

    code = "BAD_USER_INPUT"

    def __init__(self, message: str, path: Sequence[str | int] = ()) -> None:
        super().__init__(message)
        self.path = tuple(path)


class DocumentNotFound(AppError):
    """A document was named by an identifier that stands for none.

    Clients that register documents by themselves know `PersistedQueryNotFound` and
    `PersistedQueryNotSupported` by these very words, in any language.
    """

    code = "PERSISTED_DOCUMENT_NOT_FOUND"


class DocumentRequired(AppError):
    """A document's text was sent where only persisted documents are run."""

    code = "PERSISTED_DOCUMENT_REQUIRED"

    def __init__(self) -> None:
        super().__init__("Only documents of the manifest are run here; this one is not in it.")


class OperationTooCostly(AppError):
    """One operation asks for more than its role may at once (docs/limits.md); costs: in units."""

    code = "OPERATION_TOO_COSTLY"

    def __init__(self, requested: int, most: int) -> None:
        super().__init__(f"This operation may cost {requested}; {most} is the most. Ask for less.")
        self.requested = requested
        self.most = most


class RateLimited(AppError):
    """Too much was asked in too short a time (docs/limits.md).

    retry_after: whole seconds until it may be tried; headers: for the answer over HTTP.
    """

    code = "RATE_LIMITED"
    http_status = 429

    def __init__(self, retry_after: int, headers: Mapping[str, str]) -> None:
        super().__init__(f"Too much was asked in too short a time. Try again in {retry_after} s.")
        self.retry_after = retry_after
        self.headers = headers


class Unavailable(AppError):
    """The database cannot be reached for the moment; whether a mutation was stored is not known."""

    code = "UNAVAILABLE"
    http_status = 503

    def __init__(self) -> None:
        super().__init__("Min Plan cannot be reached for the moment. Please try again.")


class NotFound(AppError):
    """What does not exist, and equally what the viewer may not see."""

    code = "NOT_FOUND"

    def __init__(self, message: str = "Not found.") -> None:
        super().__init__(message)


class RulesBroken(AppError):
    """The operation breaks rules of the plan: all of them, not the first."""

    code = "RULES_BROKEN"

    def __init__(self, breaches: Sequence[Breach]) -> None:
        super().__init__("The operation breaks rules of the plan.")
        self.breaches = tuple(breaches)


class VersionConflict(AppError):
    """The plan has moved on since the version the client expected (R113)."""

    code = "VERSION_CONFLICT"

    def __init__(self, current_version: int) -> None:
        super().__init__("The plan has changed since you read it.")
        self.current_version = current_version


class IdempotencyConflict(AppError):
    """A client's idempotency key has served for another request of the last day."""

    code = "IDEMPOTENCY_CONFLICT"
    http_status = 422

    def __init__(self) -> None:
        super().__init__("This idempotency key was used with another request.")


class IdempotencyInProgress(AppError):
    """The first request with a client's idempotency key has not come to its end."""

    code = "IDEMPOTENCY_IN_PROGRESS"
    http_status = 409

    def __init__(self) -> None:
        super().__init__("The first request with this idempotency key is still being carried out.")
