"""Education goals (DOMAIN 5.7)."""

import strawberry

from app.domain import document as doc
from app.domain.danish import prioritised_education_goal
from app.schema.fields import derived
from app.schema.scalars import DateTime


def _label(root: doc.EducationGoal) -> str:
    return prioritised_education_goal(root["priority"], root["education_name"])


@strawberry.type(description="“Uddannelsesmål”.")
class EducationGoal:
    id: strawberry.ID
    education_name: str
    education_code: str | None
    priority: int
    agreed_by: str
    agreed_at: DateTime
    label: str = derived(
        _label,
        reads=("priority", "education_name"),
        description="“1. prioriterede uddannelsesmål: ...”.",
    )
