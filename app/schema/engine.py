"""One operation from its text to its answer, the same for every transport.

A request is prepared (document, operation, variables: everything that can be refused without
running anything), then executed, or followed when it is a subscription.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any, Final, cast

from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode

from app.domain.viewer import Role
from app.errors import AppError, BadUserInput, Forbidden, OperationTooCostly, RateLimited
from app.schema.admission import Admission
from app.schema.answer import Answer
from app.schema.context import Context, Services
from app.schema.deprecated import Deprecations
from app.schema.documents import DocumentStore, Resolved
from app.schema.errors import present
from app.schema.execution import CountingExecution, MinPlanSchema
from app.schema.idempotency import key_of
from app.schema.input_guard import variable_errors
from app.schema.live_open import open_live
from app.schema.live_operation import LiveOperation
from app.schema.operation import run_mutation
from app.schema.prepared import Prepared
from app.schema.request import Caller, Language, OperationRequest
from app.schema.selection import name_of
from app.store.idempotency import Once

_BY_GET: Final = "A mutation is sent by POST."
_STREAM: Final = "A subscription needs a stream: a WebSocket, or Accept: text/event-stream."
_REPLAYED: Final = {"idempotency-replayed": "true"}
_OPERATIONS: Final = "operations"


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
        self._deprecations = Deprecations(schema._schema)

    async def run(self, request: OperationRequest, caller: Caller) -> Answer:
        """The answer to a query or mutation, or why it is refused."""
        operation = await self.prepare(request, caller)
        return operation if isinstance(operation, Answer) else await self.execute(operation)

    async def prepare(self, request: OperationRequest, caller: Caller) -> Operation | Answer:
        """The operation if it may run, else the answer that refuses it."""
        try:
            self._admission.refuse_at_once(caller)
            document = await self._documents.text_of(request)
            try:
                operation = self._prepared(request, document, caller)
            except _Refusal as refusal:
                await self._admission.charge(caller)
                return refusal.answer
            operation.headers, told = await self._admission.admit(
                operation.cost, operation.prepared, request, caller
            )
        except AppError as error:
            return refused(error, caller.language)
        operation.context.extensions.update(told)
        return operation

    async def execute(self, operation: Operation) -> Answer:
        """The answer to a query or mutation."""
        if operation.kind == "subscription":
            return refused(BadUserInput(_STREAM), operation.context.language)
        try:
            if operation.kind == "query":
                result = await _executed(operation)
            else:
                result = await self._mutated(operation)
        except AppError as error:  # nothing ran: another request has the idempotency key
            return refused(error, operation.context.language)
        except Exception as error:
            result = ExecutionResult(None, [GraphQLError("", original_error=error)])
        return Answer(
            errors=[present(e, operation.context.language) for e in result.errors or ()],
            data=result.data,
            executed=True,
            extensions=operation.context.extensions,
            headers=operation.headers
            | (_REPLAYED if "idempotency" in operation.context.extensions else {}),
        )

    async def subscribe(self, operation: Operation) -> LiveOperation | Answer:
        """A subscription that can be followed, or why it cannot."""
        try:
            return open_live(operation)
        except AppError as error:
            return refused(error, operation.context.language)
        except GraphQLError as error:
            return _refusal([error], operation.context.language)

    def _prepared(self, request: OperationRequest, document: Resolved, caller: Caller) -> Operation:
        """Raises _Refusal for what is charged for, AppError for what is not."""
        prepared = self._look(request, document, caller)
        definition = _operation_named(prepared, request.operation_name)
        if caller.by_get and definition.operation.value == "mutation":
            raise _Refusal(_by_get(caller))
        try:
            cost = self._admission.cost_of(prepared, definition, request, caller)
        except OperationTooCostly as error:
            raise _Refusal(refused(error, caller.language)) from None
        self._schema.documents.prove(prepared, caller.viewer.role)
        _refuse(prepared.errors or variable_errors(request.variables), caller)
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
        once = self._once(request, document.query, caller, definition)
        self._deprecations.count(prepared, definition, request.variables)
        return Operation(request, definition, prepared, context, execution, cost, once)

    def _look(self, request: OperationRequest, document: Resolved, caller: Caller) -> Prepared:
        prepared = self._schema.documents.look(
            document.query, caller.viewer.role, trusted=document.trusted
        )
        if any((one.extensions or {}).get("code") == Forbidden.code for one in prepared.errors):
            self._services.forbidden(caller.viewer, request.operation_name or "")
        _refuse(prepared.errors, caller, parsed=prepared.document is not None)
        return prepared

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
            _refuse(executor, caller)
        return cast(CountingExecution, executor)

    def _once(
        self,
        request: OperationRequest,
        text: str,
        caller: Caller,
        definition: OperationDefinitionNode,
    ) -> Once | None:
        """Of a mutation's idempotency key; `text` is the document's, however it was named."""
        if definition.operation.value != "mutation" or caller.viewer.role is Role.ANONYMOUS:
            return None
        key = key_of(caller, request.extensions)
        if key is None:
            return None
        return self._services.idempotency.once(
            caller.viewer, key, text, request.operation_name, request.variables
        )

    async def _mutated(self, operation: Operation) -> ExecutionResult:
        definition = operation.definition
        preview = any(d.name.value == "preview" for d in definition.directives or ())
        mutation = run_mutation(
            operation.context,
            lambda: _executed(operation),
            name=name_of(definition),
            preview=preview,
            once=operation.once,
        )
        return await self._schema.running.shielded(mutation)


class _Refusal(Exception):
    """An operation may not run; answer: why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("refused")
        self.answer = answer


def _refuse(errors: Sequence[GraphQLError], caller: Caller, *, parsed: bool = True) -> None:
    """Raises _Refusal if there are errors."""
    if errors:
        raise _Refusal(_refusal(errors, caller.language, parsed=parsed))


def _by_get(caller: Caller) -> Answer:
    answer = refused(BadUserInput(_BY_GET), caller.language)
    answer.status, answer.headers["allow"] = 405, "POST"
    return answer


def refused(error: AppError, language: Language | None = None) -> Answer:
    """The answer to what was refused before it ran."""
    answer = _refusal([GraphQLError("", original_error=error)], language, parsed=False)
    answer.status = error.http_status
    if isinstance(error, RateLimited):
        answer.headers.update(error.headers)
    return answer


def _refusal(
    errors: Iterable[GraphQLError], language: Language | None, *, parsed: bool = True
) -> Answer:
    return Answer(errors=[present(error, language) for error in errors], parsed=parsed)


async def _executed(operation: Operation) -> ExecutionResult:
    """One run; a mutation may need several."""
    executor = operation.executor.build_per_event_executor(None)
    result: Any = executor.execute_operation()
    if isawaitable(result):
        result = await result
    return cast(ExecutionResult, result)


def _operation_named(prepared: Prepared, name: str | None) -> OperationDefinitionNode:
    """The operation to run; raises BadUserInput where that is not clear."""
    operations: dict[str, OperationDefinitionNode] | None = prepared.kept.get(_OPERATIONS)
    if operations is None:
        assert prepared.document is not None
        operations = prepared.kept[_OPERATIONS] = {
            definition.name.value if definition.name else "": definition
            for definition in prepared.document.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
    if not name and len(operations) == 1:
        return next(iter(operations.values()))
    found = operations.get(name or "")
    if not name or found is None:
        raise BadUserInput(
            "The document has no such operation." if name else "Name the operation to run."
        )
    return found
