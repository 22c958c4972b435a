"""Enums of the education order. Members are their own codes, as in `enums.py`."""

from enum import StrEnum

import strawberry


@strawberry.enum(description="SAVED is only seen by the citizen; staff see OPEN until it is sent.")
class StepStatus(StrEnum):
    OPEN = "OPEN"
    SAVED = "SAVED"
    SENT = "SENT"
    REOPENED = "REOPENED"
    CLOSED = "CLOSED"


@strawberry.enum(description="What the viewer may do with the current step.")
class StepAction(StrEnum):
    SAVE = "SAVE"
    SEND = "SEND"


@strawberry.enum(description="What the place of education answered.")
class ApplicationAnswer(StrEnum):
    AWAITING = "AWAITING"
    ADMITTED = "ADMITTED"
    REJECTED = "REJECTED"
    WAITING_LIST = "WAITING_LIST"


@strawberry.enum
class TestKind(StrEnum):
    READING = "READING"
    WRITING = "WRITING"
    MATHS = "MATHS"
    DYSLEXIA = "DYSLEXIA"


@strawberry.enum(description="Who asked for a test.")
class TestRequestedBy(StrEnum):
    CITIZEN = "CITIZEN"
    MUNICIPALITY = "MUNICIPALITY"
