"""Which operation of a document is meant, and what it is called."""

from typing import Final

from graphql import OperationDefinitionNode

from app.errors import BadUserInput
from app.schema.prepared import Prepared

_OPERATIONS: Final = "operations"


def name_of(operation: OperationDefinitionNode) -> str:
    """The name an operation has in its document, at most 100 characters."""
    return operation.name.value[:100] if operation.name else ""


def operation_named(prepared: Prepared, name: str | None) -> OperationDefinitionNode:
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
