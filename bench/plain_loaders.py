"""DataLoaders of `bench.plain`: one statement for all keys that one tick of a request asks for."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, TypeAlias

import asyncpg
from strawberry.dataloader import DataLoader

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Loader: TypeAlias = "DataLoader[Any, Any]"

# key column and statement of what there is at most one of for each key
ONE: Final = {
    "plan": (
        "citizen_id",
        "select plan_id, citizen_id, plan_type from plan where citizen_id = any ($1)"
        " and status = 'ACTIVE'",
    ),
    "version": (
        "plan_id",
        "select plan_id, number from plan_document where plan_id = any ($1) and audience = 'FULL'",
    ),
    "group": (
        "citizen_id",
        "select t.citizen_id, g.fund_agreement, g.education_steps from target_group_period t"
        " join target_group g on g.code = t.target_group"
        " where t.citizen_id = any ($1) and t.valid_to is null",
    ),
    "caseworker": (
        "caseworker_id",
        "select caseworker_id, organisation_id, name from caseworker"
        " where caseworker_id = any ($1)",
    ),
    "organisation": (
        "organisation_id",
        "select organisation_id, name from organisation where organisation_id = any ($1)",
    ),
    "occupation": ("code", "select code, label from occupation where code = any ($1)"),
    "kind": (
        "code",
        "select code, timeline_label, hidden_from_fund from intervention_kind"
        " where code = any ($1)",
    ),
    "scheme": ("code", "select code, timeline_label from education_scheme where code = any ($1)"),
    "revision": (
        "conversation_id",
        "select distinct on (conversation_id) conversation_id, text from agreement_revision"
        " where conversation_id = any ($1) order by conversation_id, revision desc",
    ),
    "education_order": (
        "plan_id",
        "select plan_id, current_step from education_order where plan_id = any ($1)",
    ),
}

# the same of what there may be many of
MANY: Final = {
    "job_goals": (
        "plan_id",
        "select job_goal_id, plan_id, occupation_code, job_function_text, term, priority,"
        " confirmed_by from job_goal where plan_id = any ($1) order by priority",
    ),
    "education_goals": (
        "plan_id",
        "select education_goal_id, plan_id, education_name, priority, agreed_by"
        " from education_goal where plan_id = any ($1) order by priority",
    ),
    "conversations": (
        "plan_id",
        "select conversation_id, plan_id, authority, organisation_id, caseworker_id, held_at, mode"
        " from conversation where plan_id = any ($1) order by held_at desc, conversation_id desc",
    ),
    "interventions": (
        "plan_id",
        "select intervention_id, plan_id, kind, scheme, start_date, end_date, cancelled_at, why,"
        " agreed_with, shows_organisation, origin, written_under_plan_type"
        " from intervention where plan_id = any ($1) order by start_date, intervention_id",
    ),
    "requirements": (
        "plan_id",
        "select requirement_id, plan_id, issuer, organisation_id, caseworker_id, industries,"
        " agreement_text, other_expectations, expected_count, valid_from, valid_to"
        " from job_search_requirement where plan_id = any ($1)"
        " order by valid_from desc, requirement_id desc",
    ),
    "requirement_occupations": (
        "requirement_id",
        "select requirement_id, occupation_code from requirement_occupation"
        " where requirement_id = any ($1) order by position",
    ),
    "education_steps": (
        "plan_id",
        "select plan_id, step, status, deadline, caseworker_id from education_step"
        " where plan_id = any ($1) order by opened_at, education_step_id",
    ),
    "meetings": (
        "plan_id",
        "select plan_id, starts_at, mode, caseworker_name, place from meeting"
        " where plan_id = any ($1) order by starts_at, meeting_id",
    ),
}


class Loaders:
    """The loaders of one request, made when first used."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._made: dict[str, Loader] = {}

    def one(self, name: str) -> Loader:
        """Loads the row of a key, or None."""
        return self._made.get(name) or self._make(name, *ONE[name], _first)

    def many(self, name: str) -> Loader:
        """Loads the rows of a key."""
        return self._made.get(name) or self._make(name, *MANY[name], list)

    def _make(
        self, name: str, column: str, statement: str, take: Callable[[list[Any]], Any]
    ) -> Loader:
        async def load(keys: list[Hashable]) -> Sequence[Any]:
            rows = defaultdict(list)
            for row in await self._pool.fetch(statement, keys):
                rows[row[column]].append(row)
            return [take(rows[key]) for key in keys]

        made = self._made[name] = DataLoader(load_fn=load)
        return made


def _first(rows: list[Any]) -> Any:
    return rows[0] if rows else None
