"""Each composition is built from nothing, by clients of the roles that may write its parts."""

from typing import Any

import asyncpg
import pytest

from app.domain.viewer import Role
from tests.schema.figures import FIGURES, WELDER, Figure, Part, elements, write
from tests.story import new_citizen
from tests.world import FUND, World


@pytest.fixture
def world(shared_world: World) -> World:
    """One running API for the file: each story is about citizens of its own."""
    return shared_world


@pytest.fixture
async def occupations(world: World) -> None:
    """The one code list that no release brings: occupations are imported."""
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        await connection.execute(
            "insert into occupation (code, label) values ($1, 'Svejser') on conflict do nothing",
            WELDER,
        )
    finally:
        await connection.close()


def operations(figure: Figure) -> list[tuple[Part, ...]]:
    """The parts one by one, but for goals that a plan needs together (R45)."""
    goals = tuple(part for part in figure.parts if part.mutation in GOALS)
    if figure.group != "UNEMPLOYMENT_BENEFIT_EDU_ORDER":
        return [(part,) for part in figure.parts]
    return [goals, *((part,) for part in figure.parts if part not in goals)]


def facts(world: World, figure: Figure, number: str) -> dict[str, Any]:
    """What the registers know of a citizen; a youth has this number."""
    known = {"contactCourseStart": str(world.day[0]), **figure.facts}
    if "civilRegistrationNumber" in known:
        known["civilRegistrationNumber"] = number
    return known


GOALS = ("setEducationGoals", "setJobGoals")
WRITERS = (Role.CITIZEN, Role.JOBCENTER, Role.FUND, Role.INSTITUTION, Role.SYSTEM)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.rule("R5", "allowed")
@pytest.mark.rule("R4", "allowed")
@pytest.mark.rule("R1", "allowed")
async def test_a_figure_is_built_from_nothing_by_the_roles_that_may_write_its_parts(
    world: World, occupations: None, name: str
) -> None:
    figure = FIGURES[name]
    citizen = await new_citizen(
        world,
        figure.group,
        fund=figure.fund,
        **facts(world, figure, "0107054321"),
    )
    for parts in operations(figure):
        answer = await write(world, citizen, parts[0].role, *parts)
        assert "errors" not in answer, answer
        for part in parts:
            assert answer["data"][part.mutation]["__typename"].endswith("Payload"), answer
    for role in (Role.CITIZEN, Role.JOBCENTER):
        assert await elements(world, citizen, role) == list(figure.elements)
    if figure.fund:
        assert await elements(world, citizen, Role.FUND) == list(figure.elements)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.rule("R1", "refused")
@pytest.mark.rule("R121", "refused")
async def test_nobody_else_writes_a_part_of_a_figure(
    world: World, occupations: None, name: str
) -> None:
    figure = FIGURES[name]
    citizen = await new_citizen(
        world,
        figure.group,
        fund=figure.fund or FUND,
        **facts(world, figure, "0107054322"),
    )
    may = {(part.mutation, part.role) for part in figure.parts}
    may |= {("addSoughtJob", Role.CITIZEN)}
    for part in figure.parts:
        for role in WRITERS:
            if (part.mutation, role) in may:
                continue
            answer = await write(world, citizen, role, part)
            refused = answer.get("errors") or answer["data"][part.mutation]["__typename"] in (
                *("RuleBreaches", "NotFound"),
            )
            assert refused, (part.mutation, role, answer)
    for role in (Role.CITIZEN, Role.JOBCENTER, Role.FUND):
        assert await elements(world, citizen, role) is None, "a refused part opens no plan"
