"""Expected failures and the codes clients see in `extensions.code`.

Messages are written for the person who reads the answer: no token, claim, civil registration
number or plan text ever goes into one.
"""

from collections.abc import Sequence
from typing import ClassVar

from app.rules.breach import Breach


class AppError(Exception):
    """A failure the product knows by name; `code` is stable, `message` may change."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Unauthenticated(AppError):
    """The request carries a token that proves nothing."""

    code = "UNAUTHENTICATED"

    def __init__(self, message: str = "The access token is not valid.") -> None:
        super().__init__(message)


class Forbidden(AppError):
    """A field or mutation the viewer's role may not use."""

    code = "FORBIDDEN"


class BadUserInput(AppError):
    """Input that cannot be understood; `path` leads to the input field, outermost first."""

    code = "BAD_USER_INPUT"

    def __init__(self, message: str, path: Sequence[str | int] = ()) -> None:
        super().__init__(message)
        self.path = tuple(path)


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
