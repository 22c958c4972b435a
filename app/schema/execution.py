"""The schema's own way through an operation: prepared documents, own contexts, transactions.

Strawberry's HTTP, WebSocket and stream transports all pass these methods; they are private in
Strawberry, so its version is pinned exactly and `tests/schema/test_operation.py` holds the seam.
"""

from collections.abc import Callable
from typing import Any, cast

import strawberry
from graphql import (
    ExecutionResult as CoreResult,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
)
from strawberry.exceptions import MissingQueryError
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema_directives import OneOf
from strawberry.types.execution import ExecutionContext, ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from app.schema.context import Context
from app.schema.errors import present
from app.schema.input_guard import variable_errors
from app.schema.operation import Running, run_mutation
from app.schema.prepared import Introspection, PreparedDocuments
from app.schema.selection import name_of


class CountingExecution(StrawberryGraphQLCoreExecutionContext):
    """Tells a mutation how many root fields it has, so that the last one publishes."""

    def execute_fields_serially(
        self,
        parent_type: Any,
        source_value: Any,
        path: Any,
        grouped_field_set: Any,
        position_context: Any,
    ) -> Any:
        self.context_value.mutation.fields = sum(
            details[0].node.name.value != "__typename" for details in grouped_field_set.values()
        )
        return super().execute_fields_serially(
            parent_type, source_value, path, grouped_field_set, position_context
        )


class MinPlanSchema(strawberry.Schema):
    """The executable schema. `introspection`: whether clients may ask for it."""

    def __init__(self, *args: Any, introspection: Introspection = True, **kwargs: Any) -> None:
        kwargs["execution_context_class"] = CountingExecution
        super().__init__(*args, **kwargs)
        _mark_one_of(self._schema)
        self.documents = PreparedDocuments(self._schema, introspection=introspection)
        self.hides_suggestions = introspection is not True
        self.running = Running()

    def get_extensions(self, sync: bool = False) -> list[Any]:
        """None: the one Strawberry adds for `@preview` would wrap every field of every read."""
        return []

    def _create_execution_context(self, *args: Any, **kwargs: Any) -> ExecutionContext:
        created = super()._create_execution_context(*args, **kwargs)
        context: Context = created.context
        created.context = context.for_operation(kwargs.get("operation_name"))
        return created

    async def _prepare_operation_async(
        self, context: ExecutionContext, extensions_runner: SchemaExtensionsRunner
    ) -> PreExecutionError | None:
        if not context.query:
            raise MissingQueryError
        own: Context = context.context
        prepared = self.documents.prepare(context.query, own.viewer.role)
        if prepared.document is None:
            return self._refused(context, prepared.errors)
        context.graphql_document = prepared.document
        own.prepared = prepared
        try:
            operation_type = context.operation_type
        except RuntimeError as error:
            raise CannotGetOperationTypeError(context.operation_name) from error
        if operation_type not in context.allowed_operations:
            raise InvalidOperationTypeError(operation_type)
        errors = prepared.errors or variable_errors(context.variables)
        return self._refused(context, errors) if errors else None

    def _refused(self, context: ExecutionContext, errors: list[GraphQLError]) -> PreExecutionError:
        context.pre_execution_errors = errors
        return PreExecutionError(data=None, errors=errors)

    async def _execute_operation(
        self,
        execution_context: ExecutionContext,
        extensions_runner: SchemaExtensionsRunner,
        middleware_manager: Any,
        execute_function: Callable[..., Any],
        custom_context_kwargs: dict[str, Any],
    ) -> Any:
        async def execute() -> CoreResult:
            execution_context.result = None
            result = await super(MinPlanSchema, self)._execute_operation(
                execution_context,
                extensions_runner,
                middleware_manager,
                execute_function,
                custom_context_kwargs,
            )
            return cast(CoreResult, result)

        if execution_context.operation_type is OperationType.SUBSCRIPTION:
            stream = "A subscription needs a stream: a WebSocket, or Accept: text/event-stream."
            return CoreResult(None, [GraphQLError(stream)])
        if execution_context.operation_type is not OperationType.MUTATION:
            return await execute()
        operation = self._operation(execution_context)
        preview = any(d.name.value == "preview" for d in operation.directives or ())
        return await self.running.shielded(
            run_mutation(
                execution_context.context, execute, name=name_of(operation), preview=preview
            )
        )

    def _operation(self, context: ExecutionContext) -> OperationDefinitionNode:
        assert context.graphql_document is not None
        operations = [
            d
            for d in context.graphql_document.definitions
            if isinstance(d, OperationDefinitionNode)
        ]
        wanted = context.operation_name
        return next(o for o in operations if wanted is None or (o.name and o.name.value == wanted))

    def _process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Logging is done where errors are presented, without anybody's data."""

    async def _handle_execution_result(
        self, context: ExecutionContext, result: Any, extensions_runner: Any, **kwargs: Any
    ) -> ExecutionResult:
        handled = await super()._handle_execution_result(
            context, result, extensions_runner, **kwargs
        )
        if handled.errors:
            handled.errors = [present(error) for error in handled.errors]
        own: Context = context.context
        if own.extensions:
            handled.extensions = {**(handled.extensions or {}), **own.extensions}
        return handled


def _mark_one_of(schema: GraphQLSchema) -> None:
    """Strawberry checks `@oneOf` inputs itself; graphql-core, which prints them, is not told."""
    for type_ in schema.type_map.values():
        definition = (type_.extensions or {}).get("strawberry-definition")
        if isinstance(type_, GraphQLInputObjectType) and definition is not None:
            type_.is_one_of = any(isinstance(d, OneOf) for d in definition.directives or ())
