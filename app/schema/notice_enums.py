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
    description="Where a message stands. PENDING: waits to be sent. CLAIMED: is being sent now."
    " RETRYING: could not be sent, and is tried again. SENT: on its way; the provider has taken it."
    " DELIVERED: the provider says that it arrived. UNCERTAIN: may have been sent; nobody knows."
    " FAILED: could not be sent, or did not arrive. DROPPED: not sent, because it was overtaken or"
    " no longer wanted. EXPIRED: did not get through in time, and is not tried again."
)
class DeliveryStatus(StrEnum):
    PENDING = "PENDING"
    CLAIMED = "CLAIMED"
    RETRYING = "RETRYING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    UNCERTAIN = "UNCERTAIN"
    FAILED = "FAILED"
    DROPPED = "DROPPED"
    EXPIRED = "EXPIRED"


@strawberry.enum(
    description="Whether the citizen was reached, for a caseworker. WAITING: not sent yet. SENT: on"
    " its way. DELIVERED: it arrived. UNCERTAIN: it may have been sent. NOT_DELIVERED: it could not"
    " be sent, or did not arrive. NOT_SENT: it was overtaken, or no longer wanted."
)
class TellingState(StrEnum):
    WAITING = "WAITING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    UNCERTAIN = "UNCERTAIN"
    NOT_DELIVERED = "NOT_DELIVERED"
    NOT_SENT = "NOT_SENT"


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
