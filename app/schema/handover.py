"""What an institution reads: the packages released to it, nothing else of a plan (R104, R153)."""

from base64 import b64decode
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import strawberry
from strawberry.types import Info

from app.errors import BadUserInput
from app.schema.citizen_parts import ContactDetails, PersonName
from app.schema.context import Context
from app.schema.education import InstitutionContact
from app.schema.fields import fetched
from app.schema.page import PageInfo, connection, cursor_of, keys_of, page_size
from app.schema.scalars import YEARS, Date, DateTime
from app.schema.selection import operation_of


@strawberry.type(description="The goal of the education order, and the education admitted to.")
class HandoverAdmission:
    goal: str
    institution: str | None
    start_date: Date | None


@strawberry.type(description="An intervention that supports the education, as it was agreed.")
class HandoverIntervention:
    label: str
    headline: str | None
    description: str = strawberry.field(name="what")
    why: str


@strawberry.type(description="“Støttebehov”, with the interventions chosen for the handover.")
class HandoverSupportNeed:
    assessed_on: Date
    has_need: bool
    text: str | None
    interventions: list[HandoverIntervention]


def _civil_registration_number(root: dict[str, Any], info: Info[Context, None]) -> str:
    stored = b64decode(root["civil_registration_number_encrypted"])
    return info.context.services.vault.decrypt(stored)


@strawberry.type(
    description="What was handed over, as it was at the release: changes come by a new release."
)
class InstitutionHandoverPackage:
    id: strawberry.ID
    institution: str
    citizen_name: PersonName
    civil_registration_number: str = fetched(_civil_registration_number)
    citizen_contact: ContactDetails
    admission: HandoverAdmission | None = strawberry.field(
        description="Null only in a package from before packages were kept."
    )
    support_need: HandoverSupportNeed
    institution_contact: InstitutionContact = strawberry.field(
        description="The jobcenter's contact person."
    )
    other_essential_information: str | None
    released_at: DateTime
    received_at: DateTime | None


@strawberry.type
class HandoverPackageEdge:
    cursor: str
    node: InstitutionHandoverPackage


@strawberry.type(description="The last released first.")
class HandoverPackageConnection:
    edges: list[HandoverPackageEdge]
    page_info: PageInfo


async def handover_packages(
    info: Info[Context, None], first: int, after: str | None = None
) -> dict[str, Any]:
    """The packages addressed to the viewer's institution; the citizens see that they were read."""
    context = info.context
    viewer = context.viewer
    size = page_size(context, first)
    rows = await context.services.readers.fetch(
        "read_handover_packages",
        *(viewer.organisation_code, context.at.now, viewer.subject, viewer.name),
        *(operation_of(info), *_after(after), size),
    )
    found = [{**row, **orjson.loads(row["body"])} for row in rows]
    return connection(
        found, size, after, lambda row: cursor_of(row["released_at"].isoformat(), row["id"])
    )


def _after(cursor: str | None) -> tuple[datetime | None, UUID | None]:
    if cursor is None:
        return None, None
    released_at, package_id = keys_of(cursor, 2)
    try:
        place = datetime.fromisoformat(released_at), UUID(package_id)
        if place[0].utcoffset() is None or place[0].year not in YEARS:
            raise ValueError
    except ValueError:
        raise BadUserInput("This cursor is not one of ours.", path=("after",)) from None
    return place
