"""What graphql-core is told of our schema and executions beyond what Strawberry does."""

from typing import Any

import strawberry
from graphql import GraphQLInputObjectType, GraphQLSchema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema_directives import OneOf

from app.schema.operation import Running
from app.schema.prepared import Introspection, PreparedDocuments


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

    def let_go(self) -> None:
        """After the run: unties the knot of graphql-core's helpers with the execution itself.

        What an operation held is free at once then. Left to the collector, the live events of some
        seconds stop the process for 100 ms and more.
        """
        del self.async_helpers


class MinPlanSchema(strawberry.Schema):
    """The schema with its documents and the mutations under way; `app.schema.engine` runs it.

    introspection: whether clients may ask for it, or who may.
    """

    def __init__(self, *args: Any, introspection: Introspection = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _mark_one_of(self._schema)
        self.documents = PreparedDocuments(self._schema, introspection=introspection)
        self.hides_suggestions = introspection is not True
        self.running = Running()


def _mark_one_of(schema: GraphQLSchema) -> None:
    """Strawberry checks `@oneOf` inputs itself; graphql-core, which prints them, is not told."""
    for type_ in schema.type_map.values():
        definition = (type_.extensions or {}).get("strawberry-definition")
        if isinstance(type_, GraphQLInputObjectType) and definition is not None:
            type_.is_one_of = any(isinstance(d, OneOf) for d in definition.directives or ())
