"""Who writes in the examples: caseworkers by name, citizens, and the systems, as viewers."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.dev.demo.examples import Json, example_file
from app.dev.issuer import development_subject
from app.domain.authority import Authority
from app.domain.viewer import NEVER, Role, Viewer

BOOKING: Final = "BOOKING"
REGISTER: Final = "REGISTER"

_ROLES: Final = {
    "JOBCENTER_CASEWORKER": Role.JOBCENTER,
    "UNEMPLOYMENT_FUND_CASEWORKER": Role.FUND,
}


@dataclass(frozen=True, slots=True)
class People:
    """organisations: code by name. caseworkers: the file's rows by name."""

    organisations: dict[str, str]
    caseworkers: dict[str, Json]

    def caseworker(self, name: str) -> Viewer:
        """The same person as the bearer of a development token with this `--name`."""
        row = self.caseworkers[name]
        return _viewer(_ROLES[row["role"]], self.organisations[row["organisation"]], name)

    def authority(self, name: str) -> Authority:
        """The authority a caseworker writes for."""
        is_fund = self.caseworker(name).role is Role.FUND
        return Authority.UNEMPLOYMENT_FUND if is_fund else Authority.JOBCENTER


def people() -> People:
    file = example_file()
    return People(
        {row["name"]: row["code"] for row in file["organisations"]},
        {row["name"]: row for row in file["caseworkers"]},
    )


def system(name: str) -> Viewer:
    """A system integration: `BOOKING` sends meetings, `REGISTER` facts about citizens."""
    return _viewer(Role.SYSTEM, name, name)


def citizen(citizen_id: UUID, name: str) -> Viewer:
    subject = development_subject(Role.CITIZEN, str(citizen_id), name)
    return Viewer(Role.CITIZEN, subject, name, None, citizen_id, NEVER)


def _viewer(role: Role, organisation: str, name: str) -> Viewer:
    subject = development_subject(role, organisation, name)
    return Viewer(role, subject, name, organisation, None, NEVER)
