"""What was exported for the education plan under KUI when the plan was closed (R105)."""

import strawberry

from app.schema.agreement import Agreement
from app.schema.education import EducationOrder
from app.schema.education_goal import EducationGoal
from app.schema.scalars import DateTime


@strawberry.type(description="What the “uddannelsesplan” is written from, as it was on that day.")
class KuiExport:
    exported_at: DateTime
    exported_by: str
    education_goals: list[EducationGoal]
    education_order: EducationOrder | None = strawberry.field(
        description="The steps with what was sent, applications, admission and support need."
    )
    latest_agreement: Agreement | None = strawberry.field(description="With the jobcenter.")
