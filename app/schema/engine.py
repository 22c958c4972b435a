"""One operation from its text to its answer, the same for every transport.

A request is prepared (document, operation, variables: everything that can be refused without
running anything), then executed, or followed when it is a subscription.
"""

from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any, Final, cast

from graphql import ExecutionResult, Executor, GraphQLError, OperationDefinitionNode

from app.domain.viewer import Role, Viewer
from app.errors import AppError, BadUserInput, Forbidden, RateLimited
from app.schema.admission import Admission, cost_of_proof
from app.schema.answer import (
    Answer,
    Refusal,
    answer_of,
    failed,
    refuse,
    refused,
    tell_if_away,
)
from app.schema.context import Context, Services
from app.schema.deprecated import deprecations_of
from app.schema.documents import DocumentStore, Resolved
from app.schema.errors import present
from app.schema.execution import CountingExecution, MinPlanSchema
from app.schema.idempotency import key_of
from app.schema.input_guard import VariableCheck, input_names
from app.schema.live_open import open_live
from app.schema.live_operation import LiveOperation
from app.schema.operation import run_mutation
from app.schema.operation_name import name_of, operation_named
from app.schema.prepared import Prepared
from app.schema.request import Caller, OperationRequest
from app.store.idempotency import Once

_BY_GET: Final = "A mutation is sent by POST."
_STREAM: Final = "A subscription needs a stream: a WebSocket, or Accept: text/event-stream."
_REPLAYED: Final = {"idempotency-replayed": "true"}


@dataclass(slots=True)
class Operation:
    """An operation that may run: it is valid, allowed, and its variables fit.

    kind: query, mutation or subscription. cost: in units, at most. once: of a mutation with an
    idempotency key. headers: of its answer over HTTP.
    """

    request: OperationRequest
    definition: OperationDefinitionNode
    prepared: Prepared
    context: Context
    executor: CountingExecution
    cost: int
    once: Once | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.definition.operation.value


@dataclass(frozen=True, slots=True)
class _Looked:
    """What is known of an operation before it is paid for: as far as that is cheap to know.

    beside: what it costs to have its document validated and its variables read.
    """

    prepared: Prepared
    definition: OperationDefinitionNode
    cost: int
    beside: int
    once: Once | None


class Engine:
    """Runs the operations of one process."""

    def __init__(
        self,
        schema: MinPlanSchema,
        services: Services,
        documents: DocumentStore,
        admission: Admission,
    ) -> None:
        self._schema = schema
        self._admission = admission
        self._services = services
        self._documents = documents
        self._deprecations = deprecations_of(schema._schema)
        self._input_names = input_names(schema._schema)

    def is_revoked(self, viewer: Viewer) -> bool:
        """Whether a viewer's token is no longer accepted; asks nobody."""
        return self._services.is_revoked(viewer)

    async def prepare(self, request: OperationRequest, caller: Caller) -> Operation | Answer:
        """The operation if it may run, else the answer that refuses it."""
        try:
            self._admission.refuse_at_once(caller)
            try:
                document = await self._documents.text_of(request)
                prepared, read = await self._read(document, caller)
                looked = self._looked_at(request, document, prepared, caller)
            except RateLimited:
                raise
            except Refusal as refusal:
                await self._admission.charge(caller, refusal.values)
                return refusal.answer
            except AppError as error:
                await self._admission.charge(caller)
                return refused(error, caller.language)
            headers, told = await self._admission.admit(
                looked.cost, looked.beside, read, request, caller
            )
            operation = self._ready(looked, request, caller)
            if document.register is not None:
                await document.register()
        except Refusal as refusal:  # it has been paid for
            return refusal.answer
        except RateLimited as error:
            return refused(error, caller.language)
        except Exception as error:
            return failed(error, caller.language)
        operation.headers = headers
        operation.context.extensions.update(told)
        return operation

    async def execute(self, operation: Operation) -> Answer:
        """The answer to a query or mutation."""
        if operation.kind == "subscription":
            return refused(BadUserInput(_STREAM), operation.context.language)
        try:
            if operation.kind == "query":
                result = await _executed(operation.executor)
            else:
                result = await self._mutated(operation)
        except AppError as error:  # nothing ran: another request has the idempotency key
            return refused(error, operation.context.language)
        except Exception as error:
            result = ExecutionResult(None, [GraphQLError("", original_error=error)])
        answer = Answer(
            errors=[present(e, operation.context.language) for e in result.errors or ()],
            data=result.data,
            executed=True,
            extensions=operation.context.extensions,
            headers=operation.headers
            | (_REPLAYED if "idempotency" in operation.context.extensions else {}),
        )
        if answer.errors:
            tell_if_away(answer)
        return answer

    async def subscribe(self, operation: Operation) -> LiveOperation | Answer:
        """A subscription that can be followed, or why it cannot."""
        try:
            return open_live(operation, self._admission.live_account(operation.context.viewer))
        except AppError as error:
            return refused(error, operation.context.language)
        except GraphQLError as error:
            return answer_of([error], operation.context.language)
        finally:
            operation.executor.let_go()

    async def _read(self, document: Resolved, caller: Caller) -> tuple[Prepared, int]:
        """The document, read if it is new here, and what was paid for that. Raises RateLimited."""
        documents, role = self._schema.documents, caller.viewer.role
        known = documents.known(document.query, role, trusted=document.trusted)
        if known is not None:
            return known, 0
        paid = 0
        if not document.trusted:
            paid = await self._admission.charge_reading(caller, len(document.query))
        return documents.look(document.query, role, trusted=document.trusted), paid

    def _looked_at(
        self, request: OperationRequest, document: Resolved, prepared: Prepared, caller: Caller
    ) -> _Looked:
        """Raises Refusal and AppError."""
        if any((one.extensions or {}).get("code") == Forbidden.code for one in prepared.errors):
            self._services.forbidden(caller.viewer, request.operation_name or "")
        refuse(prepared.errors, caller.language, parsed=prepared.document is not None)
        definition = operation_named(prepared, request.operation_name)
        if caller.by_get and definition.operation.value == "mutation":
            raise Refusal(_by_get(caller))
        cost = self._admission.cost_of(prepared, definition, request, caller)
        key = _key_of(request, definition, caller)
        values = self._values(request, definition, caller)
        once = None
        if key is not None:
            once = self._services.idempotency.once(
                caller.viewer, key, document.query, request.operation_name, request.variables
            )
        return _Looked(prepared, definition, cost, cost_of_proof(prepared) + values, once)

    def _values(
        self, request: OperationRequest, definition: OperationDefinitionNode, caller: Caller
    ) -> int:
        """How many there are in the variables, of which none is unusable; raises Refusal."""
        if not request.variables:
            return 0
        declared = [one.variable.name.value for one in definition.variable_definitions or ()]
        check = VariableCheck(self._input_names)
        check.look(request.variables, declared)
        refuse(check.errors, caller.language, values=check.values)
        return check.values

    def _ready(self, looked: _Looked, request: OperationRequest, caller: Caller) -> Operation:
        """Raises Refusal: graphql-core has the last word on the document and its variables."""
        prepared = self._schema.documents.prove(looked.prepared, caller.viewer.role)
        refuse(prepared.errors, caller.language)
        definition = operation_named(prepared, request.operation_name)
        context = Context(
            self._services,
            caller.viewer,
            by_get=caller.by_get,
            language=caller.language,
            last_event_id=caller.last_event_id,
            operation_name=name_of(definition),
            prepared=prepared,
        )
        execution = self._execution(prepared, context, request, caller)
        self._deprecations.count(prepared, definition, request.variables)
        return Operation(
            request, definition, prepared, context, execution, looked.cost, looked.once
        )

    def _execution(
        self, prepared: Prepared, context: Context, request: OperationRequest, caller: Caller
    ) -> CountingExecution:
        assert prepared.document is not None
        executor = CountingExecution.build(
            self._schema._schema,
            prepared.document,
            None,
            context,
            request.variables,
            request.operation_name or None,
            hide_suggestions=self._schema.hides_suggestions,
        )
        if isinstance(executor, list):
            refuse(executor, caller.language)
        return cast(CountingExecution, executor)

    async def _mutated(self, operation: Operation) -> ExecutionResult:
        definition = operation.definition
        preview = any(d.name.value == "preview" for d in definition.directives or ())
        mutation = run_mutation(
            operation.context,
            lambda: _executed(operation.executor.build_per_event_executor(None)),
            name=name_of(definition),
            preview=preview,
            once=operation.once,
        )
        return await self._schema.running.shielded(mutation)


def _key_of(
    request: OperationRequest, definition: OperationDefinitionNode, caller: Caller
) -> str | None:
    """A mutation's idempotency key; raises BadUserInput."""
    if definition.operation.value != "mutation" or caller.viewer.role is Role.ANONYMOUS:
        return None
    return key_of(caller, request.extensions)


def _by_get(caller: Caller) -> Answer:
    answer = refused(BadUserInput(_BY_GET), caller.language)
    answer.status, answer.headers["allow"] = 405, "POST"
    return answer


async def _executed(executor: Executor[Any]) -> ExecutionResult:
    """One run, for which the executor is used up; a mutation may need several."""
    try:
        result: Any = executor.execute_operation()
        if isawaitable(result):
            result = await result
    finally:
        cast(CountingExecution, executor).let_go()
    return cast(ExecutionResult, result)
