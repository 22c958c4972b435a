"""All that a fund can get to know of a citizen, made comparable with what it gets of another."""

import csv
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.viewer import Role
from app.schema.build import build_schema
from tests.everything import everything
from tests.story import REFUSED, conversation
from tests.world import World

ROOT = Path(__file__).parents[2]
HIDDEN_KINDS = ("AID", "PERSONAL_ASSISTANCE", "SOCIAL", "HEALTH", "OTHER_ADMINISTRATION")
PLAN_TYPES = {
    "JOB_PLAN": "UNEMPLOYMENT_BENEFIT",
    "COMBI_PLAN": "UNEMPLOYMENT_BENEFIT_EDU_ORDER",
    "EDUCATION_PLAN": "EDU_BENEFIT_EDU_READY",
    "FOLLOW_UP_AGREEMENT": "SICKNESS_BENEFIT_CAT2",
    "REHABILITATION_PLAN": "RESOURCE_PROGRAMME",
    "OTHER_INTERVENTIONS_PLAN": "SELF_SUPPORTING",
    "INTEGRATION_PLAN": "INTEGRATION_PROGRAMME",
}
"""Each plan type with a target group that has it."""
HIDDEN_TYPES = tuple(PLAN_TYPES)[2:]

_KINDS = {
    **dict.fromkeys(
        ("COMPANY_INTERNSHIP", "WAGE_SUBSIDY", "UTILITY_JOB", "JOB_ROTATION", "FLEX_JOB"), "company"
    ),
    "MENTOR": "mentor",
    **dict.fromkeys(
        ("EDUCATION", "LITERACY_COURSE", "BRIDGE_BUILDING", "COURSE", "DANISH_EDUCATION"),
        "education",
    ),
    "AID": "aid",
    "PERSONAL_ASSISTANCE": "assistance",
    **dict.fromkeys(("SOCIAL", "HEALTH", "OTHER_ADMINISTRATION"), "socialHealth"),
    **dict.fromkeys(("PERSONAL_JOB_FACILITATOR", "OTHER_AGREED"), "other"),
}
KINDS = tuple(_KINDS)

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|\+\d\d:\d\d)")
_CPR = re.compile(r"\b\d{6}-?\d{4}\b")

CREATE = (
    "createIntervention(input: $%s) { __typename ... on CreateInterventionPayload { version"
    " interventionId warnings { code path } } " + REFUSED + " }"
)
REGISTER = (
    "registerConversation(input: $%s) { __typename ... on RegisterConversationPayload { version"
    " warnings { code path } } " + REFUSED + " }"
)
ISSUE = (
    "issueJobSearchRequirement(input: $%s) { __typename"
    " ... on IssueJobSearchRequirementPayload { version warnings { code path } } " + REFUSED + " }"
)
GOALS = (
    "setJobGoals(input: $%s) { __typename ... on SetJobGoalsPayload { version"
    " warnings { code path } } " + REFUSED + " }"
)
GROUP = (
    "setTargetGroup(input: $%s) { __typename ... on SetTargetGroupPayload { version } "
    f"{REFUSED} }}"
)
UPDATE, STATUS, CANCEL, CALL = (
    f"{field}(input: $%s) {{ __typename ... on {field[0].upper()}{field[1:]}Payload {{ version"
    f" warnings {{ code path }} }} {REFUSED} }}"
    for field in (
        *("updateIntervention", "setInterventionStatus", "cancelIntervention"),
        "recordContactAttempt",
    )
)

_INPUTS = {
    UPDATE: "UpdateInterventionInput!",
    STATUS: "SetInterventionStatusInput!",
    CANCEL: "CancelInterventionInput!",
    CALL: "RecordContactAttemptInput!",
    CREATE: "CreateInterventionInput!",
    REGISTER: "RegisterConversationInput!",
    ISSUE: "IssueJobSearchRequirementInput!",
    GOALS: "SetJobGoalsInput!",
    GROUP: "SetTargetGroupInput!",
}

Step = tuple[str, Mapping[str, Any]]
"""A mutation field and its input."""


def operation(steps: list[Step], *, preview: bool = False) -> str:
    """One operation with a field for each step; its variables are i0, i1, ..."""
    variables = ", ".join(f"$i{n}: {_INPUTS[field]}" for n, (field, _) in enumerate(steps))
    fields = " ".join(f"f{n}: {field % f'i{n}'}" for n, (field, _) in enumerate(steps))
    return f"mutation({variables}) {'@preview' if preview else ''} {{ {fields} }}"


async def do(world: World, token: str, *steps: Step) -> list[dict[str, Any]]:
    """The steps as one operation; every field must be done."""
    given = {f"i{n}": one for n, (_, one) in enumerate(steps)}
    data = await world.ask(token, operation(list(steps)), **given)
    answers = list(data.values())
    assert all(a["__typename"].endswith("Payload") for a in answers), answers
    return answers


def intervention(world: World, citizen: str, kind: str, **more: Any) -> Step:
    """A complete intervention of a kind that starts in ten days and lasts a month."""
    branch = _KINDS[kind]
    start, end = "2026-03-16", "2026-04-16"
    fields: dict[str, Any] = {
        "description": f"Indsatsen {kind.lower()}.",
        "why": "Du kommer nærmere et job.",
        "startDate": start,
        "endDate": end,
        "place": "Havnegade 3",
        "contactName": "Bodil Præstholm",
        "latestStatus": "Aftalt.",
    }
    if branch not in ("mentor", "aid", "assistance"):
        fields["kind"] = kind
    if kind == "AID":
        fields |= {"form": "LOAN", "category": "Synshjælpemidler", "purpose": "EMPLOYMENT"}
    if kind == "EDUCATION":
        fields["scheme"] = "SIX_WEEK_JOB_TRAINING"
    return CREATE, {"citizenId": citizen, "intervention": {branch: fields | more}}


def talk(world: World, citizen: str, text: str, **more: Any) -> Step:
    """A conversation held by the jobcenter unless `more` says otherwise."""
    return REGISTER, conversation(world, citizen, text) | more


def own_talk(world: World, citizen: str, text: str = "Du søger to job om ugen.") -> Step:
    """A conversation that the fund held."""
    return talk(world, citizen, text, authority="UNEMPLOYMENT_FUND")


def group(citizen: str, code: str, plan_type: str | None = None) -> Step:
    return GROUP, {"citizenId": citizen, "targetGroup": code, "planType": plan_type}


def requirement(citizen: str, valid_from: str = "2026-03-02") -> Step:
    return ISSUE, {
        "citizenId": citizen,
        "industries": ["Butik"],
        "geographicAreas": [{"municipalityCode": "101"}],
        "otherExpectations": "To ansøgninger om ugen.",
        "validFrom": valid_from,
    }


async def fund_sees(world: World, citizen: str) -> dict[str, Any]:
    """What the usual fund is answered, whatever it asks about the citizen."""
    token = world.token(Role.FUND)
    lists = await world.ask(token, _lists())
    seen: dict[str, Any] = comparable(
        {
            "citizen": await _whole(world, token, "Alone", id=citizen),
            "row": await _row(world, token, citizen, lists["all"]),
            "through": _through(lists, citizen),
            "inbox": _inbox(lists, citizen),
            "writes": await _writes(world, token, citizen),
        },
        citizen,
    )
    return seen


@cache
def whole_citizen() -> str:
    """Every field of a citizen that a fund may ask: `Alone`, and in a `Row` of the caseload.

    One document, so that the server validates it once. The row leaves out the plan's versions:
    they are read by the id of the plan, which both have.
    """
    alone = everything(build_schema()._schema, Role.FUND, citizen=("(id: $id)", "Citizen"))
    alone = re.sub(r"( plan\(version: \d\))", r"\1 @include(if: $all)", alone)
    alone = alone.replace("query($id: ID!)", "query Alone($id: ID!, $all: Boolean!)")
    row = "caseload(first: 1, after: $after) { edges { node { ...Citizen_ } } }"
    return f"query Row($after: String, $all: Boolean!) {{ {row} }}\n{alone}"


async def _whole(world: World, token: str, operation: str, **given: Any) -> Any:
    given["all"] = operation == "Alone"
    answer = await world.client.post(
        f"{world.base_url}/graphql",
        json={"query": whole_citizen(), "operationName": operation, "variables": given},
        headers={"authorization": f"Bearer {token}"},
    )
    assert answer.status_code < 500, answer.text
    return answer.json()


async def _row(world: World, token: str, citizen: str, page: Any) -> Any:
    """Everything of the citizen where it stands in the caseload; None: it is not there."""
    edges = page["edges"]
    ids = [edge["node"]["id"] for edge in edges]
    if citizen not in ids:
        return None
    place = ids.index(citizen)
    after = edges[place - 1]["cursor"] if place else None
    answer = await _whole(world, token, "Row", after=after)
    (row,) = answer["data"]["caseload"]["edges"]
    assert row["node"]["Citizen_id_0"] == citizen
    return row["node"]


@cache
def _filters() -> tuple[str, ...]:
    with (ROOT / "db/codes/target_groups.csv").open(encoding="utf-8") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    return (
        *(f'targetGroup: "{code}"' for code in codes),
        *(f"planType: {name}" for name in PLAN_TYPES),
        *('deadlineBefore: "2030-01-01"', "notAcknowledged: true"),
    )


@cache
def _lists() -> str:
    """The whole caseload, what each filter lets through, and the inbox."""
    pages = [
        f"f{n}: caseload(first: 100, filter: {{ {wanted} }}) {{ edges {{ node {{ id }} }} }}"
        for n, wanted in enumerate(_filters())
    ]
    more = " pageInfo { hasNextPage }"
    pages.append(f"all: caseload(first: 100) {{ edges {{ cursor node {{ id }} }} {more} }}")
    item = "id kind citizenId subjectId createdAt"
    pages.append(f"inbox(first: 100) {{ edges {{ node {{ {item} }} }} {more} }}")
    return f"{{ {' '.join(pages)} }}"


def _through(lists: Any, citizen: str) -> dict[str, bool]:
    """Which filters of the caseload let the citizen through."""
    assert not lists["all"]["pageInfo"]["hasNextPage"]
    return {
        wanted: citizen in [edge["node"]["id"] for edge in lists[f"f{n}"]["edges"]]
        for n, wanted in enumerate(_filters())
    }


def _inbox(lists: Any, citizen: str) -> list[dict[str, Any]]:
    assert not lists["inbox"]["pageInfo"]["hasNextPage"]
    nodes = [edge["node"] for edge in lists["inbox"]["edges"]]
    return [node for node in nodes if node["citizenId"] == citizen]


async def _writes(world: World, token: str, citizen: str) -> list[Any]:
    """What the fund's own mutations would answer."""
    tried: list[Step] = [
        own_talk(world, citizen),
        intervention(world, citizen, "OTHER_AGREED"),
        intervention(world, citizen, "EDUCATION"),
        (GOALS, {"citizenId": citizen, "jobGoals": []}),
        requirement(citizen),
        requirement(citizen, "2026-02-01"),
    ]
    tried += [(field, {**given, "expectedVersion": 99}) for field, given in tried[:1]]
    answers = []
    for field, given in tried:
        query = operation([(field, given)], preview=True)
        answers.append(await world.post(token, query, i0=given))
    return answers


def comparable(answer: Any, citizen: str) -> Any:
    """The answer with ids numbered as they come, instants and numbers of persons blotted out."""
    names: dict[str, str] = {citizen: "the citizen"}

    def plain(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: plain(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        if not isinstance(value, str):
            return value
        if "ursor" in key:
            return "a cursor"
        value = _UUID.sub(lambda m: names.setdefault(m[0], f"id {len(names)}"), value)
        return _CPR.sub("a number", _INSTANT.sub("an instant", value))

    return plain(answer)


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two answers differ, each place with both values."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted(one.keys() | other.keys())
        return [d for n in names for d in differences(one.get(n), other.get(n), f"{path}.{n}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [d for n, (a, b) in pairs for d in differences(a, b, f"{path}[{n}]")]
    return [] if one == other else [f"{path}: {one!r:.300} / {other!r:.300}"]
