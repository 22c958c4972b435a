"""All enums of the schema. Members are their own codes: documents hold the same strings.

Those of plan types, kinds and schemes are the lines of `db/codes`: a new value is a new line.
"""

from enum import StrEnum

import strawberry

from app.store.bundled import EDUCATION_SCHEMES, INTERVENTION_KINDS, PLAN_TYPES, bundled_codes


@strawberry.enum(description="Who asks.")
class ViewerRole(StrEnum):
    CITIZEN = "CITIZEN"
    JOBCENTER = "JOBCENTER"
    FUND = "FUND"
    INSTITUTION = "INSTITUTION"
    SYSTEM = "SYSTEM"


@strawberry.enum(name="Authority", description="The two authorities of the contact course.")
class AuthorityEnum(StrEnum):
    JOBCENTER = "JOBCENTER"
    UNEMPLOYMENT_FUND = "UNEMPLOYMENT_FUND"


@strawberry.enum(description="Why an authority is responsible.")
class ResponsibilityBasis(StrEnum):
    FIRST_THREE_MONTHS = "FIRST_THREE_MONTHS"
    YOUNG_REFERRED = "YOUNG_REFERRED"
    AFTER_TRANSITION = "AFTER_TRANSITION"
    OTHER_GROUP = "OTHER_GROUP"
    MOVED = "MOVED"


@strawberry.enum(description="How a member of an unemployment fund is insured.")
class InsuranceKind(StrEnum):
    FULL_TIME = "FULL_TIME"
    PART_TIME = "PART_TIME"


@strawberry.enum(description="What a digital exemption is from.")
class ExemptionKind(StrEnum):
    DIGITAL_POST = "DIGITAL_POST"
    SELF_SERVICE = "SELF_SERVICE"
    INDIVIDUAL = "INDIVIDUAL"


@strawberry.enum(description="When a sought job was added.")
class SoughtJobAdded(StrEnum):
    REGISTRATION = "REGISTRATION"
    LATER = "LATER"


@strawberry.enum(description="The kind of plan behind “Min Plan”.")
class PlanType(StrEnum):
    vars().update(bundled_codes(PLAN_TYPES))


@strawberry.enum
class PlanStatus(StrEnum):
    ACTIVE = "ACTIVE"
    CLOSED = "CLOSED"


@strawberry.enum(
    description="A part of the plan. PLAN (its facts) and COMMENTS are only named as changed."
)
class ElementCode(StrEnum):
    PLAN = "PLAN"
    CONTRACT = "CONTRACT"
    EDUCATION_GOALS = "EDUCATION_GOALS"
    JOB_GOALS = "JOB_GOALS"
    PLAN_DESCRIPTION = "PLAN_DESCRIPTION"
    EDUCATION_STEP = "EDUCATION_STEP"
    LATEST_AGREEMENT_JOBCENTER = "LATEST_AGREEMENT_JOBCENTER"
    LATEST_AGREEMENT_UNEMPLOYMENT_FUND = "LATEST_AGREEMENT_UNEMPLOYMENT_FUND"
    TIMELINE = "TIMELINE"
    COMMENTS = "COMMENTS"


@strawberry.enum(description="What made a version.")
class VersionTrigger(StrEnum):
    GOALS = "GOALS"
    DESCRIPTION = "DESCRIPTION"
    CONVERSATION = "CONVERSATION"
    OFFER = "OFFER"
    INTERVENTION = "INTERVENTION"
    REQUIREMENT = "REQUIREMENT"
    STATUS = "STATUS"
    MEETING = "MEETING"
    TARGET_GROUP = "TARGET_GROUP"
    EDUCATION_STEP = "EDUCATION_STEP"
    CONTRACT = "CONTRACT"
    COMMENT = "COMMENT"
    MEMBERSHIP = "MEMBERSHIP"
    RESPONSIBILITY = "RESPONSIBILITY"
    CITIZEN = "CITIZEN"
    PLAN = "PLAN"


@strawberry.enum
class GoalTerm(StrEnum):
    SHORT_TERM = "SHORT_TERM"
    LONG_TERM = "LONG_TERM"


@strawberry.enum(description="Whether an occupation needs people in the citizen's region.")
class ShortageStatus(StrEnum):
    IN_SHORTAGE = "IN_SHORTAGE"
    NOT_IN_SHORTAGE = "NOT_IN_SHORTAGE"
    UNKNOWN = "UNKNOWN"


@strawberry.enum(description="Which job goals a target group may have.")
class JobGoalRule(StrEnum):
    OCCUPATION = "OCCUPATION"
    OCCUPATION_OR_FUNCTION = "OCCUPATION_OR_FUNCTION"


@strawberry.enum(description="Whether a target group has education goals.")
class EducationGoalRule(StrEnum):
    REQUIRED = "REQUIRED"
    REQUIRED_FROM_STEP_2 = "REQUIRED_FROM_STEP_2"
    OPTIONAL = "OPTIONAL"


@strawberry.enum(description="Which kind of goal an intervention is for.")
class GoalKind(StrEnum):
    JOB_GOAL = "JOB_GOAL"
    EDUCATION_GOAL = "EDUCATION_GOAL"


@strawberry.enum(description="What the plan's description is.")
class DescriptionVariant(StrEnum):
    AGREED_PATH = "AGREED_PATH"
    CASEWORKER_COMMENT = "CASEWORKER_COMMENT"


@strawberry.enum(description="Disagreement between sought jobs, requirements and job goals.")
class ConsistencyCode(StrEnum):
    REQUIREMENT_NOT_IN_SOUGHT = "REQUIREMENT_NOT_IN_SOUGHT"
    GOAL_NOT_IN_SOUGHT = "GOAL_NOT_IN_SOUGHT"
    GOAL_NOT_IN_REQUIREMENT = "GOAL_NOT_IN_REQUIREMENT"
    SOUGHT_NOT_IN_GOAL = "SOUGHT_NOT_IN_GOAL"


@strawberry.enum
class CommentAuthor(StrEnum):
    CITIZEN = "CITIZEN"
    CASEWORKER = "CASEWORKER"


@strawberry.enum(description="What a comment is about.")
class CommentTarget(StrEnum):
    PLAN = "PLAN"
    DESCRIPTION = "DESCRIPTION"
    STEP = "STEP"


@strawberry.enum(description="How a conversation is held.")
class MeetingMode(StrEnum):
    IN_PERSON = "IN_PERSON"
    PHONE = "PHONE"
    DIGITAL = "DIGITAL"
    LETTER = "LETTER"
    OTHER = "OTHER"


@strawberry.enum(description="Who booked a meeting: the authority or the citizen.")
class MeetingSource(StrEnum):
    SUMMONS = "SUMMONS"
    SELF_BOOKING = "SELF_BOOKING"


@strawberry.enum
class MeetingStatus(StrEnum):
    PLANNED = "PLANNED"
    CHANGED = "CHANGED"
    CANCELLED = "CANCELLED"
    HELD = "HELD"


@strawberry.enum
class OtherAgreementKind(StrEnum):
    JOB_FAIR = "JOB_FAIR"
    JOB_CAFE = "JOB_CAFE"
    OTHER = "OTHER"


@strawberry.enum
class InterventionKindCode(StrEnum):
    vars().update(bundled_codes(INTERVENTION_KINDS))


@strawberry.enum(description="The scheme of an intervention of kind EDUCATION.")
class EducationSchemeCode(StrEnum):
    vars().update(bundled_codes(EDUCATION_SCHEMES))


@strawberry.enum(description="First and last day are ONGOING.")
class InterventionStatus(StrEnum):
    PLANNED = "PLANNED"
    ONGOING = "ONGOING"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


@strawberry.enum(description="How the citizen was told the start date of an offer.")
class NoticeBasis(StrEnum):
    CONVERSATION = "CONVERSATION"
    LETTER = "LETTER"
    PHONE = "PHONE"
    OTHER = "OTHER"


@strawberry.enum(description="Where an intervention was registered.")
class Origin(StrEnum):
    MANUAL = "MANUAL"
    VITAS = "VITAS"
    DFDG_IMPORT = "DFDG_IMPORT"
    RECOMMENDATION = "RECOMMENDATION"


@strawberry.enum(description="Whether an aid is lent or granted.")
class AidForm(StrEnum):
    LOAN = "LOAN"
    GRANT = "GRANT"


@strawberry.enum(description="What an aid is for.")
class AidPurpose(StrEnum):
    EMPLOYMENT = "EMPLOYMENT"
    FLEX_JOB = "FLEX_JOB"
    DURING_OFFER = "DURING_OFFER"


@strawberry.enum(description="How the timeline is shown: “Tidslinje” or “Liste”.")
class TimelineView(StrEnum):
    TIMELINE = "TIMELINE"
    LIST = "LIST"
