"""The rows of the timeline: which parts of a plan are rows, in which order, under which label.

Rows come in the order of the figures: requirements, interventions by start, then agreements and
meetings by time, other agreements last. What was cancelled is not a row: a called-off meeting
disappears, and a called-off intervention is found among the plan's interventions instead. A
meeting that was held, or whose day has passed, gives its place to the agreement registered from
it; an agreement without text shows nothing. Education steps, absence and transport are never
rows (R140).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal, TypedDict

from app.domain.document import (
    Agreement,
    Authority,
    Intervention,
    JobSearchRequirement,
    Meeting,
    OtherAgreement,
    PlanDocument,
)

AGREEMENT_LABELS: Final[dict[Authority, str]] = {
    "JOBCENTER": "Aftale med jobcenter",
    "UNEMPLOYMENT_FUND": "Aftale med a-kasse",
}
REQUIREMENT_LABELS: Final[dict[Authority, str]] = {
    "JOBCENTER": "Krav til jobsøgning (jobcenter)",
    "UNEMPLOYMENT_FUND": "Krav til jobsøgning (a-kasse)",
}


class Row(TypedDict):
    """What every row has: its source's id, label, and first and last day (None: open end)."""

    id: str
    label: str
    start: str
    end: str | None


class TimelineRequirement(Row):
    type_name: Literal["TimelineRequirement"]
    requirement: JobSearchRequirement


class TimelineIntervention(Row):
    type_name: Literal["TimelineIntervention"]
    intervention: Intervention


class TimelineAgreement(Row):
    type_name: Literal["TimelineAgreement"]
    agreement: Agreement


class TimelineMeeting(Row):
    type_name: Literal["TimelineMeeting"]
    meeting: Meeting


class TimelineOtherAgreement(Row):
    type_name: Literal["TimelineOtherAgreement"]
    other_agreement: OtherAgreement


TimelineItem = (
    TimelineRequirement
    | TimelineIntervention
    | TimelineAgreement
    | TimelineMeeting
    | TimelineOtherAgreement
)


def rows(plan: PlanDocument) -> Iterator[TimelineItem]:
    """Every row of a plan document in shown order, whatever the window (R136)."""
    for requirement in sorted(plan["requirements"], key=lambda item: item["valid_from"]):
        # one replaced on its own first day never held (R75)
        if requirement["valid_to"] is None or requirement["valid_to"] >= requirement["valid_from"]:
            yield _requirement_row(requirement)
    for intervention in sorted(plan["interventions"], key=lambda item: item["start_date"]):
        if intervention["cancelled_at"] is None:
            yield _intervention_row(intervention)
    yield from _conversation_rows(plan)
    for other in sorted(plan["other_agreements"], key=lambda item: _moment(item["starts_at"])):
        if not other["cancelled"]:
            yield _other_agreement_row(other)


def _conversation_rows(plan: PlanDocument) -> list[TimelineAgreement | TimelineMeeting]:
    past: list[tuple[datetime, TimelineAgreement | TimelineMeeting]] = [
        (_moment(item["held_at"]), _agreement_row(item))
        for item in plan["agreements"]
        if item["agreement_text"].strip()
    ]
    future: list[tuple[datetime, TimelineAgreement | TimelineMeeting]] = [
        (_moment(item["starts_at"]), _meeting_row(item))
        for item in plan["meetings"]
        if item["status"] in ("PLANNED", "CHANGED") and item["starts_on"] >= plan["today"]
    ]
    return [row for _, row in sorted(past + future, key=lambda pair: pair[0])]


def _moment(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def _requirement_row(item: JobSearchRequirement) -> TimelineRequirement:
    return TimelineRequirement(
        type_name="TimelineRequirement",
        id=item["id"],
        label=REQUIREMENT_LABELS[item["issuer"]],
        start=item["valid_from"],
        end=item["valid_to"],
        requirement=item,
    )


def _intervention_row(item: Intervention) -> TimelineIntervention:
    return TimelineIntervention(
        type_name="TimelineIntervention",
        id=item["id"],
        label=item["title"],
        start=item["start_date"],
        end=item["end_date"],
        intervention=item,
    )


def _agreement_row(item: Agreement) -> TimelineAgreement:
    return TimelineAgreement(
        type_name="TimelineAgreement",
        id=item["id"],
        label=AGREEMENT_LABELS[item["authority"]],
        start=item["held_on"],
        end=item["held_on"],
        agreement=item,
    )


def _meeting_row(item: Meeting) -> TimelineMeeting:
    return TimelineMeeting(
        type_name="TimelineMeeting",
        id=item["id"],
        label=AGREEMENT_LABELS[item["authority"]],
        start=item["starts_on"],
        end=item["starts_on"],
        meeting=item,
    )


def _other_agreement_row(item: OtherAgreement) -> TimelineOtherAgreement:
    return TimelineOtherAgreement(
        type_name="TimelineOtherAgreement",
        id=item["id"],
        label=item["title"],
        start=item["starts_on"],
        end=item["starts_on"],
        other_agreement=item,
    )
