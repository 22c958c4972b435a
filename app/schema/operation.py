"""One mutation operation: one transaction around all its fields.

The fields run one after the other in the operation's transaction. The last one publishes: one
version of each plan touched, one notice. An earlier field shows its payload what will be
published by doing so inside a savepoint. If any field breaks a rule or fails, all are rolled
back and the others answer ROLLED_BACK. A deadlock runs the whole operation again, then with its
locks taken in one order for all.

An operation that came with an idempotency key is claimed by its first statement, and its answer is
kept by its last one; who comes with the same again gets that answer.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from graphql import ExecutionResult, GraphQLError

from app.actions.completeness import check_completeness
from app.domain.viewer import Role
from app.errors import AppError, Forbidden, NotFound, RulesBroken, VersionConflict
from app.schema import payload as face
from app.schema.context import Context
from app.schema.request import Language
from app.schema.results import NotFound as NotFoundResult, RuleBreaches, breach_of, warnings_for
from app.store.cases import lock_in_order
from app.store.db import is_retryable
from app.store.documents import ALL_SECTIONS, audience_of, plan_from
from app.store.idempotency import Once
from app.store.publication import Published, log_access, log_shown, publish
from app.store.work import Done, Work
from app.texts.errors import error_text

ATTEMPTS = 8
"""How often an operation is run when it and others wait for each other crosswise."""


class RolledBack(AppError):
    """Another field of the same operation failed, so this one was undone."""

    code = "ROLLED_BACK"

    def __init__(self) -> None:
        super().__init__("Nothing was stored, because another part of the operation failed.")


@dataclass(slots=True)
class Mutation:
    """One attempt at an operation.

    fields: how many root fields it has, set as it starts. replayed: the answer is an earlier one's.
    """

    work: Work
    language: Language | None = None
    fields: int = 0
    done: int = 0
    failed: bool = False
    retry: bool = False
    replayed: bool = False
    citizens: set[UUID] = field(default_factory=set)
    succeeded: list[str] = field(default_factory=list)
    published: Published = field(default_factory=Published)

    async def perform(
        self,
        key: str,
        payload: type[Any],
        act: Callable[[Work], Awaitable[Done]],
        *,
        wants_plan: bool,
    ) -> Any:
        """Runs one root field; `key` is its response key."""
        if self.failed:
            raise RolledBack
        seen = len(self.work.findings)
        try:
            done = await act(self.work)
            self.done += 1
            self.citizens.add(done.citizen_id)
            values = await self._publish(done, payload, wants_plan=wants_plan)
        except RulesBroken as broken:
            self.failed = True
            return RuleBreaches(
                breaches=[breach_of(b, self.language or "da") for b in broken.breaches]
            )
        except NotFound as missing:
            self.failed = True
            return NotFoundResult(message=error_text(missing.message, self.language))
        except VersionConflict as conflict:
            self.failed = True
            return face.VersionConflict(
                current_version=conflict.current_version,
                message=error_text(conflict.message, self.language),
            )
        except Exception as error:
            self.failed = True
            self.retry = is_retryable(error)
            raise
        self.succeeded.append(key)
        warnings = warnings_for(
            self.work.viewer.role, self.work.findings[seen:], self.language or "da"
        )
        return payload(warnings=warnings, **values)

    def settle(self, result: ExecutionResult) -> None:
        """Failed unless every field came to its end, and its payload could be answered."""
        # a field whose arguments do not fit never reaches its action, and a payload that cannot be
        # answered must not look like a failure while it is stored
        incomplete = self.done < self.fields or bool(result.errors)
        self.failed = self.failed or incomplete

    async def _publish(self, done: Done, payload: type[Any], *, wants_plan: bool) -> dict[str, Any]:
        """Publishes, for good in the last field; returns the payload's values."""
        if self.done == self.fields:
            await check_completeness(self.work)
            self.published = await publish(self.work)
            values = await self._values(done, payload, wants_plan=wants_plan)
            await log_access(self.work, self.published)
            return values
        trial = self.work.connection.transaction()
        await trial.start()
        try:
            await publish(self.work)
            return await self._values(done, payload, wants_plan=wants_plan)
        finally:
            await trial.rollback()

    async def _values(self, done: Done, payload: type[Any], *, wants_plan: bool) -> dict[str, Any]:
        if not issubclass(payload, face.PlanPayload) or done.plan_id is None:
            return done.values
        work = self.work
        own = wants_plan and work.viewer.role is Role.CITIZEN
        row = await work.fetchrow(
            "read_published_as_citizen" if own else "read_published",
            done.plan_id,
            audience_of(work.viewer.role),
            ALL_SECTIONS if wants_plan else 0,
        )
        moment = face.Moment(work.now, work.today)
        plan = plan_from(row, moment, work.viewer) if wants_plan and row else None
        if wants_plan and plan is None:  # a fund writes beside a plan that it does not see (R88)
            raise Forbidden("You may not see the plan; ask without `plan`.")
        if wants_plan:
            work.shown.add(done.citizen_id)
        # the number of a plan that a fund may not see would tell whether it is a new one (R88)
        version = row["number"] if row and row["visible"] else 0
        return {"plan": plan, "version": version, **done.values}


async def run_mutation(
    context: Context,
    execute: Callable[[], Awaitable[ExecutionResult]],
    *,
    name: str,
    preview: bool,
    once: Once | None = None,
) -> ExecutionResult:
    """Runs `execute` in a transaction, and again after a deadlock; wakes others once committed.

    name: of the operation in the client's document, for the access log. once: of a client's
    idempotency key; nothing is kept of a preview. Raises what `Once.claimed` does.
    """
    once = None if preview else once
    wanted: frozenset[UUID] = frozenset()
    for attempt in range(1, ATTEMPTS + 1):
        mutation, result = await _attempt(
            context, execute, wanted, name=name, preview=preview, once=once
        )
        wanted |= mutation.work.wanted
        if not mutation.retry or attempt == ATTEMPTS:
            break
        # those that met are not to meet again
        await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - no secret
    if preview:
        context.extensions["preview"] = True
    elif mutation.replayed:
        context.extensions["idempotency"] = {"replayed": True}
    elif not mutation.failed:
        context.services.wake(mutation.published)
    return _undone(result, mutation) if mutation.failed else result


async def _attempt(
    context: Context,
    execute: Callable[[], Awaitable[ExecutionResult]],
    wanted: frozenset[UUID],
    *,
    name: str,
    preview: bool,
    once: Once | None,
) -> tuple[Mutation, ExecutionResult]:
    services = context.services
    async with services.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        work = Work(
            connection,
            context.viewer,
            context.at.now,
            services.policy,
            vault=services.vault,
            codes=services.codes,
            operation=name,
        )
        mutation = Mutation(work, context.language)
        context.mutation = mutation
        try:
            kept = await once.claimed(work) if once else None
            if kept is None:
                result = await _carried_out(mutation, execute, wanted, once)
            else:
                mutation.replayed = True
                work.shown |= kept.shown
                result = ExecutionResult(kept.data, None)
        except Exception as error:
            await transaction.rollback()
            if not is_retryable(error):
                raise
            mutation.failed = mutation.retry = True
            return mutation, ExecutionResult(None, [GraphQLError("", original_error=error)])
        if mutation.failed or mutation.replayed or preview:
            await transaction.rollback()
            if not mutation.failed:
                await log_shown(work)
        else:
            await transaction.commit()
    return mutation, result


async def _carried_out(
    mutation: Mutation,
    execute: Callable[[], Awaitable[ExecutionResult]],
    wanted: frozenset[UUID],
    once: Once | None,
) -> ExecutionResult:
    """Runs the fields, and keeps the answer for `once` if all of them came to their end."""
    if wanted:
        await lock_in_order(mutation.work, wanted)
    result = await execute()
    mutation.settle(result)
    if once and not mutation.failed:
        await once.keep(mutation.work, result.data or {}, mutation.citizens)
    return result


def _undone(result: ExecutionResult, mutation: Mutation) -> ExecutionResult:
    """The result with every field that had succeeded answering ROLLED_BACK."""
    data = dict(result.data or {})
    errors = list(result.errors or [])
    for key in mutation.succeeded:
        if data.get(key) is not None:
            data[key] = None
            undone = RolledBack()
            errors.append(GraphQLError(undone.message, path=[key], original_error=undone))
    return ExecutionResult(data, errors or None)


class Running:
    """Mutations under way: each goes on when its client leaves, and shutdown waits for all."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[ExecutionResult]] = set()

    async def shielded(self, mutation: Awaitable[ExecutionResult]) -> ExecutionResult:
        """The mutation's result; a cancelled caller leaves it running to its end."""
        task = asyncio.ensure_future(mutation)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def drain(self) -> None:
        """Waits until no mutation is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)
