"""A citizen's facts as columns: what an import leaves of what is stored, in checked form."""

from datetime import date, timedelta
from typing import Any, Final

from app.domain.absent import ABSENT
from app.domain.citizen import CitizenDraft
from app.domain.contact import email_address, phone_number
from app.domain.cpr import InvalidCpr, birth_date, normalise
from app.errors import BadUserInput
from app.rules import text
from app.store.work import Work

Facts = dict[str, Any]
"""Values by column of the table `citizen`."""

NEW: Final[Facts] = {
    "middle_name": None,
    "right_and_duty": False,
    "first_benefit_date": None,
    "has_vocational_education": None,
    "has_dependent_children": None,
    "under_kui": False,
    "registration_open": False,
    "contact_course_start": None,
    "phone": None,
    "email": None,
}
"""What a new citizen has where the import says nothing."""

EARLIEST: Final = date(1900, 1, 1)
AHEAD: Final = timedelta(days=366)
"""How far ahead a contact course may be known to begin."""

_SAME_NAME: Final = (
    *("municipality_code", "right_and_duty", "first_benefit_date", "has_vocational_education"),
    *("has_dependent_children", "under_kui", "registration_open", "contact_course_start"),
    *("phone", "email"),
)


def number_of(draft: CitizenDraft, today: date) -> str:
    """The ten digits; raises `BadUserInput` for what is no number of a person born by today."""
    path = ("input", "civilRegistrationNumber")
    try:
        digits, born = (
            normalise(draft.civil_registration_number),
            birth_date(draft.civil_registration_number),
        )
    except InvalidCpr:
        raise BadUserInput("This is not a civil registration number.", path=path) from None
    if born > today:
        raise BadUserInput("The birth date in the number is in the future.", path=path)
    return digits


async def checked_facts(work: Work, draft: CitizenDraft) -> Facts:
    """The facts the draft mentions, in the form they are kept.

    Raises `BadUserInput` for what cannot be understood, `RulesBroken` for names too long.
    """
    facts: Facts = {
        name: value for name in _SAME_NAME if (value := getattr(draft, name)) is not ABSENT
    }
    if draft.name is not ABSENT:
        work.check(text.all_fit(draft.name, text.PERSON_NAME, ("input", "name")))
        facts["given_name"] = _filled(draft.name.given, "given")
        facts["surname"] = _filled(draft.name.surname, "surname")
        facts["middle_name"] = (draft.name.middle or "").strip() or None
    if facts.get("phone") is not None:
        facts["phone"] = _understood(phone_number(facts["phone"]), "phone", "telephone number")
    if facts.get("email") is not None:
        facts["email"] = _understood(email_address(facts["email"]), "email", "e-mail address")
    start = facts.get("contact_course_start")
    if start is not None and not EARLIEST <= start <= work.today + AHEAD:
        raise BadUserInput(
            "A contact course begins within a year from today.",
            path=("input", "contactCourseStart"),
        )
    code = facts.get("municipality_code")
    if code is not None and not await work.fetchval("has_municipality", code):
        raise BadUserInput("There is no such municipality.", path=("input", "municipalityCode"))
    return facts


def _filled(part: str, name: str) -> str:
    if not part.strip():
        raise BadUserInput("A name cannot be empty.", path=("input", "name", name))
    return part.strip()


def _understood(value: str | None, field: str, what: str) -> str:
    if value is None:
        raise BadUserInput(f"This is not a {what}.", path=("input", field))
    return value
