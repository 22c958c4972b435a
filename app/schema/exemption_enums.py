"""Which exemptions come from a register. Members are their own codes, as in `enums.py`."""

from enum import StrEnum

import strawberry


@strawberry.enum(description="What a register says the citizen is exempt from.")
class RegisterExemptionKind(StrEnum):
    DIGITAL_POST = "DIGITAL_POST"
    SELF_SERVICE = "SELF_SERVICE"
