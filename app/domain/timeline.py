"""The timeline "Indsatser og aftaler": a window of 3, 6 or 12 months over a plan (DOMAIN 7).

Which rows there are is decided in `timeline_row`; here the window is laid over them. The few
fixed Danish words stand in the tables of the two files.
"""

from calendar import monthrange
from datetime import date
from typing import Final, Literal, TypedDict

from app.domain.danish import long_date, month_heading, tick_label
from app.domain.document import PlanDocument
from app.domain.timeline_row import TimelineItem, rows

WindowMonths = Literal[3, 6, 12]
TimelineView = Literal["TIMELINE", "LIST"]

WINDOW_MONTHS: Final[tuple[WindowMonths, ...]] = (3, 6, 12)
VIEWS: Final = ("Tidslinje", "Liste")
LABELS: Final = {
    "hint": "Klik på indholdet af din plan",
    "today": "Gå til i dag",
    "calendar": "Gå til kalender",
}


class InvalidWindow(ValueError):
    """A window of other than 3, 6 or 12 months was asked for (R137, INVALID_WINDOW)."""


class Tick(TypedDict):
    label: str
    date: str


class Window(TypedDict):
    """First and last day, both included."""

    start: str
    end: str
    months: WindowMonths
    title: str


class MonthGroup(TypedDict):
    """Rows of the list under one month `YYYY-MM`."""

    month: str
    label: str
    items: list[TimelineItem]


class Timeline(TypedDict):
    """`groups` is filled for the view LIST only; `previous_anchor` is None at the lower bound."""

    view: TimelineView
    window: Window
    ticks: list[Tick]
    items: list[TimelineItem]
    groups: list[MonthGroup]
    previous_anchor: str | None
    next_anchor: str
    today_anchor: str
    lower_bound: str | None
    hint: str
    today_link: str
    calendar_link_label: str
    views: list[str]


def timeline(
    plan: PlanDocument,
    anchor: date | None = None,
    months: int = 6,
    view: TimelineView = "TIMELINE",
) -> Timeline:
    """The timeline of a plan from `anchor` (None: the plan's `today`) and `months` onwards.

    An anchor before the first day of public benefit is moved to that day (R139).
    Raises InvalidWindow when months is not 3, 6 or 12.
    """
    length = window_months(months)
    first = _not_before(plan["lower_bound"], anchor or date.fromisoformat(plan["today"]))
    last = shift_months(first, length)
    start, end = first.isoformat(), last.isoformat()
    shown = [row for row in rows(plan) if overlaps(row["start"], row["end"], start, end)]
    return Timeline(
        view=view,
        window=Window(
            start=start, end=end, months=length, title=f"{long_date(start)} - {long_date(end)}"
        ),
        ticks=ticks(first, last),
        items=shown,
        groups=_by_month(shown, start, plan["today"]) if view == "LIST" else [],
        previous_anchor=_previous(plan["lower_bound"], first, length),
        next_anchor=end,
        today_anchor=_not_before(
            plan["lower_bound"], date.fromisoformat(plan["today"])
        ).isoformat(),
        lower_bound=plan["lower_bound"],
        hint=LABELS["hint"],
        today_link=LABELS["today"],
        calendar_link_label=LABELS["calendar"],
        views=list(VIEWS),
    )


def window_months(months: int) -> WindowMonths:
    """The number as one of the three allowed ones; raises InvalidWindow for all others (R137)."""
    for allowed in WINDOW_MONTHS:
        if months == allowed:
            return allowed
    raise InvalidWindow("a window is 3, 6 or 12 months")


def shift_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or the last day of a shorter month (R137).

    Beyond the calendar of years 1 to 9999 it stays at the calendar's first or last day.

    >>> shift_months(date(2019, 8, 31), 6)
    datetime.date(2020, 2, 29)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year < date.min.year:
        return date.min
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def ticks(first: date, last: date) -> list[Tick]:
    """Every first of a month from `first` to `last`, both included (R142)."""
    opening = first.year * 12 + first.month - (first.day == 1)
    months = range(opening, last.year * 12 + last.month)
    days = [date(index // 12, index % 12 + 1, 1).isoformat() for index in months]
    return [Tick(label=tick_label(day, first=day == days[0]), date=day) for day in days]


def overlaps(start: str, end: str | None, window_start: str, window_end: str) -> bool:
    """Whether two periods share a day; an open end never ends (R141). All days are included."""
    return start <= window_end and (end is None or end >= window_start)


def _not_before(bound: str | None, day: date) -> date:
    return day if bound is None else max(day, date.fromisoformat(bound))


def _previous(bound: str | None, first: date, months: int) -> str | None:
    earlier = _not_before(bound, shift_months(first, -months))
    return earlier.isoformat() if earlier < first else None


def _by_month(shown: list[TimelineItem], window_start: str, today: str) -> list[MonthGroup]:
    """Rows under the month they begin in: from this month on the next first, then backwards.

    What began before the window stands under the window's first month, where it is still going on.
    """
    months: dict[str, list[TimelineItem]] = {}
    for row in shown:
        months.setdefault(max(row["start"], window_start)[:7], []).append(row)
    this_month = today[:7]
    coming = sorted(month for month in months if month >= this_month)
    past = sorted((month for month in months if month < this_month), reverse=True)
    return [
        MonthGroup(
            month=month,
            label=month_heading(month),
            items=sorted(months[month], key=lambda row: row["start"], reverse=month < this_month),
        )
        for month in coming + past
    ]
