"""The contract of the integration programme."""

from dataclasses import replace
from uuid import UUID

import pytest

from app.actions.contract import MAX_BYTES, attach_contract
from app.domain.contract import ContractDraft
from app.errors import BadUserInput, RulesBroken
from tests.actions.desk import JOBCENTER_VIEWER, TODAY, Desk, Outcome, day

DRAFT = ContractDraft(b"%PDF-1.7 ...", "kontrakt.pdf", day(-9), "Prøve i Dansk 2")


async def attach(desk: Desk, citizen_id: UUID, draft: ContractDraft = DRAFT) -> Outcome:
    return await desk.run(JOBCENTER_VIEWER, lambda work: attach_contract(work, citizen_id, draft))


async def test_a_contract_is_stored_as_it_is_and_replaced(desk: Desk) -> None:
    citizen_id = await desk.citizen("INTEGRATION_PROGRAMME")
    assert (await attach(desk, citizen_id)).notices == 1
    contract = (await desk.plan(citizen_id))["contract"]
    assert contract.pop("attached_at").startswith(TODAY.isoformat())
    assert contract == {
        "file_name": "kontrakt.pdf",
        "signed_on": day(-9).isoformat(),
        "danish_goal": "Prøve i Dansk 2",
        "valid_until": None,
    }
    assert await desk.value("select document from integration_contract") == DRAFT.document
    assert (await attach(desk, citizen_id)).versions == {}
    await attach(desk, citizen_id, replace(DRAFT, danish_goal=" "))
    assert (await desk.plan(citizen_id))["contract"]["danish_goal"] is None


@pytest.mark.rule("R146", "allowed")
async def test_another_pdf_with_the_same_facts_is_a_new_contract(desk: Desk) -> None:
    citizen_id = await desk.citizen("INTEGRATION_PROGRAMME")
    await attach(desk, citizen_id)
    before = (await desk.plan(citizen_id))["contract"]["attached_at"]
    again = await attach(desk, citizen_id, replace(DRAFT, document=b"%PDF-1.7 signed"))
    assert (again.versions, again.notices) == ({"FULL": 2}, 1)
    assert (await desk.plan(citizen_id))["contract"]["attached_at"] > before
    assert await desk.value("select document from integration_contract") == b"%PDF-1.7 signed"


@pytest.mark.rule("R146", "refused")
async def test_other_groups_have_no_contract(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    with pytest.raises(RulesBroken) as refused:
        await attach(desk, citizen_id, replace(DRAFT, danish_goal="x" * 301))
    assert [breach.rule for breach in refused.value.breaches] == ["R4", "R80"]
    assert await desk.value("select count(*) from integration_contract") == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"document": b"<html>"}, "document"),
        ({"document": b"%PDF-" + bytes(MAX_BYTES)}, "document"),
        ({"file_name": 'a".pdf'}, "fileName"),
    ],
    ids=["no PDF", "too large", "no file name"],
)
async def test_what_is_no_contract_is_refused(
    desk: Desk, change: dict[str, object], field: str
) -> None:
    citizen_id = await desk.citizen("INTEGRATION_PROGRAMME")
    with pytest.raises(BadUserInput) as refused:
        await attach(desk, citizen_id, replace(DRAFT, **change))  # type: ignore[arg-type]  # named fields
    assert refused.value.path == ("input", field)
