"""What must hold of the database whatever was asked: the invariants of the state machine."""

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from app.store.queries import queries

NOT_COMPARED: Final = frozenset({"_pogo_migration", "_pogo_version", "code_list_load"})
NOUNS: Final = (
    *("intervention", "comment", "conversation", "meeting", "joint_recommendation"),
    *("education_application", "handover_package", "letter_task"),
)
"""Tables whose rows belong to a plan, and whose ids input may name."""

_OF_CITIZEN: Final = ("sought_job", "inbox_item", "notice")
_OF_PLAN: Final = "from {0} join plan using (plan_id) where citizen_id = $1"
_SOURCES: Final = {
    **{table: (f"{table}_id", _OF_PLAN.format(table)) for table in NOUNS},
    "education_application": ("application_id", _OF_PLAN.format("education_application")),
    **{table: (f"{table}_id", f"from {table} where citizen_id = $1") for table in _OF_CITIZEN},
    "goal": (
        "goal_id",
        "from (select plan_id, job_goal_id as goal_id from job_goal union all"
        " select plan_id, education_goal_id from education_goal) g"
        " join plan using (plan_id) where citizen_id = $1",
    ),
}
_KNOWN: Final = " union all ".join(
    f"select '{noun}' as noun, coalesce(array_agg({key} order by {key}), '{{}}') as ids {source}"
    for noun, (key, source) in _SOURCES.items()
)
"""One statement: it is asked before each operation."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of a citizen: ids by table (`goal`: of both kinds), number, version."""

    number: str
    version: int = 0
    ids: dict[str, list[UUID]] = field(default_factory=dict)


class Truth:
    """The database itself, read beside the product."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection
        self._digest_query = ""

    async def open(self) -> None:
        rows = await self._connection.fetch(
            "select table_name from information_schema.tables"
            " where table_schema = 'public' and table_type = 'BASE TABLE'"
        )
        parts = [
            f"select '{name}' as name, count(*) as rows,"
            f" coalesce(sum(hashtextextended(t::text, 0)), 0)::text as sum from {name} t"
            for name in sorted({row["table_name"] for row in rows} - NOT_COMPARED)
        ]
        self._digest_query = " union all ".join(parts)

    async def digest(self) -> dict[str, tuple[int, str]]:
        """Every table's number of rows and the sum of their hashes."""
        rows = await self._connection.fetch(self._digest_query)
        return {row["name"]: (row["rows"], row["sum"]) for row in rows}

    async def known(self, citizen: UUID, number: str, audience: str) -> Known:
        """What operations on a citizen may name now."""
        rows = await self._connection.fetch(_KNOWN, citizen)
        ids = {row["noun"]: list(row["ids"]) for row in rows}
        version = await self._connection.fetchval(
            "select number from plan_document where citizen_id = $1 and audience = $2 and active",
            *(citizen, audience),
        )
        return Known(number, version or 0, ids)

    async def _ids(self, query: str, citizen: UUID) -> list[UUID]:
        return [row[0] for row in await self._connection.fetch(query, citizen)]

    async def check(self, citizen: UUID) -> None:
        """All invariants of one citizen's case."""
        await self._versions_are_gapless(citizen)
        await self._documents_equal_the_tables(citizen)
        await self._funds_know_nothing_hidden(citizen)
        await self._one_authority_is_responsible(citizen)
        await self._one_plan_is_active(citizen)

    async def _versions_are_gapless(self, citizen: UUID) -> None:
        rows = await self._connection.fetch(
            "select d.audience, d.number, array_agg(v.number order by v.number) as numbers"
            " from plan_document d join plan_version v using (plan_id, audience)"
            " where d.citizen_id = $1 group by d.plan_id, d.audience, d.number",
            citizen,
        )
        for row in rows:
            assert row["numbers"] == list(range(1, row["number"] + 1)), dict(row)

    async def _documents_equal_the_tables(self, citizen: UUID) -> None:
        for plan in await self._ids("select plan_id from plan where citizen_id = $1", citizen):
            for row in await self._connection.fetch(queries()["rebuild_documents"], plan):
                assert row["stale"] == [], (row["audience"], row["stale"])

    async def _funds_know_nothing_hidden(self, citizen: UUID) -> None:
        words = {
            row["code"]
            for row in await self._connection.fetch(
                "select code from intervention_kind where hidden_from_fund"
                " union all select code from plan_type where not visible_to_fund"
            )
        }
        rows = await self._connection.fetch(
            "select v.* from plan_version v join plan using (plan_id)"
            " where citizen_id = $1 and v.audience = 'FUND'",
            citizen,
        )
        for row in rows:
            for section in (value for value in row if isinstance(value, bytes)):
                found = orjson.loads(b"{" + section + b"}")
                hidden = [one for one in _values(found) if one in words]
                assert hidden == [], (row["number"], hidden)
                assert "kærmlup" not in repr(found), row["number"]

    async def _one_authority_is_responsible(self, citizen: UUID) -> None:
        periods = await self._connection.fetch(
            "select valid_from, valid_to from case_responsibility where citizen_id = $1"
            " order by valid_from",
            citizen,
        )
        assert periods, "nobody is responsible"
        ends = [period["valid_to"] for period in periods]
        assert ends[:-1] == [period["valid_from"] for period in periods[1:]]
        assert ends[-1] is None

    async def _one_plan_is_active(self, citizen: UUID) -> None:
        active = await self._connection.fetchval(
            "select count(*) from plan where citizen_id = $1 and status = 'ACTIVE'", citizen
        )
        assert active <= 1


def _values(found: Any) -> list[str]:
    """All texts of a JSON value."""
    if isinstance(found, dict):
        return [text for value in found.values() for text in _values(value)]
    if isinstance(found, list):
        return [text for value in found for text in _values(value)]
    return [found] if isinstance(found, str) else []
