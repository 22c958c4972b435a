"""A company that applies through VITAS, and the caseworker it waits for."""

from typing import Any

from app.domain.viewer import Role
from tests.schema.eyes import UPDATE, operation
from tests.story import REFUSED
from tests.world import World

IMPORT = (
    "mutation($input: ImportCompanyInterventionInput!) {"
    " importCompanyIntervention(input: $input) { __typename"
    " ... on ImportCompanyInterventionPayload { interventionId heldImportId"
    " warnings { rule code path } } " + REFUSED + " } }"
)
WHOLE = (
    "query($id: ID!) { citizen(id: $id) { plan { version interventions { id kind origin externalId"
    " attribution why startDate endDate latestStatus { text } goalLinks { text } what { occupation"
    " description hoursDisplay } where { workplace companyAddress } who { name phone }"
    " popup { label value } } } } }"
)
HELD = (
    "query($id: ID!) { citizen(id: $id) { heldImports { id externalId kind interventionId why"
    " description startDate workplace caseworkerName tooLong { field length limit } } } }"
)
INBOX = "{ inbox(first: 50) { edges { node { kind citizenId subjectId } } } }"
LONG = "å" * 1501


def application(citizen: str, **more: Any) -> dict[str, Any]:
    """A wage subsidy that a company applied for."""
    return {
        "citizenId": citizen,
        "externalId": "V-1",
        "kind": "WAGE_SUBSIDY",
        "description": "Du svejser skibsdele.",
        "why": "Du har svejset i mange år.",
        "startDate": "2026-03-16",
        "endDate": "2026-06-15",
        "hoursPerWeek": 37,
        "occupation": "Svejser",
        "workplace": "Kobberlærkens Svejseværk, Havnegade 3",
        "companyAddress": "Hovedvej 1",
        "contactName": "Frode Ternholt",
        "contactPhone": "00 11 33 37",
        "caseworkerName": "Rikke Sandholt",
        **more,
    }


async def send(world: World, citizen: str, *, system: str = "VITAS", **more: Any) -> dict[str, Any]:
    token = world.token(Role.SYSTEM, organisation=system)
    data = await world.ask(token, IMPORT, input=application(citizen, **more))
    answer: dict[str, Any] = data["importCompanyIntervention"]
    return answer


async def whole(world: World, citizen: str) -> Any:
    """The plan as the jobcenter sees it, None without one."""
    data = await world.ask(world.token(Role.JOBCENTER), WHOLE, id=citizen)
    return data["citizen"]["plan"]


async def held(world: World, citizen: str) -> list[dict[str, Any]]:
    data = await world.ask(world.token(Role.JOBCENTER), HELD, id=citizen)
    found: list[dict[str, Any]] = data["citizen"]["heldImports"]
    return found


async def waiting(world: World, citizen: str) -> list[str]:
    """What the jobcenter's inbox has about imports of the citizen."""
    data = await world.ask(world.token(Role.JOBCENTER), INBOX)
    nodes = [edge["node"] for edge in data["inbox"]["edges"]]
    return [
        node["subjectId"]
        for node in nodes
        if node["citizenId"] == citizen and node["kind"] == "IMPORT_TOO_LONG"
    ]


async def shorten(world: World, citizen: str, number: str, **more: Any) -> dict[str, Any]:
    """A caseworker sends the texts of a held import as they are to be."""
    facts = application(citizen, **more)
    for name in ("citizenId", "externalId", "caseworkerName"):
        facts.pop(name, None)
    given = {"citizenId": citizen, "interventionId": number, "intervention": {"company": facts}}
    data = await world.ask(world.token(Role.JOBCENTER), operation([(UPDATE, given)]), i0=given)
    answer: dict[str, Any] = data["f0"]
    return answer
