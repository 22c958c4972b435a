"""The root of all queries."""

from uuid import UUID

import strawberry
from strawberry.types import Info

from app.domain.cpr import InvalidCpr
from app.errors import BadUserInput
from app.schema.caseload import CitizenConnection, caseload
from app.schema.citizen import Citizen, CitizenDocument, citizen_of
from app.schema.context import Context
from app.schema.fields import fetched
from app.schema.handover import HandoverPackageConnection, handover_packages
from app.schema.inbox import InboxItemConnection, inbox
from app.schema.intervention_kind import InterventionKind, intervention_kinds
from app.schema.municipality import Municipality, municipalities
from app.schema.notification import NotificationConnection, notifications
from app.schema.occupation import Occupation, occupations
from app.schema.selection import operation_of, wanted_of
from app.schema.target_group import TargetGroup, target_groups
from app.schema.viewer import Viewer, viewer
from app.store.documents import read_citizen


async def _citizen(info: Info[Context, None], id: strawberry.ID) -> CitizenDocument | None:
    """The citizen; what is no id names nobody."""
    try:
        wanted = UUID(id)
    except ValueError:
        return None
    return await _read(info, wanted)


async def _citizen_by_number(
    info: Info[Context, None], civil_registration_number: str
) -> CitizenDocument | None:
    services = info.context.services
    if info.context.by_get:  # the number would stand in the URL, and in every log of it
        raise BadUserInput("Ask for a civil registration number by POST.")
    try:
        index = services.vault.index(civil_registration_number)
    except InvalidCpr:
        raise BadUserInput(
            "A civil registration number has 10 digits.", path=("civilRegistrationNumber",)
        ) from None
    wanted = await services.readers.fetchval("find_citizen_by_cpr", index)
    return await _read(info, wanted) if wanted else None


async def _read(info: Info[Context, None], wanted: UUID) -> CitizenDocument | None:
    context = info.context
    selected = wanted_of(info)
    read = await read_citizen(
        context.services.readers,
        context.viewer,
        wanted,
        context.at,
        operation=operation_of(info),
        elements=selected.elements,
        sections=selected.sections,
        beside=selected.beside,
    )
    return citizen_of(read, context.viewer.role) if read else None


@strawberry.type
class Query:
    viewer: Viewer = fetched(viewer)
    citizen: Citizen | None = fetched(
        _citizen, description="Null when there is none, or none that you may see."
    )
    citizen_by_civil_registration_number: Citizen | None = fetched(
        _citizen_by_number, description="For staff; null as in `citizen`."
    )
    caseload: CitizenConnection = fetched(
        caseload, description="The citizens within your reach, by name."
    )
    inbox: InboxItemConnection = fetched(
        inbox, description="What waits for your organisation, newest first."
    )
    handover_packages: HandoverPackageConnection = fetched(
        handover_packages,
        description="For an institution: what was released to it, the newest first.",
    )
    notifications: NotificationConnection = fetched(
        notifications, description="The citizen's own notices, newest first."
    )
    occupations: list[Occupation] = fetched(
        occupations, description="Occupations while typing, best first."
    )
    target_groups: list[TargetGroup] = fetched(target_groups)
    intervention_kinds: list[InterventionKind] = fetched(intervention_kinds)
    municipalities: list[Municipality] = fetched(
        municipalities, description="Those whose name or code begins with `search`."
    )
