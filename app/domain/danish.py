"""Dates, times and short lines in the Danish forms that citizens read.

Dates come in as ISO strings `YYYY-MM-DD`, times as ISO 8601 with an offset, as in a plan
document; a time without an offset is a `ValueError`. The axis of the timeline abbreviates months
harder than all other places do (DOMAIN 7).
"""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

_COPENHAGEN: Final = ZoneInfo("Europe/Copenhagen")
_WEEKDAYS: Final = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
_MONTHS: Final = (
    "januar",
    "februar",
    "marts",
    "april",
    "maj",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "december",
)
_SHORT: Final = (
    "jan.",
    "feb.",
    "marts",
    "april",
    "maj",
    "juni",
    "juli",
    "aug.",
    "sep.",
    "okt.",
    "nov.",
    "dec.",
)
_AXIS: Final = (
    "jan.",
    "feb.",
    "mar.",
    "apr.",
    "maj",
    "jun.",
    "jul.",
    "aug.",
    "sep.",
    "okt.",
    "nov.",
    "dec.",
)


def day_month_year(day: str) -> str:
    """A date as in pop-ups and attribution lines.

    >>> day_month_year("2019-11-21")
    '21. nov. 2019'
    >>> day_month_year("2020-03-31")
    '31. marts 2020'
    """
    return _day_month_year(date.fromisoformat(day))


def _day_month_year(day: date) -> str:
    return f"{day.day}. {_SHORT[day.month - 1]} {day.year}"


def long_date(day: str) -> str:
    """A date with the full name of its month, as in the title of a timeline window.

    >>> long_date("2019-11-21")
    '21. november 2019'
    """
    parsed = date.fromisoformat(day)
    return f"{parsed.day}. {_MONTHS[parsed.month - 1]} {parsed.year}"


def month_heading(month: str) -> str:
    """A month `YYYY-MM` as the heading of a group.

    >>> month_heading("2019-11")
    'November 2019'
    """
    first = date.fromisoformat(f"{month}-01")
    return f"{_MONTHS[first.month - 1].capitalize()} {first.year}"


def weekday_date(day: str) -> str:
    """A date with its weekday, as a deadline is shown.

    >>> weekday_date("2019-12-06")
    'Fredag den 6. dec. 2019'
    """
    return _weekday_date(date.fromisoformat(day)).capitalize()


def _weekday_date(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} den {_day_month_year(day)}"


def weekday_time(starts_at: str, ends_at: str | None = None) -> str:
    """A moment, or a span of time, on the clock of Copenhagen.

    >>> weekday_time("2019-11-07T13:15:00+00:00")
    'Torsdag den 7. nov. 2019, kl. 14:15'
    >>> weekday_time("2019-12-10T13:30:00+01:00", "2019-12-10T14:00:00+01:00")
    'Tirsdag den 10. dec. 2019, kl. 13:30 - 14:00'
    """
    start = _local(starts_at)
    shown = f"{_weekday_date(start)}, kl. {start:%H:%M}".capitalize()
    if ends_at is None:
        return shown
    end = _local(ends_at)
    same_day = start.date() == end.date()
    return (
        f"{shown} - {end:%H:%M}" if same_day else f"{shown} - {_weekday_date(end)}, kl. {end:%H:%M}"
    )


def _local(moment: str) -> datetime:
    parsed = datetime.fromisoformat(moment)
    if parsed.tzinfo is None:
        raise ValueError("a time needs an offset")
    return parsed.astimezone(_COPENHAGEN)


def period(start: str, end: str | None) -> str:
    """The days from start to end, both included; an open end leaves the start alone.

    >>> period("2020-01-01", "2020-03-31")
    '1. jan. 2020 - 31. marts 2020'
    >>> period("2024-09-16", None)
    '16. sep. 2024'
    """
    shown = day_month_year(start)
    return shown if end is None else f"{shown} - {day_month_year(end)}"


def tick_label(day: str, first: bool) -> str:
    """A month on the axis of the timeline; its year only on the first and in January (R142).

    >>> tick_label("2019-12-01", first=True), tick_label("2020-01-01", first=False)
    ('dec. 2019', 'jan. 2020')
    >>> tick_label("2020-03-01", first=False)
    'mar.'
    """
    parsed = date.fromisoformat(day)
    shown = _AXIS[parsed.month - 1]
    return f"{shown} {parsed.year}" if first or parsed.month == 1 else shown


def agreed_with(name: str) -> str:
    """The line under goals (R50).

    >>> agreed_with("Sanne Lyngdal")
    'Aftalt med Sanne Lyngdal'
    """
    return f"Aftalt med {name}"


def agreed_with_on(name: str, day: str) -> str:
    """The line under an agreement (R69).

    >>> agreed_with_on("Sanne Lyngdal", "2019-11-21")
    'Aftalt med Sanne Lyngdal, den 21. nov. 2019'
    """
    return f"{agreed_with(name)}, den {day_month_year(day)}"


def agreed_with_organisation(name: str, organisation: str | None) -> str:
    """The line in the pop-up of an intervention; without the organisation where it is not shown.

    >>> agreed_with_organisation("Liv Ravnsted", "Jobcenter Rudersdal")
    'Aftalt med Liv Ravnsted, Jobcenter Rudersdal'
    >>> agreed_with_organisation("Henrik Tangkær", None)
    'Aftalt med Henrik Tangkær'
    """
    return agreed_with(name) if organisation is None else f"{agreed_with(name)}, {organisation}"


def hours_per_week(hours: int, minutes: int) -> str:
    """Hours and minutes a week; the fixed plural is the guide's form (R79).

    >>> hours_per_week(30, 0), hours_per_week(7, 30)
    ('30 timer per uge', '7 timer og 30 minutter per uge')
    >>> hours_per_week(0, 45)
    '45 minutter per uge'
    """
    if minutes == 0:
        return f"{hours} timer per uge"
    if hours == 0:
        return f"{minutes} minutter per uge"
    return f"{hours} timer og {minutes} minutter per uge"


def prioritised_education_goal(priority: int, name: str) -> str:
    """An education goal as the step view names it (R47).

    >>> prioritised_education_goal(1, "Tømrer")
    '1. prioriterede uddannelsesmål: Tømrer'
    """
    return f"{priority}. prioriterede uddannelsesmål: {name}"
