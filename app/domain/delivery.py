"""Messages to citizens as operations see them: where one stands, what came of a wish about it."""

from enum import StrEnum


class DeliveryStatus(StrEnum):
    """Where a message stands; see docs/delivery.md."""

    PENDING = "PENDING"
    CLAIMED = "CLAIMED"
    RETRYING = "RETRYING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    UNCERTAIN = "UNCERTAIN"
    FAILED = "FAILED"
    DROPPED = "DROPPED"
    EXPIRED = "EXPIRED"


class Answer(StrEnum):
    """What came of an operator's wish."""

    RETRYING = "RETRYING"
    MERGED = "MERGED"
    """Another message that waits already tells of its notices."""
    DROPPED = "DROPPED"
    LEFT = "LEFT"
    """An uncertain message stays as it is: a possible silence."""
    UNKNOWN = "UNKNOWN"
    HELD = "HELD"
    """A worker is sending it."""
    IS_CODE = "IS_CODE"
    """A one-time code is not sent again: the citizen asks for another."""
    MAY_DUPLICATE = "MAY_DUPLICATE"
    """It may have been sent: whoever wants it again says so."""
    NOT_NOW = "NOT_NOW"
    """Not a wish that fits its status."""
