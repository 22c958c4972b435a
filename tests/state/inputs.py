"""Input for any mutation, made from its type in the schema: plausible more often than not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
)

from app.domain.viewer import Role
from tests.state.truth import Known
from tests.world import FUND, JOBCENTER, OTHER_FUND, OTHER_JOBCENTER

SECRET: Final = "Skærmlup"
"""A word in everything written of what a fund may never learn of."""

OCCUPATIONS: Final = ("7212.1", "4110.1")
TEXTS: Final = ("Du ringer til to firmaer.", "Vi ses igen i april.", "Husk dit cv.")
HIDDEN_INPUTS: Final = ("aid", "assistance", "socialHealth")
STRANGER: Final = str(UUID(int=7))
PDF: Final = "JVBERi0xLjQKJSVFT0YK"


_OFTEN: Final = (
    *("agreementText", "startDate", "description", "why", "place", "workplace", "contactName"),
    *("otherExpectations", "occupationCodes", "geographicAreas", "label", "deadline", "step"),
    *("industries", "citizenId", "text", "contactAttempts", "all", "form", "category", "reason"),
    *("institution", "taskDescription", "code", "codeLabel", "provider", "mentorTasks"),
    *("smsNumber", "emailAddress", "to", "contact", "phone", "takenOn", "organisationCode"),
)
"""Nullable or defaulted fields that an operation can seldom do without."""

_SELDOM: Final = ("expectedVersion", "cvr", "pNumber", "planType", "latestStatus", "id")


@dataclass(frozen=True, slots=True)
class Facts:
    """What input may name: the citizen, what is stored of it, the groups, and the day."""

    citizen: str
    known: Known
    groups: tuple[str, ...]
    today: date


def input_for(rng: Random, kind: GraphQLInputObjectType, facts: Facts) -> dict[str, Any]:
    """A value of an input type; one field of a oneOf."""
    if kind.is_one_of:
        name = rng.choice(sorted(kind.fields))
        given = _value(rng, name, kind.fields[name].type, facts)
        return {name: _marked(given) if name in HIDDEN_INPUTS else given}
    return {
        name: _value(rng, name, field.type, facts)
        for name, field in kind.fields.items()
        if _is_given(rng, name, field)
    }


def plausible(
    mutation: str, given: dict[str, Any], role: Role, facts: Facts, rng: Random
) -> dict[str, Any]:
    """The input, seven times of eight with what this operation can seldom do without."""
    if rng.random() < 0.125:
        return given
    if mutation == "registerConversation":
        fund = role is Role.FUND
        given["authority"] = "UNEMPLOYMENT_FUND" if fund else "JOBCENTER"
        given["statuses"] = given.get("statuses", [])[:1] if rng.random() < 0.2 else []
        given.pop("meetingId", None)
    elif mutation in ("setResponsibility", "upsertCitizen"):
        for name in ("periods", "digitalExemptions", "citizenId", "contactCourseStart"):
            if mutation == "upsertCitizen" or name == "periods":
                given.pop(name, None)
    elif mutation in ("recordAcknowledgement", "recommendIntervention"):
        wanted = {"method": "SIGNATURE", "citizenAgrees": True, "proposedKind": "MENTOR"}
        given.update({name: value for name, value in wanted.items() if name in given})
    elif mutation in ("saveEducationStep", "sendEducationStep"):
        step: int = given["step"]
        return {"citizenId": facts.citizen, "step": step, **_step_data(step)}
    offers: Any = given.get("intervention", {}).items()
    for name, offer in offers:
        _complete(offer, name, facts)
    return given


def _step_data(step: int) -> dict[str, Any]:
    """What a citizen writes in each step."""
    data: dict[int, dict[str, Any]] = {
        1: {"educationProposals": [{"educationName": "Smed", "reason": "Jeg kan lide metal."}]},
        2: {
            "institutionProposals": [{"goal": "Smed", "institution": "Skolen Stjerneurt"}],
            "institutionReason": "Den ligger tæt på bussen.",
        },
        3: {
            "applications": [
                {"goal": "Smed", "institution": "Skolen", "sent": True, "answer": "ADMITTED"}
            ]
        },
    }
    return data.get(step, {})


def _complete(offer: dict[str, Any], name: str, facts: Facts) -> None:
    """An intervention that lacks nothing: an offer is told in a conversation of today."""
    offer |= {"startDate": str(facts.today), "endDate": str(facts.today + timedelta(days=60))}
    if name not in HIDDEN_INPUTS:
        offer |= {"description": TEXTS[0], "why": TEXTS[2]}
    if name in ("company", "education"):
        offer |= {"noticeBasis": "CONVERSATION", "noticeOn": str(facts.today)}
        offer |= {"contactAttempts": [], "outsideShortageReason": "Det ligger tæt på."}
    if offer.get("kind") == "EDUCATION":
        offer["scheme"] = offer.get("scheme") or "ORDINARY_EDUCATION"
    else:
        offer.pop("scheme", None)
    for unlikely in ("goalIds", "cvr", "pNumber", "headline", "latestStatus", "occupation"):
        offer.pop(unlikely, None)


def _is_given(rng: Random, name: str, field: GraphQLInputField) -> bool:
    if is_non_null_type(field.type) and not field.ast_node and _has_no_default(field):
        return True
    chance = 0.95 if name in _OFTEN else 0.05 if name in _SELDOM else 0.3
    return rng.random() < chance


def _has_no_default(field: GraphQLInputField) -> bool:
    return "default_value" not in dir(field) or repr(field.default_value) == "Undefined"


def _marked(given: dict[str, Any]) -> dict[str, Any]:
    texts = {"description": f"{SECRET} til lån.", "why": f"{SECRET} er en hjælp."}
    return {**given, **texts}


def _value(rng: Random, name: str, kind: Any, facts: Facts) -> Any:
    if is_non_null_type(kind):
        return _value(rng, name, kind.of_type, facts)
    if is_list_type(kind):
        size = rng.randint(1 if name in _OFTEN else 0, 2)
        items = [_value(rng, name, kind.of_type, facts) for _ in range(size)]
        return _prioritised(items)
    if is_input_object_type(kind):
        return input_for(rng, kind, facts)
    if isinstance(kind, GraphQLEnumType):
        return rng.choice(sorted(kind.values))
    maker = _BY_NAME.get(name) or _BY_TYPE[kind.name]
    return maker(rng, name, facts)


def _prioritised(items: list[Any]) -> list[Any]:
    """Goals in the order they are given: most draws of priorities would be no order at all."""
    for place, item in enumerate(items):
        if isinstance(item, dict) and "priority" in item:
            item["priority"] = place + 1
    return items


def _text(rng: Random, name: str, facts: Facts) -> str:
    return rng.choice([*TEXTS * 8, " ", "x" * 5000])


def _day(rng: Random, name: str, facts: Facts) -> str:
    first, last = {
        "startDate": (0, 30),
        "endDate": (20, 90),
        "deadline": (0, 20),
        "validTo": (10, 60),
        "to": (10, 90),
    }.get(name, (-3, 3))
    return str(facts.today + timedelta(days=rng.randint(first, last)))


def _moment(rng: Random, name: str, facts: Facts) -> str:
    first, last = (-2, 0) if name in ("heldAt", "consentAt", "receivedAt") else (-1, 9)
    days = rng.randint(first, last)
    hour = {"endsAt": 23, "startsAt": 9}.get(name, 8)
    return f"{facts.today + timedelta(days=days if hour != 23 else 9)}T{hour:02}:00:00+01:00"


def _one_of(*values: Any) -> Callable[[Random, str, Facts], Any]:
    return lambda rng, name, facts: rng.choice(values)


def _stored(rng: Random, name: str, facts: Facts) -> str:
    """An id of what the field names; now and then a stranger's."""
    ids = facts.known.ids.get(NOUN.get(name, name), ())
    if not ids or rng.random() < 0.05:
        return STRANGER
    return str(rng.choice(ids))


NOUN: Final[Mapping[str, str]] = {
    "goalIds": "goal",
    "interventionId": "intervention",
    "interventionIds": "intervention",
    "commentId": "comment",
    "conversationId": "conversation",
    "meetingId": "meeting",
    "soughtJobId": "sought_job",
    "recommendationId": "joint_recommendation",
    "applicationId": "education_application",
    "handoverPackageId": "handover_package",
    "itemId": "inbox_item",
    "letterTaskId": "letter_task",
    "ids": "notice",
    "id": "goal",
}


def _code_of(rng: Random, name: str, facts: Facts) -> str:
    return str(rng.choice(facts.groups))


_BY_NAME: Final[Mapping[str, Callable[[Random, str, Facts], Any]]] = {
    "citizenId": lambda rng, name, facts: facts.citizen,
    "civilRegistrationNumber": lambda rng, name, facts: facts.known.number,
    "targetGroup": _code_of,
    "fundCode": _one_of(FUND, FUND, OTHER_FUND),
    "organisationCode": _one_of(JOBCENTER, FUND, OTHER_JOBCENTER),
    "institutionCode": _one_of("INST-STJERNEURT", "INST-STJERNEURT", "no-such"),
    "municipalityCode": _one_of(JOBCENTER, JOBCENTER, JOBCENTER, OTHER_JOBCENTER),
    "occupationCode": _one_of(*OCCUPATIONS),
    "occupationCodes": _one_of(*OCCUPATIONS),
    "externalId": lambda rng, name, facts: f"{facts.citizen}-{rng.randint(1, 3)}",
    "version": lambda rng, name, facts: facts.known.version + rng.randint(-1, 1),
    "expectedVersion": lambda rng, name, facts: facts.known.version + rng.randint(-1, 1),
    "step": lambda rng, name, facts: rng.randint(1, 4),
    "priority": lambda rng, name, facts: 1,
    "hoursPerWeek": lambda rng, name, facts: rng.randint(0, 37),
    "minutesPerWeek": lambda rng, name, facts: rng.randint(0, 59),
    "expectedCount": lambda rng, name, facts: rng.randint(0, 8),
    "countedHours": lambda rng, name, facts: rng.choice([0.0, 120.0, 480.99]),
    "document": _one_of(PDF),
    "fileName": _one_of("kontrakt.pdf"),
    "smsNumber": _one_of("00141762"),
    "contactPhone": _one_of("00141762"),
    "phone": _one_of("00141762"),
    "email": _one_of("s@borger.example"),
    "contactEmail": _one_of("s@borger.example"),
    "emailAddress": _one_of("s@borger.example"),
    "given": _one_of("Signe"),
    "surname": _one_of("Lindhave", "Havterne"),
    "middle": _one_of("Maj"),
    "code": _one_of("123456", "17"),
    "codeLabel": _one_of(f"{SECRET} og støtte"),
    "category": _one_of(f"{SECRET}er"),
    "cvr": _one_of("12345678"),
    "pNumber": _one_of("1234567890"),
    "mapUrl": _one_of("https://kort.example/1"),
    "link": _one_of("https://cv.example/1"),
}


def _boolean(rng: Random, name: str, facts: Facts) -> bool:
    return bool(rng.random() < 0.5)


_BY_TYPE: Final[Mapping[str, Callable[[Random, str, Facts], Any]]] = {
    "ID": _stored,
    "String": _text,
    "Boolean": _boolean,
    "Date": _day,
    "DateTime": _moment,
    "Int": lambda rng, name, facts: rng.randint(-1, 60),
    "Float": lambda rng, name, facts: rng.uniform(0, 500),
}
