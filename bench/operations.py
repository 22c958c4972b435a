"""The three operations that are measured, as a client sends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from app.dev.issuer import DevelopmentIssuer
from app.domain.viewer import Role
from bench.client import Request

PAGE: Final = 50
"""Citizens of a page of the caseload."""

_AGREEMENT: Final = "{ id organisation caseworker heldOn mode agreementText }"

OVERVIEW: Final = f"""
query Overview($id: ID!) {{
  citizen(id: $id) {{
    plan {{
      type
      version
      jobGoals {{ id text term priority confirmedBy }}
      educationGoals {{ id educationName priority agreedBy }}
      jobcenter: latestAgreement(authority: JOBCENTER) {_AGREEMENT}
      fund: latestAgreement(authority: UNEMPLOYMENT_FUND) {_AGREEMENT}
      interventions(status: [PLANNED, ONGOING]) {{
        id kind title status startDate endDate why agreedWith agreedOrganisation origin
        writtenUnderPlanType hiddenFromUnemploymentFund
      }}
      requirements {{
        id issuer organisation caseworker occupations {{ code label }} industries agreementText
        otherExpectations expectedCount validFrom validTo
      }}
      educationOrder {{ currentStep steps {{ step status deadline caseworker }} }}
    }}
  }}
}}
"""

CASELOAD: Final = """
query Caseload($first: Int!) {
  caseload(first: $first) {
    edges {
      node {
        name { full }
        plan {
          type
          interventions(status: [PLANNED, ONGOING]) { title status startDate endDate agreedWith }
          meetings { startsAt mode caseworker place }
        }
      }
    }
  }
}
"""

TINY: Final = """
query Tiny($id: ID!) {
  citizen(id: $id) {
    plan {
      type
      latestAgreement(authority: JOBCENTER) { heldOn caseworker agreementText }
    }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """Citizens and municipalities that the requests of a run are about."""

    citizens: Sequence[tuple[UUID, str]]
    """Ids with their municipality's code."""
    municipalities: Sequence[str]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as one role: every server gets the same bytes."""

    key: str
    name: str
    role: Role
    requests: Sequence[Request]


def operations(sample: Sample, issuer: DevelopmentIssuer) -> list[Operation]:
    """A and C as citizen; A, B and C as caseworker."""
    own = {
        citizen: issuer.issue(Role.CITIZEN, citizen_id=citizen, minutes=600)
        for citizen, _ in sample.citizens
    }
    staff = {
        code: issuer.issue(Role.JOBCENTER, organisation=code, minutes=600)
        for code in sample.municipalities
    }

    def by_citizen(query: str) -> list[Request]:
        return [request(query, own[one], id=str(one)) for one, _ in sample.citizens]

    def by_caseworker(query: str) -> list[Request]:
        return [request(query, staff[code], id=str(one)) for one, code in sample.citizens]

    pages = [request(CASELOAD, staff[code], first=PAGE, municipality=code) for code in staff]
    return [
        Operation("A", "overview", Role.CITIZEN, by_citizen(OVERVIEW)),
        Operation("A", "overview", Role.JOBCENTER, by_caseworker(OVERVIEW)),
        Operation("B", "caseload", Role.JOBCENTER, pages),
        Operation("C", "tiny", Role.CITIZEN, by_citizen(TINY)),
        Operation("C", "tiny", Role.JOBCENTER, by_caseworker(TINY)),
    ]


def request(query: str, token: str, **variables: Any) -> Request:
    """A POST of an operation; `municipality` tells the server without tokens whose page it is."""
    name = query.split(maxsplit=2)[1].split("(")[0]
    body = orjson.dumps({"query": query, "operationName": name, "variables": variables})
    return Request.post("/graphql", body, token)


def leaves(answer: Any) -> int:
    """How many values that are neither object nor list an answer holds."""
    if isinstance(answer, dict):
        return sum(leaves(value) for value in answer.values())
    if isinstance(answer, list):
        return sum(leaves(value) for value in answer)
    return 1
