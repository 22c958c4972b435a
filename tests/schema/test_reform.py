"""A reform as data: a target group and a composition come by CSV, and its plans work at once."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.domain.viewer import Role
from app.store.code_list_imports import import_compositions, import_target_groups
from app.store.code_lists import read_csv, store_occupations
from tests.schema.figures import (
    DESCRIPTION,
    EDUCATION_GOAL,
    MENTOR,
    SOUGHT_JOB,
    STEP,
    WELDER,
    Part,
    agreement,
    elements,
    job_goals,
    requirement,
    write,
)
from tests.story import BREACHES, CONVERSATION, MEMBERSHIP, conversation, cpr, new_citizen
from tests.world import FUND, JOBCENTER, World

ROOT = Path(__file__).parents[2]
FIRST, LAST = date(2026, 3, 10), date(2026, 6, 30)
GROUP = "REFORM_BENEFIT"
ELEMENTS = (
    *("PLAN_DESCRIPTION", "JOB_GOALS", "EDUCATION_GOALS"),
    *("LATEST_AGREEMENT_UNEMPLOYMENT_FUND", "LATEST_AGREEMENT_JOBCENTER", "TIMELINE"),
)
COMPOSITION = "\n".join(
    [
        "composition,position,element,only_if_any,source",
        *(f"R26,{n},{element},no,a reform" for n, element in enumerate(ELEMENTS, 1)),
    ]
)
HEADING = (ROOT / "db/codes/target_groups.csv").read_text("utf-8").splitlines()[0]
OPERATION = "mutation($input: %sInput!) { %s(input: $input) { __typename %s } }"
UPSERT = OPERATION % ("UpsertCitizen", "upsertCitizen", BREACHES)
MOVE = OPERATION % ("SetTargetGroup", "setTargetGroup", BREACHES)
NAME = {"given": "Signe", "surname": "Lindhave"}


def group_row(valid_to: date | None = None) -> str:
    """Obliged, occupations only, education goals may be, requirements by the jobcenter."""
    return (
        f"{GROUP},modtager af ny ydelse,,yes,JOB_PLAN,R26,OCCUPATION,OPTIONAL,AGREED_PATH,yes,"
        f"JOBCENTER,no,no,1,YES,no,yes,no,{FIRST},{valid_to or ''},a reform"
    )


async def imported(world: World, folder: Path, what: str, *lines: str) -> str:
    """What `minplan import` says of a file with these lines."""
    file = folder / f"{what}.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    urls = {
        "MINPLAN_DATABASE_URL": world.settings.database_url or "",
        "MINPLAN_REDIS_URL": world.settings.redis_url or "",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "import", what, str(file)),
        cwd=ROOT,
        env=os.environ | urls,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def stored(world: World, folder: Path, what: str, *lines: str) -> str:
    """The same inside this process, which takes a hundredth of the time."""
    file = folder / f"{what}.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        async with connection.transaction():
            done = await STORES[what](connection, read_csv(file))
    finally:
        await connection.close()
    return "\n".join(map(str, done if isinstance(done, list) else [done]))


STORES: dict[str, Callable[..., Awaitable[Any]]] = {
    "occupations": store_occupations,
    "compositions": import_compositions,
    "target-groups": import_target_groups,
}


async def reform(world: World, folder: Path, bring: Callable[..., Awaitable[str]] = stored) -> None:
    await bring(world, folder, "occupations", "code,label", f"{WELDER},Svejser")
    assert "6 added" in await bring(world, folder, "compositions", COMPOSITION)
    assert "target_group: 1 added" in await bring(
        world, folder, "target-groups", HEADING, group_row()
    )


async def register(world: World, number: str, **more: Any) -> Any:
    """What the registers are answered for a citizen in the new group."""
    given = {
        "civilRegistrationNumber": number,
        "name": NAME,
        "municipalityCode": JOBCENTER,
        "targetGroup": GROUP,
        **more,
    }
    answer = await world.ask(world.token(Role.SYSTEM), UPSERT, input=given)
    return answer["upsertCitizen"]


def codes(answer: Any) -> list[str]:
    return [breach["code"] for breach in answer.get("breaches", [])]


async def move(world: World, citizen: str, group: str) -> list[str]:
    given = {"citizenId": citizen, "targetGroup": group}
    answer = await world.ask(world.token(Role.JOBCENTER), MOVE, input=given)
    return codes(answer["setTargetGroup"])


async def reformed(world: World) -> str:
    """A member of a fund in the new group."""
    citizen = await new_citizen(world, GROUP)
    membership = {"citizenId": citizen, "fundCode": FUND, "insurance": "FULL_TIME"}
    await world.ask(
        world.token(Role.SYSTEM), MEMBERSHIP, input={**membership, "from": "2020-01-01"}
    )
    return citizen


async def answered(world: World, citizen: str, role: Role, part: Part) -> list[str]:
    """Codes of what one mutation breaks; none when it is done."""
    answer = await write(world, citizen, role, part)
    assert "errors" not in answer, answer
    return codes(answer["data"][part.mutation])


@pytest.mark.rule("R131", "allowed")
@pytest.mark.rule("R131", "refused")
async def test_a_new_group_takes_citizens_on_its_first_day_and_not_the_day_before(
    world: World, tmp_path: Path
) -> None:
    await reform(world, tmp_path, imported)
    other = await new_citizen(world)
    world.at(date(2026, 3, 9))
    number = cpr(9001)
    assert codes(await register(world, number)) == ["INVALID_TARGET_GROUP"]
    assert await move(world, other, GROUP) == ["INVALID_TARGET_GROUP"]
    world.at(FIRST)
    assert (await register(world, number))["__typename"] == "UpsertCitizenPayload"
    assert await move(world, other, GROUP) == []


@pytest.mark.rule("R5", "allowed")
@pytest.mark.rule("R4", "allowed")
@pytest.mark.rule("R1", "allowed")
async def test_a_plan_of_the_new_group_is_written_and_read_by_every_role_that_may(
    world: World, tmp_path: Path
) -> None:
    await reform(world, tmp_path)
    world.at(FIRST)
    citizen = await reformed(world)
    goal = {"occupationCode": WELDER}
    parts = [
        SOUGHT_JOB,
        job_goals(Role.JOBCENTER, goal),
        *(EDUCATION_GOAL, DESCRIPTION, agreement(Role.JOBCENTER), agreement(Role.FUND)),
        *(requirement(Role.JOBCENTER), MENTOR),
    ]
    for part in parts:
        assert await answered(world, citizen, part.role, part) == [], part
    for role in (Role.CITIZEN, Role.JOBCENTER, Role.FUND):
        assert await elements(world, citizen, role) == list(ELEMENTS)


@pytest.mark.rule("R4", "refused")
async def test_what_the_new_group_may_not_have_is_refused(world: World, tmp_path: Path) -> None:
    await reform(world, tmp_path)
    world.at(FIRST)
    citizen = await reformed(world)
    function = job_goals(Role.JOBCENTER, {"jobFunctionText": "Køkken- og kantinearbejde"})
    assert "FREE_TEXT_NOT_ALLOWED" in await answered(world, citizen, Role.JOBCENTER, function)
    assert await answered(world, citizen, Role.JOBCENTER, STEP) != []
    assert "WRONG_ISSUER" in await answered(world, citizen, Role.FUND, requirement(Role.FUND))
    await answered(world, citizen, Role.CITIZEN, SOUGHT_JOB)
    assert await elements(world, citizen, Role.CITIZEN) is None


@pytest.mark.rule("R131", "refused")
@pytest.mark.rule("R131", "allowed")
async def test_an_ended_group_takes_nobody_new_and_those_in_it_stay(
    world: World, tmp_path: Path
) -> None:
    await reform(world, tmp_path)
    world.at(FIRST)
    citizen, other = await reformed(world), await new_citizen(world)
    assert await answered(world, citizen, Role.JOBCENTER, agreement(Role.JOBCENTER)) == []
    said = await stored(world, tmp_path, "target-groups", HEADING, group_row(LAST))
    assert "target_group: 0 added, 1 changed" in said
    again = await stored(world, tmp_path, "target-groups", HEADING, group_row(LAST))
    assert "target_group: 0 added, 0 changed, 1 unchanged" in again
    world.at(LAST)
    assert codes(await register(world, cpr(9002))) == []
    world.at(date(2026, 7, 1))
    assert codes(await register(world, cpr(9003))) == ["INVALID_TARGET_GROUP"]
    assert await move(world, other, GROUP) == ["INVALID_TARGET_GROUP"]
    assert await move(world, citizen, GROUP) == []
    held = conversation(world, citizen, "Vi følger op i august.")
    done = await world.ask(world.token(Role.JOBCENTER), CONVERSATION, input=held)
    assert done["registerConversation"]["__typename"] == "RegisterConversationPayload"
    own = world.token(Role.CITIZEN, citizen=citizen)
    read = await world.ask(
        own, "query($id: ID!) { citizen(id: $id) { targetGroup { code validTo } } }", id=citizen
    )
    assert read["citizen"]["targetGroup"] == {"code": GROUP, "validTo": str(LAST)}
    listed = (await world.ask(own, "{ targetGroups { code validTo } }"))["targetGroups"]
    assert {"code": GROUP, "validTo": str(LAST)} in listed
