"""What opens behind a row of the timeline: the pop-up of an intervention, agreement or meeting.

The fields and their order are those of the figures (R65, R66, R77). A field has a value of one or
more lines; a line may carry a label of its own, such as "Arbejdssted". What is empty is left out.
"""

from typing import Final, TypedDict

from app.domain.danish import agreed_with_organisation, hours_per_week, period, weekday_time
from app.domain.document import Agreement, Intervention, JobSearchRequirement, Meeting

MAP_LINK_LABEL: Final = "Se adresse på kort"
MEETING_MODES: Final = {
    "IN_PERSON": "Personligt fremmøde",
    "PHONE": "Telefonisk",
    "DIGITAL": "Digitalt (video)",
    "LETTER": "Ved brev",
    "OTHER": "På anden vis",
}
AID_FORMS: Final = {"LOAN": "Udlån til", "GRANT": "Bevilget"}


class PopupLine(TypedDict):
    label: str | None
    value: str


class PopupField(TypedDict):
    """`value` is all lines as one text, each on a line of its own and behind its label."""

    label: str
    value: str
    lines: list[PopupLine]


def popup_fields(item: Intervention) -> list[PopupField]:
    """The fields of an intervention: an aid says who instead of where, before when (R77)."""
    is_aid = item["kind"] == "AID"
    status = item["latest_status"]
    when = ("Hvornår", [_line(None, when_display(item))])
    place = ("Hvem", _who(item)) if is_aid else ("Hvor", _where(item))
    middle = [place, when] if is_aid else [when, place]
    return _fields(
        [
            ("Hvad er aftalt", _what(item)),
            *middle,
            ("Hvorfor", [_line(None, item["why"])]),
            ("Seneste status", [_line(None, status["text"] if status else None)]),
        ]
    )


def agreement_fields(item: Agreement) -> list[PopupField]:
    """The fields of a past agreement (R65)."""
    return _fields(
        [
            ("Hvornår", [_line(None, weekday_time(item["held_at"]))]),
            ("Hvordan", [_line(None, MEETING_MODES[item["mode"]])]),
            ("Med hvem", [_line(None, f"{item['caseworker']}, {item['organisation']}")]),
            ("Hvad blev aftalt", [_line(None, item["agreement_text"])]),
        ]
    )


def meeting_fields(item: Meeting) -> list[PopupField]:
    """The fields of a future meeting (R66); the link to a map is beside them."""
    role = item["caseworker_role"]
    name = f"{item['caseworker']} ({role})" if role else item["caseworker"]
    return _fields(
        [
            ("Hvornår", [_line(None, weekday_time(item["starts_at"], item["ends_at"]))]),
            ("Hvordan", [_line(None, MEETING_MODES[item["mode"]])]),
            ("Hvor", [_line(None, _joined(item["place"], item["address"]))]),
            ("Med hvem", [_line(None, name)]),
            ("Beskrivelse", [_line(None, item["description"])]),
        ]
    )


def when_display(item: Intervention) -> str:
    """The period of an intervention; with an open end only its start."""
    return period(item["start_date"], item["end_date"])


def attribution(item: Intervention) -> str:
    """Who the intervention was agreed with."""
    return agreed_with_organisation(item["agreed_with"], item["agreed_organisation"])


def hours_display(item: Intervention) -> str | None:
    """Hours a week, or None where none are agreed (R79)."""
    hours, minutes = item["hours_per_week"] or 0, item["minutes_per_week"] or 0
    return hours_per_week(hours, minutes) if hours or minutes else None


def form_display(item: Intervention) -> str | None:
    """What an aid is lent or granted for; None for other kinds."""
    form, category = item["aid_form"], item["aid_category"]
    return f"{AID_FORMS[form]}: {category}" if form and category else None


def intervention_status(item: Intervention, today: str) -> str:
    """PLANNED, ONGOING, ENDED or CANCELLED on a day; first and last day are ONGOING (5.12)."""
    if item["cancelled_at"] is not None:
        return "CANCELLED"
    if item["start_date"] > today:
        return "PLANNED"
    ended = item["end_date"] is not None and item["end_date"] < today
    return "ENDED" if ended else "ONGOING"


def is_current(requirement: JobSearchRequirement, today: str) -> bool:
    """Whether a requirement holds on a day; both its days are included, an open end holds on."""
    valid_to = requirement["valid_to"]
    return requirement["valid_from"] <= today and (valid_to is None or valid_to >= today)


def _what(item: Intervention) -> list[PopupLine | None]:
    subject = item["occupation"] or item["course"] or item["code_label"]
    return [
        _line(None, item["headline"] if item["headline"] != subject else None),
        _line(None, subject),
        _line(AID_FORMS[item["aid_form"]] if item["aid_form"] else None, item["aid_category"]),
        _line("Mentor", item["mentor_name"]),
        _line("Personlig jobformidler", item["facilitator_name"]),
        _line(None, hours_display(item)),
        _line(None, item["description"]),
        _line("Mentorens opgaver", item["mentor_tasks"]),
        _line("Opgaver", item["task_description"]),
        _line(None, attribution(item)),
    ]


def _where(item: Intervention) -> list[PopupLine | None]:
    company = item["type_name"] == "CompanyIntervention"
    workplace = item["workplace"] or (item["place"] if company else None)
    contact = _joined(item["contact_name"], item["contact_phone"], item["contact_email"])
    return [
        _line("Arbejdssted", workplace),
        _line("Virksomhedens adresse", _company_address(item)),
        _line("Afholdelsessted", None if company else item["place"]),
        _line("Udbyder", item["provider"]),
        _line("Kontaktperson", contact),
    ]


def _company_address(item: Intervention) -> str | None:
    return None if item["kind"] == "FLEX_JOB" else item["company_address"]


def _who(item: Intervention) -> list[PopupLine | None]:
    return [
        _line("Kontaktperson", item["contact_name"]),
        _line("Tlf", item["contact_phone"]),
        _line("Udbyder", item["provider"]),
    ]


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def _line(label: str | None, value: str | None) -> PopupLine | None:
    return PopupLine(label=label, value=value) if value and value.strip() else None


def _fields(parts: list[tuple[str, list[PopupLine | None]]]) -> list[PopupField]:
    filled = [(label, [line for line in lines if line]) for label, lines in parts]
    return [
        PopupField(label=label, value="\n".join(map(_as_text, lines)), lines=lines)
        for label, lines in filled
        if lines
    ]


def _as_text(line: PopupLine) -> str:
    return f"{line['label']}: {line['value']}" if line["label"] else line["value"]
