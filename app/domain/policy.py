"""Numbers that the law or the authorities may change: settings, not code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """offer_notice_days: calendar days (R90). Limits: characters (R80)."""

    offer_notice_days: int = 8
    text_limit_what: int = 1500
    text_limit_why: int = 1500
    unemployment_fund_six_week: bool = True
    timeline_default_months: int = 6
    send_window_start_hour: int = 9
    send_window_end_hour: int = 22
