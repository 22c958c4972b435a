"""The PDF of a plan: what is current, for whoever may see it, and the contract behind it."""

import base64
import io
from contextlib import suppress
from datetime import timedelta

import httpx
import pytest
from hypothesis import given, settings, strategies as st
from pypdf import PdfReader, PdfWriter

from app.dev.demo.pdf import small_pdf
from app.domain.pdf import PdfField, PdfItem, PdfSection
from app.domain.viewer import Role
from app.pdf.contract import UnreadableContract, with_contract
from app.pdf.render import Booklet, render
from tests.story import aid, hold_conversation, member, new_citizen
from tests.world import OTHER_JOBCENTER, World

CREATE = (
    "mutation($input: CreateInterventionInput!) {"
    " createIntervention(input: $input) { __typename } }"
)
ATTACH = "mutation($input: AttachContractInput!) { attachContract(input: $input) { __typename } }"
MENTOR = {
    "description": "Du har en mentor på arbejdspladsen.",
    "why": "Så ved du, hvem du kan spørge.",
    "place": "Værftet Havterne",
    "mentorTasks": "At tage imod dig om morgenen.",
}


async def get(
    world: World,
    citizen: str,
    role: Role = Role.CITIZEN,
    query: str = "",
    organisation: str | None = None,
) -> httpx.Response:
    own = citizen if role is Role.CITIZEN else None
    token = world.token(role, citizen=own, organisation=organisation)
    return await world.client.get(
        f"{world.base_url}/plans/{citizen}.pdf{query}",
        headers={"authorization": f"Bearer {token}"},
    )


def pages(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/pdf"
    return [page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages]


def said(response: httpx.Response) -> str:
    return " ".join(" ".join(pages(response)).split())


def code(response: httpx.Response) -> tuple[int, str]:
    (error,) = response.json()["errors"]
    return response.status_code, error["extensions"]["code"]


async def mentor(world: World, citizen: str, description: str, days: int) -> None:
    """A mentor from today for some days."""
    start = world.day[0]
    given = {
        **MENTOR,
        "description": description,
        "startDate": str(start),
        "endDate": str(start + timedelta(days=days)),
    }
    data = await world.ask(
        world.token(Role.JOBCENTER),
        CREATE,
        input={"citizenId": citizen, "intervention": {"mentor": given}},
    )
    assert data["createIntervention"]["__typename"] == "CreateInterventionPayload", data


@pytest.mark.rule("R143", "allowed")
@pytest.mark.rule("R143", "refused")
async def test_the_pdf_begins_with_its_contents_and_has_no_timeline(shared_world: World) -> None:
    citizen = await new_citizen(shared_world)
    await hold_conversation(shared_world, citizen)
    response = await get(shared_world, citizen)
    first = pages(response)[0]
    assert first.split("\n")[:3] == ["Min Plan", "Signe Lindhave", "Indholdsfortegnelse"]
    assert "Seneste aftale med jobcenter" in first
    assert "Side 1 af 1" in first and "Version 1, offentliggjort 2. marts 2026" in first
    assert "Indsatser og aftaler" not in first and "tidslinje" not in first.lower()
    assert response.headers["content-disposition"] == 'attachment; filename="min-plan-1.pdf"'
    assert response.headers["cache-control"] == "private, no-store"


@pytest.mark.rule("R144", "allowed")
@pytest.mark.rule("R144", "refused")
async def test_only_what_is_current_is_in_it(world: World) -> None:
    citizen = await new_citizen(world, "CASH_BENEFIT_ACTIVITY_READY")
    await hold_conversation(world, citizen, "En aftale fra før.")
    await mentor(world, citizen, "Den korte ordning.", 3)
    await mentor(world, citizen, "Den lange ordning.", 60)
    world.at(world.day[0] + timedelta(days=7))
    await hold_conversation(world, citizen, "Den nyeste aftale.")
    text = said(await get(world, citizen))
    assert "Den nyeste aftale." in text and "Den lange ordning." in text
    assert "En aftale fra før." not in text and "Den korte ordning." not in text


@pytest.mark.rule("R145", "allowed")
@pytest.mark.rule("R145", "refused")
async def test_the_jobcenter_gets_the_citizens_pdf_and_the_fund_its_own(
    shared_world: World,
) -> None:
    citizen = await member(shared_world)
    await hold_conversation(shared_world, citizen)
    data = await shared_world.ask(
        shared_world.token(Role.JOBCENTER), CREATE, input=aid(shared_world, citizen)
    )
    assert data["createIntervention"]["__typename"] == "CreateInterventionPayload", data
    own, staff, fund = [
        said(await get(shared_world, citizen, role))
        for role in (Role.CITIZEN, Role.JOBCENTER, Role.FUND)
    ]
    assert own == staff and "skærmlup" in own
    assert "skærmlup" not in fund and "Version 1" in fund and "Version 2" in own
    notice = "Der kan være oplysninger i planen, som du ikke kan se"
    assert notice in fund and notice not in own


@pytest.mark.rule("R88", "refused")
@pytest.mark.rule("R145", "refused")
async def test_a_plan_that_a_fund_may_not_see_is_answered_as_one_that_is_not_there(
    shared_world: World,
) -> None:
    hidden, nothing = await member(shared_world, "RESOURCE_PROGRAMME"), await member(shared_world)
    await hold_conversation(shared_world, hidden)
    answers = [await get(shared_world, citizen, Role.FUND) for citizen in (hidden, nothing)]
    assert code(answers[0]) == (404, "PLAN_NOT_AVAILABLE")
    assert answers[0].content == answers[1].content


@pytest.mark.rule("R146", "allowed")
@pytest.mark.rule("R146", "refused")
async def test_the_contract_stands_behind_the_plan_where_there_is_one(shared_world: World) -> None:
    citizen = await new_citizen(shared_world, "INTEGRATION_PROGRAMME")
    await hold_conversation(shared_world, citizen)
    assert code(await get(shared_world, citizen, query="?contract=true")) == (
        404,
        "CONTRACT_NOT_FOUND",
    )
    document = base64.b64encode(small_pdf(["Kontrakt om danskuddannelse"])).decode()
    data = await shared_world.ask(
        shared_world.token(Role.JOBCENTER),
        ATTACH,
        input={"citizenId": citizen, "document": document, "fileName": "kontrakt.pdf"},
    )
    assert data["attachContract"]["__typename"] == "AttachContractPayload", data
    plain, whole = (
        pages(await get(shared_world, citizen)),
        pages(await get(shared_world, citizen, query="?contract=true")),
    )
    assert len(whole) == len(plain) + 1
    assert "Kontrakt om danskuddannelse" in whole[-1]
    other = await new_citizen(shared_world)
    await hold_conversation(shared_world, other)
    assert code(await get(shared_world, other, query="?contract=true")) == (
        404,
        "CONTRACT_NOT_FOUND",
    )


async def test_who_may_not_read_the_plan_gets_no_pdf_of_it(shared_world: World) -> None:
    citizen, another = await member(shared_world), await new_citizen(shared_world)
    await hold_conversation(shared_world, citizen)
    bare = await shared_world.client.get(f"{shared_world.base_url}/plans/{citizen}.pdf")
    assert code(bare) == (401, "UNAUTHENTICATED")
    for role in (Role.INSTITUTION, Role.SYSTEM):
        assert code(await get(shared_world, citizen, role)) == (403, "FORBIDDEN")
    elsewhere = await get(shared_world, citizen, Role.JOBCENTER, organisation=OTHER_JOBCENTER)
    nobody = await get(shared_world, "no-such-id", Role.JOBCENTER)
    assert elsewhere.content == nobody.content
    assert code(nobody) == (404, "NOT_FOUND")
    token = shared_world.token(Role.CITIZEN, citizen=another)
    stranger = await shared_world.client.get(
        f"{shared_world.base_url}/plans/{citizen}.pdf", headers={"authorization": f"Bearer {token}"}
    )
    assert code(stranger) == (404, "NOT_FOUND")


@pytest.mark.rule("R149", "allowed")
async def test_every_download_by_staff_is_noted_for_the_citizen(shared_world: World) -> None:
    citizen = await new_citizen(shared_world)
    await hold_conversation(shared_world, citizen)
    log = "query($id: ID!) { citizen(id: $id) { accessLog(first: 10) { edges { node { at } } } } }"

    async def reads() -> int:
        token = shared_world.token(Role.CITIZEN, citizen=citizen)
        data = await shared_world.ask(token, log, id=citizen)
        return len(data["citizen"]["accessLog"]["edges"])

    before = await reads()
    pages(await get(shared_world, citizen))
    assert await reads() == before
    pages(await get(shared_world, citizen, Role.JOBCENTER))
    assert await reads() == before + 1


@pytest.mark.parametrize(
    "written",
    [
        *("\U0001f642 Godt gået", "李小龍", "\uf0b7 Ring", "a\x80b", "\ufeffHej", "\u200b" * 3900),
        *(
            "ø" * 3900,
            "#let x = 1 $ @a *b* _c_ \\ `d` \\u0001",
            "مرحبا",
            "<a>\u202e</a>",
            "ภาษาไทย",
        ),
    ],
)
async def test_whatever_people_write_is_set(shared_world: World, written: str) -> None:
    citizen = await new_citizen(shared_world)
    answer = await hold_conversation(shared_world, citizen, f"Aftale. {written}")
    assert answer["__typename"] == "RegisterConversationPayload", answer
    assert "Aftale." in said(await get(shared_world, citizen))


def test_a_word_longer_than_any_page_is_broken() -> None:
    for text in ("ø" * 100_000, "\u200b" * 50_000, "م" * 100_000, '"' * 100_000):
        item = PdfItem(heading=None, fields=[PdfField(label=None, value=text)])
        booklet = Booklet(
            title="Min Plan",
            name="Signe",
            contents="Indhold",
            page_word="Side",
            of_word="af",
            footer="Version 1",
            notice=None,
            sections=[PdfSection(heading="Jobmål", items=[item])],
        )
        assert render(booklet).startswith(b"%PDF")


@given(st.binary(max_size=60), st.integers(0, 900))
@settings(max_examples=150)
def test_a_broken_contract_is_unreadable_and_never_a_failure(noise: bytes, place: int) -> None:
    plan = small_pdf(["Plan"])
    broken = small_pdf(["Kontrakt"])
    broken = broken[:place] + noise + broken[place + len(noise) :]
    with suppress(UnreadableContract):
        assert with_contract(plan, broken).startswith(b"%PDF")


async def test_an_encrypted_contract_is_answered_as_one_that_cannot_be_had(
    shared_world: World,
) -> None:
    citizen = await new_citizen(shared_world, "INTEGRATION_PROGRAMME")
    locked = PdfWriter(clone_from=PdfReader(io.BytesIO(small_pdf(["Kontrakt"]))))
    locked.encrypt("hemmeligt", algorithm="AES-256")
    document = io.BytesIO()
    locked.write(document)
    given = {"citizenId": citizen, "fileName": "kontrakt.pdf"}
    data = await shared_world.ask(
        shared_world.token(Role.JOBCENTER),
        ATTACH,
        input={**given, "document": base64.b64encode(document.getvalue()).decode()},
    )
    assert data["attachContract"]["__typename"] == "AttachContractPayload", data
    answer = await get(shared_world, citizen, query="?contract=true")
    assert code(answer) == (404, "CONTRACT_NOT_FOUND")
