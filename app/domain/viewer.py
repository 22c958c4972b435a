"""Who asks: the role, organisation and citizen behind one request.

A viewer is what a verified token says and nothing more; which plans it may see is decided where
rows are read (R150-R155). Role values are the words of `minplan token --role` and the columns of
the permission table.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

NEVER: Final = 253_402_300_799
"""Unix seconds of the last second of the year 9999: the latest expiry a viewer can have."""

_MUNICIPALITY_CODE: Final = re.compile(r"[0-9]{3}")


class Role(StrEnum):
    """The actors of DOMAIN.md section 2."""

    CITIZEN = "citizen"
    JOBCENTER = "jobcenter"
    FUND = "fund"
    INSTITUTION = "institution"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Viewer:
    """The bearer of one token; raises `ValueError` when the parts do not fit the role.

    organisation_code: municipality code (3 digits) of a jobcenter, code of a fund or institution,
    name of a system; None for a citizen. citizen_id: a citizen's own internal id, None for all
    others. expires_at: unix seconds of the token's own expiry, without leeway; issued_at: of its
    issue, 0 where the token does not say.

    >>> Viewer(Role.FUND, "s1", "Ida Holm", organisation_code=None, citizen_id=None, expires_at=1)
    Traceback (most recent call last):
    ...
    ValueError: the role fund needs an organisation
    """

    role: Role
    subject: str
    name: str
    organisation_code: str | None
    citizen_id: UUID | None
    expires_at: int
    issued_at: int = 0

    def __post_init__(self) -> None:
        is_citizen = self.role is Role.CITIZEN
        needs_organisation = not is_citizen and self.role is not Role.ANONYMOUS
        if is_citizen and self.citizen_id is None:
            raise ValueError("the role citizen needs a citizen id")
        if not is_citizen and self.citizen_id is not None:
            raise ValueError(f"the role {self.role} has no citizen id")
        if needs_organisation and not self.organisation_code:
            raise ValueError(f"the role {self.role} needs an organisation")
        if not needs_organisation and self.organisation_code is not None:
            raise ValueError(f"the role {self.role} has no organisation")
        if self.role is Role.JOBCENTER and not _MUNICIPALITY_CODE.fullmatch(
            self.organisation_code or ""
        ):
            raise ValueError("the organisation of a jobcenter is a municipality code of 3 digits")


ANONYMOUS: Final = Viewer(
    role=Role.ANONYMOUS,
    subject="",
    name="",
    organisation_code=None,
    citizen_id=None,
    expires_at=NEVER,
)
"""The viewer of a request without a token (R155)."""
