"""Numbers that an operator may set. What the law dates is in the code list of policies."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits: characters (R80).

    sends_events: whether the common data base listens to the event stream.
    """

    text_limit_what: int = 1500
    text_limit_why: int = 1500
    timeline_default_months: int = 6
    send_window_start_hour: int = 9
    send_window_end_hour: int = 22
    deadline_reminder_days: int = 2
    acknowledgement_reminder_days: int = 5
    sends_events: bool = False
