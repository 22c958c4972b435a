"""Enums of notices, receipts and the inbox. Members are their own codes, as in `enums.py`."""

from enum import StrEnum

import strawberry


@strawberry.enum(description="What a notice to the citizen is about.")
class NotificationEvent(StrEnum):
    CONVERSATION_REGISTERED = "CONVERSATION_REGISTERED"
    OFFER_GIVEN = "OFFER_GIVEN"
    AGREEMENT_NEW = "AGREEMENT_NEW"
    PLAN_CHANGED = "PLAN_CHANGED"
    MEETING_NEW = "MEETING_NEW"
    MEETING_CHANGED = "MEETING_CHANGED"
    MEETING_REMINDER = "MEETING_REMINDER"
    STEP_OPENED = "STEP_OPENED"
    STEP_DEADLINE_REMINDER = "STEP_DEADLINE_REMINDER"
    STAFF_REPLY = "STAFF_REPLY"
    ACK_REMINDER = "ACK_REMINDER"
    RESPONSIBILITY_CHANGED = "RESPONSIBILITY_CHANGED"


@strawberry.enum(description="Beside the front page, which always has the notice.")
class DeliveryChannel(StrEnum):
    SMS = "SMS"
    EMAIL = "EMAIL"


@strawberry.enum(
    description="UNCERTAIN: the provider did not answer. DROPPED: no longer wanted, or overtaken."
)
class DeliveryStatus(StrEnum):
    PENDING = "PENDING"
    CLAIMED = "CLAIMED"
    SENT = "SENT"
    UNCERTAIN = "UNCERTAIN"
    FAILED = "FAILED"
    DROPPED = "DROPPED"


@strawberry.enum(description="How the citizen acknowledged a version.")
class AcknowledgementMethod(StrEnum):
    DIGITAL = "DIGITAL"
    SIGNATURE = "SIGNATURE"
    DIGITAL_POST = "DIGITAL_POST"
    REFUSAL_NOTED = "REFUSAL_NOTED"


@strawberry.enum(description="What waits in an organisation's inbox.")
class InboxKind(StrEnum):
    STEP_SENT = "STEP_SENT"
    CITIZEN_REPLY = "CITIZEN_REPLY"
    COMMENT_NEW = "COMMENT_NEW"
    RECOMMENDATION_SENT = "RECOMMENDATION_SENT"
    RECOMMENDATION_DECIDED = "RECOMMENDATION_DECIDED"
    MISSING_SOUGHT_JOB = "MISSING_SOUGHT_JOB"
    SOUGHT_JOBS_TO_APPROVE = "SOUGHT_JOBS_TO_APPROVE"
    FIRST_PLAN_OVERDUE = "FIRST_PLAN_OVERDUE"
    LETTER_TASK = "LETTER_TASK"
    IMPORT_TOO_LONG = "IMPORT_TOO_LONG"
