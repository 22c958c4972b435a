"""What of the demo plans stays hidden: from a fund, and from staff what a youth has not sent."""

import pytest

from app.actions.completeness import check_completeness
from app.actions.education_step import send_education_step
from app.dev.demo.examples import Example, day
from app.dev.demo.people import citizen
from app.domain.viewer import Role
from app.store.publication import publish
from app.store.work import Work
from tests.demo_view import (
    DERIVED,
    EXAMPLES,
    FUND,
    ORGANISATIONS,
    Json,
    everything_of,
    ids,
    plans,
    ref_by,
    ref_of_intervention,
    said,
    shown,
)
from tests.world import World, noon

FUND_VIEWS = {
    "D-3": (DERIVED["D-3"], "B1-6", DERIVED["D-3"]["unemployment_fund_view"]),
    "D-4": (EXAMPLES["D-4"].case, "D-4", EXAMPLES["D-4"].case["unemployment_fund_view"]),
    "O-2": (
        EXAMPLES["O-2"].case,
        "O-2",
        EXAMPLES["O-2"].case["unemployment_fund_view"],
    ),
}


@pytest.mark.parametrize("case", FUND_VIEWS)
@pytest.mark.rule("R87", "refused")
async def test_a_fund_gets_what_it_may_see_and_no_trace_of_the_rest(
    shared_demo: World, case: str
) -> None:
    asked, number, expected = FUND_VIEWS[case]
    example = EXAMPLES[number]
    shared_demo.at(day(asked["today"]))
    citizen_id = str((await ids(shared_demo))[number][0])
    viewer = expected if "viewer_organisation" in expected else asked
    token = shared_demo.token(
        Role.FUND,
        organisation=ORGANISATIONS[viewer["viewer_organisation"]],
        name=viewer["viewer_name"],
    )
    found = (await shared_demo.ask(token, FUND, id=citizen_id, months=6))["citizen"]
    if expected["plan"] is None:
        assert found["plan"] is None and found["viewAsCitizen"] is None
        await check_beside_hidden_plan(shared_demo, token, citizen_id, expected, example)
    else:
        wanted = said(expected["plan"]["elements"])
        assert shown(found["plan"], example) == shown(found["viewAsCitizen"], example) == wanted
        assert found["plan"]["hiddenPartsNotice"] == expected["hidden_parts_notice"]
    whole = await everything_of(shared_demo, Role.FUND, token, citizen_id)
    forbidden = [
        *expected["must_not_appear"]["strings"],
        *(f'"{kind}"' for kind in expected["must_not_appear"]["intervention_kinds"]),
        *await hidden_ids(shared_demo, example, expected["must_not_appear"]),
    ]
    assert [text for text in forbidden if text in whole] == []
    assert example.citizen["surname"] in whole  # it was asked


async def check_beside_hidden_plan(
    demo: World, token: str, citizen_id: str, expected: Json, example: Example
) -> None:
    """What stays readable for a fund where it does not see the plan (R88)."""
    found = (
        await demo.ask(
            token,
            "query($id: ID!) { citizen(id: $id) { hiddenPartsNotice requirements { id }"
            " soughtJobs { id } conversations { agreementText } meetings { externalId } } }",
            id=citizen_id,
        )
    )["citizen"]
    data = example.data
    conversations = [
        ref_by("agreement_text", one["agreementText"], data["conversations"])
        for one in found["conversations"]
    ]
    meetings = [ref_by("external_id", m["externalId"], data["meetings"]) for m in found["meetings"]]
    assert found["hiddenPartsNotice"] == expected["hidden_parts_notice"]
    assert found["requirements"] == expected["requirements"]
    assert found["soughtJobs"] == expected["sought_jobs"]
    assert conversations == expected["own_conversations"]
    assert meetings == expected.get("future_meetings", [])


async def hidden_ids(demo: World, example: Example, hidden: Json) -> list[str]:
    """The ids that interventions and conversations have for those who see them."""
    plan = (await plans(demo, example))["staff"]
    data = example.data
    found = {
        ref_of_intervention(one["description"]["description"], example): one["id"]
        for one in plan["interventions"]
    } | {
        ref_by("agreement_text", one["agreementText"], data["conversations"]): one["id"]
        for one in plan["agreements"]
    }
    return [
        found[ref] for ref in (*hidden["intervention_refs"], *hidden.get("conversation_refs", ()))
    ]


async def test_another_fund_finds_nobody(shared_demo: World) -> None:
    expected = EXAMPLES["O-2"].case["other_fund_view"]
    shared_demo.at(day(EXAMPLES["O-2"].case["today"]))
    citizen_id = str((await ids(shared_demo))["O-2"][0])
    token = shared_demo.token(
        Role.FUND, organisation=ORGANISATIONS[expected["viewer_organisation"]]
    )
    assert await shared_demo.ask(token, FUND, id=citizen_id, months=6) == {"citizen": None}


@pytest.mark.rule("R148", "refused")
async def test_what_a_youth_saved_and_did_not_send_reaches_no_caseworker(
    shared_demo: World,
) -> None:
    example = EXAMPLES["O-1"]
    shared_demo.at(day(example.case["today"]))
    expected = example.case["caseworker_view"]
    found = await plans(shared_demo, example)
    wanted = said(expected["elements"])
    (step,) = [one for one in wanted if one["element"] == "EDUCATION_STEP"]
    possible = step.pop("status_one_of")
    for view, may_act in ((found["staff"], False), (found["as"], True)):
        elements = shown(view, example)
        (seen,) = [one for one in elements if one["element"] == "EDUCATION_STEP"]
        assert seen.pop("status") in possible
        # by `viewAsCitizen` the caseworker sees the buttons that the citizen sees
        assert (seen.pop("actions", []) != []) == may_act
        assert elements == wanted
    citizen_id = str((await ids(shared_demo))["O-1"][0])
    code = example.citizen["municipality_code"]
    token = shared_demo.token(Role.JOBCENTER, organisation=code, name=expected["viewer_name"])
    whole = await everything_of(shared_demo, Role.JOBCENTER, token, citizen_id)
    assert [text for text in expected["must_not_appear"]["strings"] if text in whole] == []
    assert example.data["conversations"][0]["agreement_text"] in whole  # it was asked
    inbox = await shared_demo.ask(token, "{ inbox(first: 10) { edges { node { kind } } } }")
    assert [edge["node"]["kind"] for edge in inbox["inbox"]["edges"]] == expected["inbox_items"]


async def test_what_a_youth_sends_reaches_the_caseworker_and_can_no_longer_be_edited(
    demo: World,
) -> None:
    example = EXAMPLES["O-1"]
    today = day(example.case["today"])
    demo.at(today)
    citizen_id = (await ids(demo))["O-1"][0]
    assert demo.api.pool is not None
    async with demo.api.pool.acquire() as connection, connection.transaction():
        work = Work(connection, citizen(citizen_id, "Mille Kærsgaard"), noon(today).now)
        await send_education_step(work, citizen_id, 2)
        await check_completeness(work)
        await publish(work)
    expected = example.case["after_send"]
    found = await plans(demo, example)
    for view, wanted in (("own", "citizen_step"), ("staff", "caseworker_step")):
        steps = [one for one in shown(found[view], example) if one["element"] == "EDUCATION_STEP"]
        assert steps == [said(expected[wanted])]
    token = demo.token(Role.JOBCENTER, organisation=example.citizen["municipality_code"])
    inbox = await demo.ask(token, "{ inbox(first: 10) { edges { node { kind } } } }")
    assert [edge["node"]["kind"] for edge in inbox["inbox"]["edges"]] == expected["inbox_items"]
