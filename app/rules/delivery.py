"""What is done about a message of which nobody knows whether it arrived (R128)."""

from datetime import timedelta
from typing import Final

from app.domain.notice import NoticeEvent
from app.rules.breach import rule

UNCERTAIN_WAIT: Final = timedelta(minutes=15)
"""How long a receipt may still settle an uncertain message, before the policy decides."""
CODE_WAIT: Final = timedelta(minutes=2)
"""The same for a one-time code, which the citizen waits for: the next try has another code."""

DUPLICATE_RATHER_THAN_SILENCE: Final = frozenset(
    {
        NoticeEvent.MEETING_REMINDER,
        NoticeEvent.STEP_DEADLINE_REMINDER,
        NoticeEvent.ACK_REMINDER,
    }
)
"""Reminders of what costs the citizen something when it is missed."""


@rule("R128")
def may_be_sent_again(event: NoticeEvent) -> bool:
    """Whether an uncertain message that tells of the event is sent once more.

    A deadline that is missed is worse than a reminder that comes twice. All else stands on the
    front page, and a second message about it would only unsettle.

    >>> may_be_sent_again(NoticeEvent.MEETING_REMINDER), may_be_sent_again(NoticeEvent.OFFER_GIVEN)
    (True, False)
    """
    return event in DUPLICATE_RATHER_THAN_SILENCE
