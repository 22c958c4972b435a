"""The integration contract: facts about the PDF, never its content (DOMAIN 5.17, R146)."""

import strawberry

from app.schema.scalars import Date


@strawberry.type(description="“Kontrakt efter integrationsloven”.")
class IntegrationContract:
    file_name: str
    signed_on: Date | None
    danish_goal: str | None
    valid_until: Date | None
