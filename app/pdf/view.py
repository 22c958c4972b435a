"""`GET /plans/{citizenId}.pdf`: the plan as its reader may see it (DOMAIN section 8)."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from uuid import UUID, uuid4

import orjson
from starlette.requests import Request
from starlette.responses import Response

from app.domain.document import PlanDocument
from app.domain.viewer import Role, Viewer
from app.errors import AppError, Forbidden, NotFound, RulesBroken, Unauthenticated
from app.identity import Identity
from app.pdf.booklet import booklet_of
from app.pdf.contract import UnreadableContract, with_contract
from app.pdf.render import Unset, render
from app.rules.breach import Breach
from app.rules.plan import has_contract
from app.rules.sources import message
from app.store.documents import CitizenRead, Moment, read_citizen
from app.store.readers import Readers

log = logging.getLogger("minplan.pdf")

READERS = (Role.CITIZEN, Role.JOBCENTER, Role.FUND)
_STATUS = {"FORBIDDEN": 403, "NOT_FOUND": 404}
_HEADERS = {"cache-control": "private, no-store", "x-content-type-options": "nosniff"}


class PdfView:
    """The endpoint. With `?contract=true` the integration contract stands behind the plan."""

    def __init__(self, readers: Readers, identity: Identity, clock: Callable[[], Moment]) -> None:
        self._readers = readers
        self._identity = identity
        self._clock = clock

    async def __call__(self, request: Request) -> Response:
        try:
            client = request.client.host if request.client else None
            viewer = await self._identity.viewer(request.headers.get("authorization"), client)
            return await self._answer(request, viewer)
        except RulesBroken as broken:
            breach = broken.breaches[0]
            return _failure(404, breach.code, message(breach))
        except Unauthenticated as error:
            return _failure(401, error.code, error.message, {"www-authenticate": error.challenge})
        except AppError as error:
            return _failure(_STATUS.get(error.code, 400), error.code, error.message)
        except Unset:
            incident = str(uuid4())
            log.error("incident %s: a plan could not be set", incident)
            said = f"Something went wrong. Please quote {incident}."
            return _failure(500, "INTERNAL", said)

    async def _answer(self, request: Request, viewer: Viewer) -> Response:
        if viewer.role is Role.ANONYMOUS:
            raise Unauthenticated("Log in to get the plan.")
        if viewer.role not in READERS:
            raise Forbidden("Your role has no plans to read.")
        read = await self._read(viewer, request.path_params["citizen_id"])
        plan = read.plan
        if plan is None:  # there is none, or none of a type that the fund may see (R88)
            raise RulesBroken([Breach("R88")])
        contract = None
        if request.query_params.get("contract") == "true":
            contract = await self._contract(plan)
        pdf = await asyncio.to_thread(_pdf, plan, read.citizen["name"]["full"], contract)
        name = f"min-plan-{plan['version']}.pdf"
        headers = {**_HEADERS, "content-disposition": f'attachment; filename="{name}"'}
        return Response(pdf, media_type="application/pdf", headers=headers)

    async def _read(self, viewer: Viewer, citizen_id: str) -> CitizenRead:
        """The citizen as the viewer may see it, noted in the access log for staff (R149)."""
        try:
            wanted = UUID(citizen_id)
        except ValueError:
            raise NotFound from None
        read = await read_citizen(
            self._readers,
            viewer,
            wanted,
            self._clock(),
            operation="pdf",
            elements=("pdf",),
            drafts=False,
        )
        if read is None:
            raise NotFound
        return read

    async def _contract(self, plan: PlanDocument) -> bytes:
        has = any(element["code"] == "CONTRACT" for element in plan["composition_elements"])
        broken = has_contract(has, plan["contract"] is not None)
        if broken:
            raise RulesBroken([broken])
        document: bytes = await self._readers.fetchval("read_contract", UUID(plan["id"]))
        return document


def _pdf(plan: PlanDocument, name: str, contract: bytes | None) -> bytes:
    pdf = render(booklet_of(plan, name))
    if contract is None:
        return pdf
    try:
        return with_contract(pdf, contract)
    except UnreadableContract:
        raise RulesBroken([Breach("R146")]) from None


def _failure(
    status: int, code: str, said: str, headers: Mapping[str, str] = MappingProxyType({})
) -> Response:
    return Response(
        orjson.dumps({"errors": [{"message": said, "extensions": {"code": code}}]}),
        status_code=status,
        media_type="application/json",
        headers={**_HEADERS, **headers},
    )
