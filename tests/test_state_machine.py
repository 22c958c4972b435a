"""Whatever anybody asks, in any order and over time, the plan stays whole and keeps its secrets."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
from graphql import get_named_type
from hypothesis import HealthCheck, event, note, settings as hypothesis_settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from app.domain.viewer import Role
from app.policy.permissions import permissions
from app.schema.build import assembled
from app.settings import Settings
from tests.state.clockwork import pass_of_schedule
from tests.state.inputs import NOUN, OCCUPATIONS, Facts, input_for, plausible
from tests.state.truth import Truth
from tests.story import BREACHES, new_citizen
from tests.world import FUND, TODAY, World, open_world

SCHEMA = assembled()._schema
MUTATIONS = sorted(SCHEMA.mutation_type.fields) if SCHEMA.mutation_type else []
ROLES = (Role.CITIZEN, Role.JOBCENTER, Role.FUND, Role.INSTITUTION, Role.SYSTEM)
START_GROUPS = (
    *("UNEMPLOYMENT_BENEFIT", "CASH_BENEFIT_JOB_READY", "EDU_BENEFIT_OBVIOUSLY_READY"),
    *("RESOURCE_PROGRAMME", "INTEGRATION_PROGRAMME", "UNEMPLOYMENT_BENEFIT_EDU_ORDER"),
)
OFTEN = (
    *("registerConversation", "createIntervention", "setJobGoals", "setEducationGoals"),
    *("upsertMeeting", "openEducationStep", "commentOnPlan", "setPlanDescription"),
    *("issueJobSearchRequirement", "setTargetGroup", "addSoughtJob", "recommendIntervention"),
)
CHOICE = [*MUTATIONS, *OFTEN * 3]
EXAMPLES, STEPS = 6, 16

_births = count(1)


def _of(role: Role) -> list[str]:
    """The mutations that a role may use, those of every day more often."""
    return [name for name in CHOICE if role in permissions()[f"Mutation.{name}"]]


def _input_of(mutation: str) -> Any:
    assert SCHEMA.mutation_type is not None
    return get_named_type(SCHEMA.mutation_type.fields[mutation].args["input"].type)


class Operations(RuleBasedStateMachine):
    """One citizen, every role, every mutation, and the calendar."""

    runner: asyncio.Runner
    world: World
    truth: Truth
    groups: tuple[str, ...]

    @initialize(group=st.sampled_from(START_GROUPS))
    def begin(self, group: str) -> None:
        self.world.at(TODAY)
        self.operations = 0
        self.number = f"010780{next(_births) + 5000:04d}"
        self.citizen = self.runner.run(
            new_citizen(self.world, group, fund=FUND, civilRegistrationNumber=self.number)
        )

    @rule(seeds=st.lists(st.integers(0, 2**32), min_size=5, max_size=12))
    def operate(self, seeds: list[int]) -> None:
        """Operations of one day, each by a role that may, mostly; now and then a preview."""
        for seed in seeds:
            self.operations += 1
            rng = Random(f"{seed} {self.operations}")
            mutation = rng.choice(CHOICE)
            if rng.random() < 0.95 and self.runner.run(self._lacks_what_it_names(mutation)):
                mutation = rng.choice(OFTEN)
            allowed = [role for role in ROLES if role in permissions()[f"Mutation.{mutation}"]]
            role = rng.choice([*allowed * 30, *ROLES])
            together = [mutation]
            if rng.random() < 0.2:
                together.append(rng.choice(_of(role)))
            self.runner.run(self._operate(rng, together, role, preview=rng.random() < 0.08))

    @rule(days=st.integers(1, 40))
    def time_goes_by(self, days: int) -> None:
        """The calendar moves, and what falls due is done."""
        self.world.at(self.world.day[0] + timedelta(days=days))
        self.runner.run(pass_of_schedule(self.world))
        self.runner.run(self.truth.check(UUID(self.citizen)))

    async def _lacks_what_it_names(self, mutation: str) -> bool:
        """Whether an operation would be about an answer, an intervention ... that is not there."""
        known = await self.truth.known(UUID(self.citizen), self.number, "FULL")
        nouns = {NOUN[name] for name in _input_of(mutation).fields if name in NOUN}
        nouns -= {"goal", "meeting", "notice", "education_application"}
        return any(not known.ids[noun] for noun in nouns)

    async def _operate(
        self, rng: Random, mutations: list[str], role: Role, *, preview: bool
    ) -> None:
        audience = "FUND" if role is Role.FUND else "FULL"
        known = await self.truth.known(UUID(self.citizen), self.number, audience)
        facts = Facts(self.citizen, known, self.groups, self.world.day[0])
        kinds = {f"f{place}": _input_of(name) for place, name in enumerate(mutations)}
        given = {
            alias: plausible(name, input_for(rng, kinds[alias], facts), role, facts, rng)
            for alias, name in zip(kinds, mutations, strict=True)
        }
        declared = ", ".join(f"${alias}: {kind.name}!" for alias, kind in kinds.items())
        fields = " ".join(
            f"{alias}: {name}(input: ${alias}) {{ __typename {BREACHES} }}"
            for alias, name in zip(kinds, mutations, strict=True)
        )
        token = self.world.token(role, citizen=self.citizen if role is Role.CITIZEN else None)
        before = await self.truth.digest()
        answer = await self.world.post(
            token, f"mutation({declared}){' @preview' if preview else ''} {{ {fields} }}", **given
        )
        after = await self.truth.digest()
        changed = {name for name in before if before[name] != after[name]} - {"login_refusal"}
        said = [_said(answer, alias) for alias in kinds]
        for name, word in zip(mutations, said, strict=True):
            event(f"{name}: {word}")
        note(f"{role} {mutations} {given}: {said}")
        await self.truth.check(UUID(self.citizen))
        if any(role not in permissions()[f"Mutation.{name}"] for name in mutations):
            assert (set(said), changed) == ({"FORBIDDEN"}, set())
        elif preview:
            assert changed <= {"access_log"}, (said, changed)
        elif not all(word.endswith("Payload") for word in said):
            assert changed == set(), (mutations, said, changed)


def _said(answer: dict[str, Any], alias: str) -> str:
    """The payload's name, or the code of the error; breaches are complete."""
    codes: dict[str, str] = {}
    for error in answer.get("errors", ()):
        codes[(error.get("path") or [""])[0]] = error["extensions"]["code"]
        assert error["extensions"]["code"] != "INTERNAL", error
        # a constraint that only the database knew of: the product should have seen it coming
        assert "conflicts with what is stored" not in error["message"], error
    found = (answer.get("data") or {}).get(alias)
    if found is None:
        return codes.get(alias) or codes[""]
    for breach in found.get("breaches", ()):
        assert all(breach[key] for key in ("code", "rule", "message", "source")), breach
        assert breach["path"] is not None
    name: str = found["__typename"]
    return name


async def _prepare(settings: Settings, stack: AsyncExitStack) -> None:
    Operations.world = await stack.enter_async_context(open_world(settings))
    connection = await asyncpg.connect(settings.database_url)
    stack.push_async_callback(connection.close)
    await connection.executemany(
        "insert into occupation (code, label) values ($1, $2)",
        [(code, f"Stilling {code}") for code in OCCUPATIONS],
    )
    await connection.execute(
        "insert into organisation (kind, code, name)"
        " values ('EDUCATION_INSTITUTION', 'INST-STJERNEURT', 'Erhvervsskolen Stjerneurt')"
    )
    rows = await connection.fetch("select code from target_group where valid_to is null")
    Operations.groups = tuple(sorted(row["code"] for row in rows))
    Operations.truth = Truth(connection)
    await Operations.truth.open()


def test_any_order_of_operations_over_time_keeps_the_plan_whole(settings: Settings) -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        Operations.runner = runner
        try:
            runner.run(_prepare(settings, stack))
            run_state_machine_as_test(
                Operations,
                settings=hypothesis_settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=STEPS,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(stack.aclose())
