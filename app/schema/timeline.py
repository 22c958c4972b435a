"""The timeline “Indsatser og aftaler” (DOMAIN section 7)."""

from datetime import date
from typing import Annotated

import strawberry

from app.domain import document as doc, timeline as rows
from app.errors import BadUserInput
from app.schema.agreement import Agreement
from app.schema.enums import TimelineView
from app.schema.fields import Discriminated, derived
from app.schema.intervention import Intervention
from app.schema.meeting import Meeting
from app.schema.other_agreement import OtherAgreement
from app.schema.plan_links import CALENDAR
from app.schema.requirement import JobSearchRequirement
from app.schema.scalars import Date, Url


@strawberry.type
class TimelineRequirement(Discriminated):
    id: strawberry.ID
    label: str
    start: Date
    end: Date | None
    requirement: JobSearchRequirement


@strawberry.type
class TimelineIntervention(Discriminated):
    id: strawberry.ID
    label: str
    start: Date
    end: Date | None
    intervention: Intervention


@strawberry.type
class TimelineAgreement(Discriminated):
    id: strawberry.ID
    label: str
    start: Date
    end: Date | None
    agreement: Agreement


@strawberry.type
class TimelineMeeting(Discriminated):
    id: strawberry.ID
    label: str
    start: Date
    end: Date | None
    meeting: Meeting


@strawberry.type
class TimelineOtherAgreement(Discriminated):
    id: strawberry.ID
    label: str
    start: Date
    end: Date | None
    other_agreement: OtherAgreement


TimelineItem = Annotated[
    TimelineRequirement
    | TimelineIntervention
    | TimelineAgreement
    | TimelineMeeting
    | TimelineOtherAgreement,
    strawberry.union("TimelineItem", description="A row of the timeline."),
]


@strawberry.type
class Tick:
    label: str = strawberry.field(description="“dec. 2019”, “jan. 2020”, “feb.”.")
    date: Date


@strawberry.type(description="First and last day of what is shown.")
class TimelineWindow:
    start: Date
    end: Date
    months: int
    title: str


@strawberry.type(description="Rows of the list view under one month.")
class MonthGroup:
    month: str = strawberry.field(description="`YYYY-MM`.")
    label: str
    items: list[TimelineItem]


def _calendar(root: object) -> Url:
    return Url(CALENDAR)


@strawberry.type(description="“Indsatser og aftaler” in a window of 3, 6 or 12 months.")
class Timeline:
    view: TimelineView
    window: TimelineWindow
    ticks: list[Tick]
    items: list[TimelineItem]
    groups: list[MonthGroup] = strawberry.field(description="Filled for the view LIST.")
    previous_anchor: Date | None = strawberry.field(description="Null at the lower bound.")
    next_anchor: Date
    today_anchor: Date
    lower_bound: Date | None = strawberry.field(description="First day of a public benefit.")
    hint: str
    today_link: str
    calendar_link_label: str
    calendar_link: Url = derived(_calendar, reads=())
    views: list[str]


def timeline(
    root: doc.PlanDocument,
    anchor: Date | None = None,
    months: int = 6,
    view: TimelineView = TimelineView.TIMELINE,
) -> rows.Timeline:
    """The window's rows; a window of other lengths is the client's mistake (R137)."""
    start: date | None = anchor
    try:
        return rows.timeline(root, start, months, view.value)
    except rows.InvalidWindow:
        raise BadUserInput(
            "INVALID_WINDOW: `months` must be 3, 6 or 12.", path=("months",)
        ) from None


TIMELINE_READS = ("requirements", "interventions", "agreements", "meetings", "other_agreements")
