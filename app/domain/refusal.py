"""Why a login, or what its bearer wanted, was refused: as operations count and read it."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.viewer import Role, Viewer


class Reason(StrEnum):
    """The first thing that was wrong, in the order in which a token is looked at."""

    MALFORMED = "MALFORMED"
    """No token of a form and an algorithm that is taken."""
    UNKNOWN_KEY = "UNKNOWN_KEY"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    WRONG_ISSUER = "WRONG_ISSUER"
    WRONG_AUDIENCE = "WRONG_AUDIENCE"
    EXPIRED = "EXPIRED"
    CLAIMS = "CLAIMS"
    """Proven, and what it says makes no viewer."""
    PRIVILEGES = "PRIVILEGES"
    """Proven, and its privileges make no role in one organisation."""
    ASSURANCE = "ASSURANCE"
    """Proven, and the login is weaker than its role demands."""
    REVOKED = "REVOKED"
    FORBIDDEN = "FORBIDDEN"
    """The role used a field that it may not use."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One refusal; who it was only where a token has proven it."""

    reason: Reason
    role: Role | None = None
    organisation_code: str | None = None
    subject: str | None = None

    @classmethod
    def of(cls, reason: Reason, viewer: Viewer) -> "Refused":
        """What a proven viewer was refused."""
        return cls(reason, viewer.role, viewer.organisation_code, viewer.subject or None)
