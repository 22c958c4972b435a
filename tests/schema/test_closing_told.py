"""What a closing shows and to whom: the export under KUI, and views that are open meanwhile."""

import asyncpg
import pytest

from app.domain.viewer import Role
from tests.schema.test_closed_plan import CLOSE, close
from tests.schema.test_live import UPDATES, Listener, socket
from tests.story import hold_conversation, member, new_citizen
from tests.world import World


@pytest.mark.rule("R105", "refused")
async def test_only_the_citizen_and_the_jobcenter_may_ask_for_the_export(world: World) -> None:
    query = "query($id: ID!) { citizen(id: $id) { plan { kuiExport { exportedAt } } } }"
    citizen = await member(world)
    refused = await world.post(world.token(Role.FUND), query, id=citizen)
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    for role in (Role.FUND, Role.INSTITUTION, Role.CITIZEN, Role.SYSTEM):
        token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
        answer = await world.post(token, CLOSE, input={"citizenId": citizen})
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.rule("R105", "allowed")
async def test_a_youth_under_kui_is_closed_with_an_export_that_the_answer_shows(
    world: World,
) -> None:
    citizen = await new_citizen(world, "EDU_BENEFIT_EDU_READY", underKui=True)
    await hold_conversation(world, citizen)
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        await connection.execute("update citizen set birth_date = '2006-07-01'")
    finally:
        await connection.close()
    refused = await close(world, citizen)
    assert [(b["code"], b["path"]) for b in refused["breaches"]] == [
        ("KUI_EXPORT_REQUIRED", ["input", "exportToKui"])
    ]
    export = (await close(world, citizen, exportToKui=True))["plan"]["kuiExport"]
    assert export["latestAgreement"] == {"agreementText": "Du ringer til to vikarbureauer."}
    assert (export["educationGoals"], export["educationOrder"]) == ([], None)


async def test_a_live_view_goes_on_with_the_plan_that_follows(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    async with socket(world, world.token(Role.CITIZEN, citizen=citizen)) as session:
        listener = Listener(session, UPDATES, id=citizen, after=1)
        await close(world, citizen)
        assert (await listener.next())["planUpdated"]["version"] == 2
        await hold_conversation(world, citizen, "Du er tilbage.")
        event = (await listener.next())["planUpdated"]
        assert (event["version"], event["trigger"]) == (1, "CONVERSATION")
    async with socket(world, world.token(Role.CITIZEN, citizen=citizen)) as session:
        # what was seen last was a version of the plan before
        missed = await Listener(session, UPDATES, id=citizen, after=2).next()
        assert missed["planUpdated"]["version"] == 1
