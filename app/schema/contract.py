"""The integration contract: facts about the PDF, never its content (DOMAIN 5.17, R146)."""

import strawberry

from app.domain import document as doc
from app.schema.fields import derived
from app.schema.scalars import Date, DateTime


def _attached_at(root: doc.IntegrationContract) -> DateTime | None:
    return root.get("attached_at")  # type: ignore[return-value]  # a stored time is ready


@strawberry.type(description="“Kontrakt efter integrationsloven”.")
class IntegrationContract:
    file_name: str
    signed_on: Date | None
    danish_goal: str | None
    valid_until: Date | None
    attached_at: DateTime | None = derived(
        _attached_at,
        reads=("attached_at",),
        description="When this PDF took its place; null if it was before that was noted.",
    )
