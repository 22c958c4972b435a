"""The plan as its viewer may see it: the stored document, and what is worked out from it."""

import strawberry

from app.domain import document as doc
from app.rules import consistency
from app.schema.acknowledgement import Acknowledgement
from app.schema.agreement import Agreement
from app.schema.comment import Comment
from app.schema.contract import IntegrationContract
from app.schema.description import PlanDescription
from app.schema.education import EducationOrder, TestResult
from app.schema.education_goal import EducationGoal
from app.schema.element import PlanElement, elements
from app.schema.enums import (
    AuthorityEnum,
    InterventionKindCode,
    InterventionStatus,
    PlanStatus,
    PlanType,
)
from app.schema.fields import derived, fetched
from app.schema.intervention import Intervention
from app.schema.job_goal import ConsistencyFinding, JobGoal
from app.schema.kui_export import KuiExport
from app.schema.meeting import Meeting
from app.schema.other_agreement import OtherAgreement
from app.schema.plan_links import PlanLinks, links
from app.schema.plan_version import PlanChange, PlanVersionConnection, changes_since, versions
from app.schema.recommendation import JointRecommendation, joint_recommendations
from app.schema.requirement import JobSearchRequirement
from app.schema.scalars import Date, DateTime
from app.schema.timeline import TIMELINE_READS, Timeline, timeline
from app.texts import text


def _latest_agreement(root: doc.PlanDocument, authority: AuthorityEnum) -> doc.Agreement | None:
    if authority is AuthorityEnum.UNEMPLOYMENT_FUND:
        return root["latest_agreement_unemployment_fund"]
    return root["latest_agreement_jobcenter"]


def _interventions(
    root: doc.PlanDocument,
    status: list[InterventionStatus] | None = None,
    kind: list[InterventionKindCode] | None = None,
) -> list[doc.Intervention]:
    return [
        item
        for item in root["interventions"]
        if (status is None or item["status"] in status) and (kind is None or item["kind"] in kind)
    ]


def _consistency(root: doc.PlanDocument) -> list[consistency.ConsistencyFinding]:
    return consistency.job_goal_consistency(
        root["sought_jobs"], root["requirements"], root["job_goals"], root["today"]
    )


def _hidden_parts_notice(root: doc.PlanDocument) -> str | None:
    """R89: a fund always gets the same words, whether or not something is hidden."""
    return text("plan.hidden_parts_notice") if root["viewer_role"] == "fund" else None


def _kui_export(root: doc.PlanDocument) -> doc.KuiExport | None:
    return root.get("kui_export")


def _complaint_info(root: doc.PlanDocument) -> str:
    return text("plan.complaint_info")


@strawberry.type(description="“Min Plan”, exactly as the viewer may see it.")
class Plan:
    id: strawberry.ID
    version: int = strawberry.field(
        description="Numbered per audience; `expectedVersion` means the viewer's own."
    )
    published_at: DateTime
    type: PlanType
    status: PlanStatus
    target_group: str = strawberry.field(name="targetGroupCode")
    lower_bound: Date | None = strawberry.field(description="First day of a public benefit.")
    elements: list[PlanElement] = derived(
        elements,
        reads=("*",),
        description="The parts of the plan in order: exactly what the viewer sees.",
    )
    job_goals: list[JobGoal] = strawberry.field(description="“Jobmål”.")
    education_goals: list[EducationGoal] = strawberry.field(description="“Uddannelsesmål”.")
    description: PlanDescription | None
    latest_agreement: Agreement | None = derived(
        _latest_agreement,
        reads=("latest_agreement_jobcenter", "latest_agreement_unemployment_fund"),
        description="“Seneste aftale med ...”.",
    )
    agreements: list[Agreement] = strawberry.field(description="Newest first.")
    meetings: list[Meeting]
    other_agreements: list[OtherAgreement] = strawberry.field(description="“Øvrige aftaler”.")
    requirements: list[JobSearchRequirement] = strawberry.field(
        description="“Krav til jobsøgning”, newest first."
    )
    interventions: list[Intervention] = derived(
        _interventions,
        reads=("interventions",),
        description="“Indsatser” by start, those of the given statuses and kinds.",
    )
    joint_recommendations: list[JointRecommendation] = derived(
        joint_recommendations,
        reads=("joint_recommendations", "interventions"),
        description="“Fælles indstillinger” by a fund and the citizen, oldest first.",
    )
    education_order: EducationOrder | None = strawberry.field(description="“Uddannelsespålæg”.")
    test_results: list[TestResult]
    contract: IntegrationContract | None
    comments: list[Comment]
    acknowledgement: Acknowledgement | None = strawberry.field(
        description="Of this version; the plan holds with or without it."
    )
    citizen_agrees: bool | None
    agreement_comment: str | None
    holistic: bool = strawberry.field(description="“Helhedsorienteret plan”, with consent.")
    holistic_consent_at: DateTime | None
    kui_export: KuiExport | None = derived(
        _kui_export,
        reads=("kui_export",),
        description="Of a closed plan: what was handed over to the “uddannelsesplan”.",
    )
    timeline: Timeline = derived(timeline, reads=TIMELINE_READS)
    job_goal_consistency: list[ConsistencyFinding] = derived(
        _consistency, reads=("sought_jobs", "requirements", "job_goals", "today")
    )
    links: PlanLinks = derived(links, reads=("composition_elements", "shows_find_job"))
    hidden_parts_notice: str | None = derived(_hidden_parts_notice, reads=("viewer_role",))
    complaint_info: str = derived(
        _complaint_info, reads=(), description="How to complain; not a part of the plan."
    )
    versions: PlanVersionConnection = fetched(versions)
    changes_since: list[PlanChange] = fetched(
        changes_since, description="What was published after a version, oldest first."
    )
