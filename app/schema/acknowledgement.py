"""The receipt for a version (DOMAIN 5.18)."""

import strawberry

from app.schema.notice_enums import AcknowledgementMethod
from app.schema.scalars import DateTime


@strawberry.type(description="“Kvittering”.")
class Acknowledgement:
    version: int
    method: AcknowledgementMethod
    at: DateTime
    by: str
    note: str | None
