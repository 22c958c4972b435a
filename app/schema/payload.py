"""What every mutation of a plan answers, and how a mutation field is written."""

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode
from strawberry.types import Info

from app.schema.plan import Plan
from app.schema.results import Warning
from app.store.documents import Moment as Moment


@strawberry.interface(description="A change of a plan, as it is published.")
class PlanPayload:
    plan: Plan
    version: int = strawberry.field(description="Number of the version that the operation made.")
    warnings: list[Warning]


@strawberry.type(description="The plan has moved on since the version you expected.")
class VersionConflict:
    current_version: int
    message: str


async def perform(
    info: Info[Any, Any], payload: type[Any], act: Callable[[Any], Awaitable[Any]]
) -> Any:
    """Runs an action as one root field of the operation; the union member to answer."""
    mutation = info.context.mutation
    node = info._raw_info.field_nodes
    wants = any(_selects(n.selection_set, "plan", info) for n in node if n.selection_set)
    return await mutation.perform(str(info.path.key), payload, act, wants_plan=wants)


def _selects(selections: SelectionSetNode | None, name: str, info: Info[Any, Any]) -> bool:
    """Whether a field is selected directly or through fragments."""
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            found = node.name.value == name
        elif isinstance(node, InlineFragmentNode):
            found = _selects(node.selection_set, name, info)
        else:
            assert isinstance(node, FragmentSpreadNode)
            fragment = info._raw_info.fragments[node.name.value]
            found = _selects(getattr(fragment, "definition", fragment).selection_set, name, info)
        if found:
            return True
    return False
