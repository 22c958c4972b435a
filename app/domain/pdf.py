"""What the PDF of a plan holds: all that is current, unfolded, no timeline (DOMAIN section 8)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypedDict

from app.domain.danish import long_date, period, prioritised_education_goal, weekday_time
from app.domain.document import JobSearchRequirement, OtherAgreement, PlanDocument
from app.domain.elements import (
    EducationGoalsElement,
    JobGoalsElement,
    LatestAgreementElement,
    PlanDescriptionElement,
    elements,
)
from app.domain.popup import (
    PopupField,
    intervention_status,
    is_current,
    meeting_fields,
    popup_fields,
)
from app.domain.step_element import EducationStepElement
from app.domain.timeline_row import REQUIREMENT_LABELS
from app.domain.words import ElementWords

_CURRENT: Final = ("PLANNED", "ONGOING")
_COMING: Final = ("PLANNED", "CHANGED")


class PdfField(TypedDict):
    """A line of an item; label None: the value stands alone."""

    label: str | None
    value: str


class PdfItem(TypedDict):
    """Something under a heading of its own; heading None: it stands right under the section's."""

    heading: str | None
    fields: list[PdfField]


class PdfSection(TypedDict):
    """A chapter; its heading is in the table of contents."""

    heading: str
    items: list[PdfItem]


@dataclass(frozen=True, slots=True)
class PdfWords:
    """Danish headings and labels, by key (texts, section `pdf`)."""

    elements: ElementWords
    labels: Mapping[str, str]


def pdf_sections(plan: PlanDocument, words: PdfWords) -> list[PdfSection]:
    """The chapters in order (R143, R144); those without content are left out.

    Saved and unsent step data are in nobody's PDF: the jobcenter gets the citizen's (R145).
    """
    said = words.labels
    unfolded = [
        PdfSection(heading=said["requirements"], items=list(_requirements(plan, said))),
        PdfSection(heading=said["interventions"], items=list(_interventions(plan))),
        PdfSection(heading=said["coming"], items=list(_coming(plan, said))),
    ]
    found = [*_elements(plan, words), *unfolded]
    return [section for section in found if section["items"]]


def _elements(plan: PlanDocument, words: PdfWords) -> Iterator[PdfSection]:
    for element in elements(plan, words.elements):
        items: list[PdfItem] = []
        if element["type_name"] == "JobGoalsElement":
            items = list(_job_goals(element, words.labels))
        elif element["type_name"] == "EducationGoalsElement":
            items = [_education_goals(element)]
        elif element["type_name"] == "PlanDescriptionElement":
            items = [_description(element)]
        elif element["type_name"] == "EducationStepElement":
            items = [_step(element, words.labels)]
        elif element["type_name"] == "LatestAgreementElement":
            items = [_agreement(element)]
        yield PdfSection(heading=element["heading"], items=items)


def _job_goals(element: JobGoalsElement, said: Mapping[str, str]) -> Iterator[PdfItem]:
    for goal in element["goals"]:
        fields = [
            PdfField(label=None, value=said[goal["term"]]),
            PdfField(label=None, value=goal["long_term_description"] or ""),
            *(PdfField(label=said["sub_goal"], value=sub["text"]) for sub in goal["sub_goals"]),
            PdfField(label=said["reason"], value=goal["outside_shortage_reason"] or ""),
        ]
        yield PdfItem(heading=goal["text"], fields=_filled(fields))
    if element["goals"] and element["attribution"]:
        yield PdfItem(heading=None, fields=[PdfField(label=None, value=element["attribution"])])


def _education_goals(element: EducationGoalsElement) -> PdfItem:
    lines = [
        prioritised_education_goal(goal["priority"], goal["education_name"])
        for goal in element["goals"]
    ]
    return _lines(*lines, element["attribution"])


def _description(element: PlanDescriptionElement) -> PdfItem:
    return _lines(element["text"])


def _agreement(element: LatestAgreementElement) -> PdfItem:
    return _lines(element["text"], element["attribution"])


def _step(element: EducationStepElement, said: Mapping[str, str]) -> PdfItem:
    admitted = element["admitted"]
    support, contact = element["support_need"], element["institution_contact"]
    fields = [
        PdfField(label=said["deadline"], value=element["deadline_display"]),
        PdfField(label=said["caseworker"], value=element["caseworker"]),
        *(PdfField(label=None, value=p["education_name"]) for p in element["proposals"]),
        *(
            PdfField(label=goal["label"], value=proposal["institution"])
            for goal in element["goals"]
            for proposal in goal["proposals"]
        ),
        PdfField(label=element["reason_label"], value=element["reason"] or ""),
        *(
            PdfField(
                label=application["goal"],
                value=_joined(application["institution"], application["answer_display"]),
            )
            for application in element["applications"]
        ),
        PdfField(
            label=said["admitted"],
            value=_joined(admitted["goal"], admitted["institution"]) if admitted else "",
        ),
        PdfField(label=said["support_need"], value=(support and support["text"]) or ""),
        PdfField(
            label=said["contact"],
            value=_joined(contact["name"], contact["phone"], contact["email"]) if contact else "",
        ),
    ]
    return PdfItem(heading=None, fields=_filled(fields))


def _requirements(plan: PlanDocument, said: Mapping[str, str]) -> Iterator[PdfItem]:
    for item in plan["requirements"]:
        if is_current(item, plan["today"]):
            yield PdfItem(
                heading=REQUIREMENT_LABELS[item["issuer"]], fields=_requirement(item, said)
            )


def _requirement(item: JobSearchRequirement, said: Mapping[str, str]) -> list[PdfField]:
    jobs = [*(occupation["label"] for occupation in item["occupations"]), *item["industries"]]
    areas = [area["label"] for area in item["geographic_areas"]]
    return _filled(
        [
            PdfField(label=said["occupations"], value=", ".join(jobs)),
            PdfField(label=said["areas"], value=", ".join(areas)),
            PdfField(label=None, value=item["agreement_text"] or ""),
            PdfField(label=said["expectations"], value=item["other_expectations"] or ""),
            PdfField(label=said["period"], value=period(item["valid_from"], item["valid_to"])),
        ]
    )


def _interventions(plan: PlanDocument) -> Iterator[PdfItem]:
    for item in sorted(plan["interventions"], key=lambda one: one["start_date"]):
        if intervention_status(item, plan["today"]) in _CURRENT:
            yield PdfItem(heading=item["title"], fields=_unfolded(popup_fields(item)))


def _coming(plan: PlanDocument, said: Mapping[str, str]) -> Iterator[PdfItem]:
    today = plan["today"]
    for item in plan["meetings"]:
        if item["status"] in _COMING and item["starts_on"] >= today:
            heading = said[f"meeting_{item['authority']}"]
            yield PdfItem(heading=heading, fields=_unfolded(meeting_fields(item)))
    for other in plan["other_agreements"]:
        if not other["cancelled"] and other["starts_on"] >= today:
            yield PdfItem(heading=other["title"], fields=_other(other, said))


def _other(item: OtherAgreement, said: Mapping[str, str]) -> list[PdfField]:
    return _filled(
        [
            PdfField(label=said["when"], value=weekday_time(item["starts_at"], item["ends_at"])),
            PdfField(label=said["where"], value=item["place"] or ""),
            PdfField(label=None, value=item["description"] or ""),
        ]
    )


def _unfolded(fields: list[PopupField]) -> list[PdfField]:
    return _filled([PdfField(label=field["label"], value=field["value"]) for field in fields])


def _lines(*lines: str | None) -> PdfItem:
    return PdfItem(
        heading=None, fields=[PdfField(label=None, value=line) for line in lines if line]
    )


def _filled(fields: list[PdfField]) -> list[PdfField]:
    return [field for field in fields if field["value"].strip()]


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def footer(version: int, published_on: str, said: Mapping[str, str]) -> str:
    """The line under each page: number and day of the version.

    >>> footer(3, "2026-03-02", {"footer": "Version {version}, offentliggjort {day}"})
    'Version 3, offentliggjort 2. marts 2026'
    """
    return said["footer"].format(version=version, day=long_date(published_on))
