"""A manifest made from `*.graphql` files; fragments may stand in files of their own."""

from pathlib import Path
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    parse,
    print_ast,
)

from app.schema.fragments import reached
from app.schema.trusted import ManifestError, hash_of


def manifest_of(folder: Path) -> dict[str, str]:
    """Hash -> text of a document for each operation: it, and the fragments that it uses, printed.

    Raises ManifestError for files that cannot be read and fragments that are missing or twice.
    """
    operations: list[OperationDefinitionNode] = []
    fragments: dict[str, FragmentDefinitionNode] = {}
    for file in sorted(folder.rglob("*.graphql")):
        for one in _definitions(file):
            if isinstance(one, OperationDefinitionNode):
                operations.append(one)
            elif isinstance(one, FragmentDefinitionNode):
                if one.name.value in fragments:
                    raise ManifestError(f"{file.name}: fragment {one.name.value} is there twice")
                fragments[one.name.value] = one
    if not operations:
        raise ManifestError("There is no operation in any *.graphql.")
    try:
        texts = ["\n\n".join(map(print_ast, reached(one, fragments))) for one in operations]
    except KeyError as missing:
        raise ManifestError(f"fragment {missing.args[0]} is missing") from None
    return {hash_of(text): text for text in texts}


def _definitions(file: Path) -> Any:
    try:
        return parse(file.read_text(encoding="utf-8")).definitions
    except (GraphQLError, UnicodeError, RecursionError):
        raise ManifestError(f"{file.name} cannot be read as GraphQL") from None
