"""The root of all mutations: each noun brings a class of its own."""

from strawberry.tools import merge_types

from app.schema.acknowledgement_input import AcknowledgementMutation
from app.schema.citizen_input import CitizenMutation
from app.schema.conversation import ConversationMutation
from app.schema.description_input import DescriptionMutation
from app.schema.education_goal_input import EducationGoalMutation
from app.schema.intervention_input import InterventionMutation
from app.schema.job_goal_input import JobGoalMutation
from app.schema.meeting_input import MeetingMutation
from app.schema.membership_input import MembershipMutation
from app.schema.notification_input import NotificationMutation
from app.schema.other_agreement_input import OtherAgreementMutation
from app.schema.requirement_input import RequirementMutation
from app.schema.responsibility_input import ResponsibilityMutation
from app.schema.sought_job_input import SoughtJobMutation
from app.schema.target_group_input import TargetGroupMutation

MUTATIONS: tuple[type, ...] = (
    ConversationMutation,
    JobGoalMutation,
    EducationGoalMutation,
    DescriptionMutation,
    InterventionMutation,
    RequirementMutation,
    AcknowledgementMutation,
    CitizenMutation,
    MeetingMutation,
    MembershipMutation,
    NotificationMutation,
    OtherAgreementMutation,
    ResponsibilityMutation,
    SoughtJobMutation,
    TargetGroupMutation,
)

Mutation = merge_types("Mutation", MUTATIONS)
