"""A plan as GraphQL answers it, in the words of the example file's `citizen_view`."""

import json
from collections.abc import Mapping
from functools import reduce
from typing import Any
from uuid import UUID

import asyncpg

from app.dev.demo import demo_ids
from app.dev.demo.examples import Example, example_file, examples
from app.domain.viewer import Role
from tests.everything import everything
from tests.world import World

Json = Mapping[str, Any]

EXAMPLES = {example.id: example for example in examples()}
DERIVED = {case["id"]: case for case in example_file()["derived_plans"]}
ORGANISATIONS = {row["name"]: row["code"] for row in example_file()["organisations"]}

PLAN = """
fragment Popup on PopupField { label value lines { label value } }
fragment View on Plan {
  version hiddenPartsNotice
  jobGoalConsistency { code occupation { label } }
  interventions { id title kind description: what { description } popup { ...Popup }
    attribution goalLinks { text } origin externalId offer { noticeBasis } }
  agreements { id agreementText popup { ...Popup } }
  meetings { id externalId popup { ...Popup } }
  requirements { id agreementText }
  elements {
    __typename
    ... on ContractElement { element heading text downloadLabel }
    ... on EducationGoalsElement { element heading agreedWith attribution
      goals { priority educationName } }
    ... on JobGoalsElement { element heading agreedWith attribution findJobLink
      goals { text occupation { code } } }
    ... on PlanDescriptionElement { element heading text replyAllowed }
    ... on LatestAgreementElement { element heading text agreedWith agreedOn attribution }
    ... on EducationStepElement { element heading step status deadline deadlineDisplay caseworker
      intro helpLink filmLink goals { label addButton proposals { institution } }
      proposals { priority educationName reason }
      applications { institution goal sentQuestion sentLabel sent answerLabel answer answerDisplay }
      reason reasonLabel reasonAdd actions saveLabel sendLabel
      admitted { goal institution } startDate supportNeed { hasNeed text }
      institutionContact { name phone email } }
    ... on TimelineElement { element heading timeline(months: $months) {
      window { start end months title } ticks { label } hint todayLink calendarLinkLabel views
      items { __typename
        ... on TimelineRequirement { id label start end requirement { issuer agreementText } }
        ... on TimelineIntervention { id label start end
          intervention { kind what { description } ... on EducationIntervention { scheme } } }
        ... on TimelineAgreement { id label start end agreement { authority agreementText } }
        ... on TimelineMeeting { id label start end meeting { authority externalId } }
      } } }
  }
}
"""

HIDDEN_FROM_FUNDS = (
    "... on ContractElement { element heading text downloadLabel }",
    "supportNeed { hasNeed text }",
    "institutionContact { name phone email }",
)
"""Parts of the query that a fund may not use."""

CITIZEN = PLAN + "query($id: ID!, $months: Int!) { citizen(id: $id) { plan { ...View } } }"
STAFF = (
    PLAN
    + "query($id: ID!, $months: Int!) {"
    + " citizen(id: $id) { plan { ...View } viewAsCitizen { ...View } } }"
)
FUND = reduce(lambda query, part: query.replace(part, ""), HIDDEN_FROM_FUNDS, STAFF)


def shown(plan: Json, example: Example) -> list[dict[str, Any]]:
    """The elements of an answer as the example writes them, without what is empty."""
    return [said(_ELEMENTS[one["__typename"]](one, example)) for one in plan["elements"]]


def said(value: Any) -> Any:
    """The value without what is null, false or empty: the example leaves these out at times."""
    if isinstance(value, Mapping):
        parts = {key: said(part) for key, part in value.items()}
        return {key: part for key, part in parts.items() if part not in (None, [], False)}
    return [said(part) for part in value] if isinstance(value, list) else value


def snake(value: Any) -> Any:
    """Keys as the example writes them: `agreedOn` -> `agreed_on`."""
    if isinstance(value, Mapping):
        return {_snake(key): snake(part) for key, part in value.items() if key != "__typename"}
    return [snake(part) for part in value] if isinstance(value, list) else value


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _as_it_is(element: Json, _example: Example) -> dict[str, Any]:
    found: dict[str, Any] = snake(element)
    return found


def _job_goals(element: Json, _example: Example) -> dict[str, Any]:
    goals = [
        {"text": g["text"], "type": "OCCUPATION" if g["occupation"] else "JOB_FUNCTION"}
        for g in element["goals"]
    ]
    return snake({**element, "goals": goals})  # type: ignore[no-any-return]  # a mapping stays one


def _education_goals(element: Json, _example: Example) -> dict[str, Any]:
    goals = [{"priority": g["priority"], "text": g["educationName"]} for g in element["goals"]]
    return snake({**element, "goals": goals})  # type: ignore[no-any-return]  # a mapping stays one


def _timeline(element: Json, example: Example) -> dict[str, Any]:
    timeline = element["timeline"]
    window = timeline["window"]
    return {
        "element": element["element"],
        "heading": element["heading"],
        "views": timeline["views"],
        **{f"window_{key}": window[key] for key in ("start", "end", "months", "title")},
        "today_link": timeline["todayLink"],
        "hint": timeline["hint"],
        "rows": [_row(item, example) for item in timeline["items"]],
        "ticks": [tick["label"] for tick in timeline["ticks"]],
        "footer_link": timeline["calendarLinkLabel"],
    }


def _row(item: Json, example: Example) -> dict[str, Any]:
    row = {key: item[key] for key in ("label", "start", "end")}
    data = example.data
    match item["__typename"]:
        case "TimelineRequirement":
            found = item["requirement"]
            row |= {"kind": "JOB_SEARCH_REQUIREMENT", "issuer": found["issuer"]}
            ref = ref_by("agreement_text", found["agreementText"], data["requirements"])
        case "TimelineIntervention":
            found = item["intervention"]
            row |= {"kind": "INTERVENTION", "intervention_kind": found["kind"]}
            row["scheme"] = found.get("scheme")
            ref = ref_of_intervention(found["what"]["description"], example)
        case "TimelineAgreement":
            found = item["agreement"]
            row |= {"kind": "AGREEMENT", "agreement_type": "PAST_AGREEMENT"}
            row["authority"] = found["authority"]
            ref = ref_by("agreement_text", found["agreementText"], data["conversations"])
        case _:
            found = item["meeting"]
            row |= {"kind": "AGREEMENT", "agreement_type": "FUTURE_MEETING"}
            row["authority"] = found["authority"]
            ref = ref_by("external_id", found["externalId"], data["meetings"])
    return {**row, "ref": ref}


def ref_by(key: str, value: str, stored: list[Json]) -> str:
    """The id in the example of what has this value."""
    (ref,) = [one["id"] for one in stored if one[key] == value]
    return str(ref)


def ref_of_intervention(description: str, example: Example) -> str:
    (ref,) = [
        one["id"] for one in example.interventions if one["what"]["description"] == description
    ]
    return str(ref)


_ELEMENTS = {
    "ContractElement": _as_it_is,
    "EducationGoalsElement": _education_goals,
    "JobGoalsElement": _job_goals,
    "PlanDescriptionElement": _as_it_is,
    "LatestAgreementElement": _as_it_is,
    "EducationStepElement": _as_it_is,
    "TimelineElement": _timeline,
}


async def ids(demo: World) -> dict[str, tuple[UUID, UUID]]:
    assert demo.settings.database_url
    connection = await asyncpg.connect(demo.settings.database_url)
    try:
        return await demo_ids(connection, demo.settings)
    finally:
        await connection.close()


def window_months(view: list[Json]) -> int:
    return next((one["window_months"] for one in view if "window_months" in one), 6)


async def plans(demo: World, example: Example) -> dict[str, Json]:
    """The plan as the citizen, by `viewAsCitizen` and as the jobcenter's own query."""
    citizen_id = str((await ids(demo))[example.id][0])
    asked = {"id": citizen_id, "months": window_months(example.case["citizen_view"])}
    own = await demo.ask(demo.token(Role.CITIZEN, citizen=citizen_id), CITIZEN, **asked)
    jobcenter = demo.token(Role.JOBCENTER, organisation=example.citizen["municipality_code"])
    staff = (await demo.ask(jobcenter, STAFF, **asked))["citizen"]
    return {"own": own["citizen"]["plan"], "as": staff["viewAsCitizen"], "staff": staff["plan"]}


async def everything_of(demo: World, role: Role, token: str, citizen_id: str) -> str:
    """The text of an answer to all that a role may ask about a citizen and of its caseload."""
    schema = demo.api.schema._schema
    query = everything(
        schema,
        role,
        citizen=("(id: $id)", "Citizen"),
        inbox=("(first: 50)", "InboxItemConnection"),
    )
    answers = [await demo.ask(token, query, id=citizen_id)]
    # everything about more than one citizen costs more than one operation may
    page = everything(schema, role, caseload=("(first: 1, after: $after)", "CitizenConnection"))
    page = page.replace("query($id: ID!)", "query($after: String)")
    after: str | None = None
    while after is not None or len(answers) == 1:
        answers.append(await demo.ask(token, page, after=after))
        info = answers[-1]["caseload"]["CitizenConnection_pageInfo_0"]
        after = info["PageInfo_endCursor_0"] if info["PageInfo_hasNextPage_0"] else None
    return json.dumps(answers, ensure_ascii=False)
