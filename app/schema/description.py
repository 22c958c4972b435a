"""The plan's description (DOMAIN 5.8)."""

import strawberry

from app.domain import document as doc
from app.schema.comment import Comment
from app.schema.enums import DescriptionVariant
from app.schema.fields import derived
from app.schema.scalars import DateTime
from app.texts import description_heading


def _heading(root: doc.PlanDescription) -> str:
    return description_heading(root["variant"])


@strawberry.type(description="“For at nå mit mål, har vi aftalt”, or the caseworker's comment.")
class PlanDescription:
    variant: DescriptionVariant
    heading: str = derived(_heading, reads=("variant",))
    text: str
    author: str
    updated_at: DateTime
    covers_rehabilitation_part: bool
    replies: list[Comment]
