"""Joint recommendations, as they stand in the plan."""

from enum import StrEnum
from typing import Any

import strawberry

from app.domain import document as doc
from app.schema.enums import InterventionKindCode
from app.schema.intervention import Intervention
from app.schema.scalars import Date, DateTime


@strawberry.enum(description="How far a joint recommendation has come.")
class RecommendationStatus(StrEnum):
    SENT = "SENT"
    GRANTED = "GRANTED"
    REJECTED = "REJECTED"


@strawberry.type(description="“Fælles indstilling”: what a fund and the citizen ask for together.")
class JointRecommendation:
    id: strawberry.ID
    created_by: str = strawberry.field(description="The fund's caseworker.")
    organisation: str = strawberry.field(description="The fund.")
    proposed_kind: InterventionKindCode
    text: str
    wanted_start: Date | None
    sent_at: DateTime
    status: RecommendationStatus
    decided_by: str | None = strawberry.field(description="The jobcenter's caseworker.")
    decided_at: DateTime | None
    interventions: list[Intervention] = strawberry.field(
        description="What the jobcenter created as it granted it, as far as you may know of it."
    )


def joint_recommendations(root: doc.PlanDocument) -> list[dict[str, Any]]:
    """Each with its interventions out of the plan; versions from before they were have none."""
    found = root.get("joint_recommendations", [])
    by_id = {item["id"]: item for item in root["interventions"]} if found else {}
    return [
        {**one, "interventions": [by_id[id_] for id_ in one["intervention_ids"] if id_ in by_id]}
        for one in found
    ]
