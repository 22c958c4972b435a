"""The root of all mutations: each noun brings a class of its own."""

from strawberry.tools import merge_types

from app.schema.acknowledgement_input import AcknowledgementMutation
from app.schema.agreement_input import AgreementMutation
from app.schema.citizen_input import CitizenMutation
from app.schema.closing_input import ClosingMutation
from app.schema.comment_input import CommentMutation
from app.schema.company_import_input import CompanyImportMutation
from app.schema.contract_input import ContractMutation
from app.schema.conversation import ConversationMutation
from app.schema.cv_input import CvMutation
from app.schema.description_input import DescriptionMutation
from app.schema.education_goal_input import EducationGoalMutation
from app.schema.education_input import EducationStepMutation
from app.schema.education_order_input import EducationOrderMutation
from app.schema.exemption_input import ExemptionMutation
from app.schema.handover_input import HandoverMutation
from app.schema.inbox_input import InboxMutation
from app.schema.intervention_change_input import InterventionChangeMutation
from app.schema.intervention_input import InterventionMutation
from app.schema.job_goal_input import JobGoalMutation
from app.schema.meeting_input import MeetingMutation
from app.schema.membership_input import MembershipMutation
from app.schema.notification_input import NotificationMutation
from app.schema.other_agreement_input import OtherAgreementMutation
from app.schema.plan_agreement_input import PlanAgreementMutation
from app.schema.recommendation_input import RecommendationMutation
from app.schema.requirement_input import RequirementMutation
from app.schema.responsibility_input import ResponsibilityMutation
from app.schema.sought_job_input import SoughtJobMutation
from app.schema.target_group_input import TargetGroupMutation

MUTATIONS: tuple[type, ...] = (
    CommentMutation,
    AgreementMutation,
    PlanAgreementMutation,
    CvMutation,
    ConversationMutation,
    JobGoalMutation,
    EducationGoalMutation,
    EducationOrderMutation,
    EducationStepMutation,
    HandoverMutation,
    DescriptionMutation,
    InterventionMutation,
    InterventionChangeMutation,
    CompanyImportMutation,
    RequirementMutation,
    RecommendationMutation,
    InboxMutation,
    AcknowledgementMutation,
    CitizenMutation,
    ClosingMutation,
    ContractMutation,
    ExemptionMutation,
    MeetingMutation,
    MembershipMutation,
    NotificationMutation,
    OtherAgreementMutation,
    ResponsibilityMutation,
    SoughtJobMutation,
    TargetGroupMutation,
)

Mutation = merge_types("Mutation", MUTATIONS)
