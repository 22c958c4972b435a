"""Agreements through GraphQL: the latest one, how it is shown, and its corrections."""

from typing import Any

import pytest

from app.domain.viewer import Role
from tests.schema.eyes import differences, do, fund_sees, group, intervention, own_talk, talk
from tests.story import REFUSED, hold_conversation, member, new_citizen
from tests.world import World

CORRECT = (
    "mutation($i: CorrectAgreementInput!) { correctAgreement(input: $i) { __typename"
    " ... on CorrectAgreementPayload { version conversationId warnings { code rule path }"
    " plan { agreements { agreementText revision correctedAt hiddenFromUnemploymentFund } } } "
    + REFUSED
    + " } }"
)
READ = (
    "query($id: ID!) { citizen(id: $id) { plan { version"
    " jobcenter: latestAgreement(authority: JOBCENTER) { agreementText attribution }"
    " fund: latestAgreement(authority: UNEMPLOYMENT_FUND) { agreementText attribution }"
    " elements { ... on LatestAgreementElement { element heading text attribution } }"
    " agreements { id agreementText label popup { label value } } } } }"
)


async def read(world: World, citizen: str, role: Role) -> Any:
    return (await world.ask(world.token(role), READ, id=citizen))["citizen"]["plan"]


async def held(world: World, citizen: str, text: str = "Du søger to job om ugen.") -> str:
    """A jobcenter conversation; its id."""
    await do(world, world.token(Role.JOBCENTER), talk(world, citizen, text))
    found = await read(world, citizen, Role.JOBCENTER)
    newest: str = next(a["id"] for a in found["agreements"] if a["agreementText"] == text)
    return newest


async def correct(
    world: World, citizen: str, conversation: str, role: Role = Role.JOBCENTER, **changes: Any
) -> Any:
    given = {"citizenId": citizen, "conversationId": conversation, **changes}
    return (await world.ask(world.token(role), CORRECT, i=given))["correctAgreement"]


@pytest.mark.rule("R60", "allowed")
@pytest.mark.rule("R60", "refused")
@pytest.mark.rule("R61", "allowed")
async def test_the_latest_agreement_is_that_of_the_newest_held_conversation_with_a_text(
    world: World,
) -> None:
    """A conversation held before it, or without a text, leaves it; all are in the timeline."""
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Det nyeste.")
    await hold_conversation(world, citizen, "Det ældre.", heldAt="2026-03-01T09:00:00+01:00")
    await hold_conversation(world, citizen, "", heldAt="2026-03-02T10:00:00+01:00")
    found = await read(world, citizen, Role.JOBCENTER)
    assert found["jobcenter"]["agreementText"] == "Det nyeste."
    assert [a["agreementText"] for a in found["agreements"]] == ["Det nyeste.", "Det ældre."]


@pytest.mark.rule("R61", "refused")
async def test_no_mutation_writes_the_section_itself(world: World) -> None:
    """A conversation that is not held yet is no way either."""
    citizen = await new_citizen(world)
    refused = await hold_conversation(world, citizen, heldAt="2026-03-03T09:00:00+01:00")
    assert [b["rule"] for b in refused["breaches"]] == ["R61"]
    names = await world.ask(None, '{ __type(name: "Mutation") { fields { name } } }')
    written = {f["name"] for f in names["__type"]["fields"] if "Agreement" in f["name"]}
    assert "setLatestAgreement" not in written
    assert written <= {"correctAgreement", "setPlanAgreement", "upsertOtherAgreement"}


@pytest.mark.rule("R63", "allowed")
@pytest.mark.rule("R63", "refused")
@pytest.mark.rule("R64", "allowed")
async def test_the_funds_agreement_is_a_section_of_dagpenge_groups_only(world: World) -> None:
    """Both authorities read both; another group has the section no more, and it is kept."""
    citizen = await member(world)
    await held(world, citizen)
    await do(world, world.token(Role.FUND), own_talk(world, citizen, "Vi ses i maj."))
    for role in (Role.JOBCENTER, Role.FUND):
        found = await read(world, citizen, role)
        assert found["fund"]["agreementText"] == "Vi ses i maj."
        assert found["jobcenter"]["agreementText"] == "Du søger to job om ugen."
    await do(world, world.token(Role.JOBCENTER), group(citizen, "CASH_BENEFIT_JOB_READY"))
    found = await read(world, citizen, Role.JOBCENTER)
    assert found["fund"] is None
    assert len(found["agreements"]) == 2
    headings = [e["element"] for e in found["elements"] if e]
    assert headings == ["LATEST_AGREEMENT_JOBCENTER"]


@pytest.mark.rule("R64", "refused")
async def test_a_fund_reads_no_agreement_of_a_hidden_plan_but_its_own(world: World) -> None:
    citizen = await member(world)
    await held(world, citizen)
    await do(world, world.token(Role.FUND), own_talk(world, citizen, "Vi ses i maj."))
    await do(world, world.token(Role.JOBCENTER), group(citizen, "RESOURCE_PROGRAMME"))
    query = "query($id: ID!) { citizen(id: $id) { plan { id } conversations { agreementText } } }"
    found = (await world.ask(world.token(Role.FUND), query, id=citizen))["citizen"]
    assert found == {"plan": None, "conversations": [{"agreementText": "Vi ses i maj."}]}


@pytest.mark.rule("R65", "allowed")
@pytest.mark.rule("R69", "allowed")
async def test_a_past_agreement_shows_when_how_with_whom_and_what(world: World) -> None:
    citizen = await new_citizen(world)
    await held(world, citizen)
    found = await read(world, citizen, Role.JOBCENTER)
    (agreement,) = found["agreements"]
    assert [field["label"] for field in agreement["popup"]] == [
        "Hvornår",
        "Hvordan",
        "Med hvem",
        "Hvad blev aftalt",
    ]
    assert agreement["popup"][0]["value"].startswith("Mandag den 2. marts 2026")
    assert found["jobcenter"]["attribution"].startswith("Aftalt med ")
    assert found["jobcenter"]["attribution"].endswith(", den 2. marts 2026")


@pytest.mark.rule("R68", "allowed")
async def test_a_correction_shows_its_number_and_time(world: World) -> None:
    citizen = await new_citizen(world)
    conversation = await held(world, citizen)
    done = await correct(world, citizen, conversation, agreementText="Du søger tre job om ugen.")
    (found,) = done["plan"]["agreements"]
    assert (done["version"], found["agreementText"]) == (2, "Du søger tre job om ugen.")
    assert found["revision"] == 2 and found["correctedAt"]
    stale = await correct(world, citizen, conversation, agreementText="Nej.", expectedVersion=1)
    assert stale["__typename"] == "VersionConflict"


@pytest.mark.rule("R68", "refused")
async def test_a_correction_that_says_the_same_leaves_the_version(world: World) -> None:
    citizen = await new_citizen(world)
    conversation = await held(world, citizen)
    same = await correct(world, citizen, conversation, agreementText="Du søger to job om ugen.")
    assert (same["version"], same["plan"]["agreements"][0]["revision"]) == (1, 1)


@pytest.mark.rule("R62", "refused")
@pytest.mark.rule("R121", "refused")
async def test_the_other_authority_and_the_citizen_correct_nothing(world: World) -> None:
    citizen = await member(world)
    conversation = await held(world, citizen)
    refused = await correct(world, citizen, conversation, Role.FUND, agreementText="Andet.")
    (breach,) = refused["breaches"]
    assert (breach["rule"], breach["code"]) == ("R62", "FORBIDDEN")
    given = {"citizenId": citizen, "conversationId": conversation, "agreementText": "Andet."}
    own = await world.post(world.token(Role.CITIZEN, citizen=citizen), CORRECT, i=given)
    assert own["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.rule("R87", "refused")
@pytest.mark.parametrize("under_hidden_type", [False, True])
async def test_a_correction_that_a_fund_may_not_read_leaves_it_no_trace(
    world: World, under_hidden_type: bool
) -> None:
    """Of an agreement marked as hidden, or one corrected while the plan type was hidden (R135)."""
    seen = []
    for hidden in (True, False):
        citizen = await member(world)
        staff = world.token(Role.JOBCENTER)
        conversation = await held(world, citizen)
        if under_hidden_type:
            await do(world, staff, group(citizen, "RESOURCE_PROGRAMME"))
        else:
            await correct(world, citizen, conversation, hiddenFromUnemploymentFund=True)
        if hidden:
            done = await correct(world, citizen, conversation, agreementText="Om din ryg.")
            assert done["__typename"] == "CorrectAgreementPayload"
        if under_hidden_type:
            await do(world, staff, group(citizen, "UNEMPLOYMENT_BENEFIT"))
        else:
            await do(world, staff, intervention(world, citizen, "MENTOR"))
        seen.append(await fund_sees(world, citizen))
    assert differences(seen[0], seen[1]) == []


@pytest.mark.rule("R87", "allowed")
async def test_the_warning_of_a_hidden_intervention_names_its_place(world: World) -> None:
    citizen = await member(world)
    staff = world.token(Role.JOBCENTER)
    (created,) = await do(world, staff, intervention(world, citizen, "AID"))
    status = {"interventionId": created["interventionId"], "text": "Den virker."}
    (told,) = await do(world, staff, talk(world, citizen, "Du bruger luppen.", statuses=[status]))
    assert {
        "code": "NAMES_HIDDEN_INTERVENTION",
        "path": ["input", "statuses", "0", "interventionId"],
    } in told["warnings"]
    (safe,) = await do(
        world,
        staff,
        talk(world, citizen, "Du bruger den.", statuses=[status], hiddenFromUnemploymentFund=True),
    )
    assert "NAMES_HIDDEN_INTERVENTION" not in [w["code"] for w in safe["warnings"]]
