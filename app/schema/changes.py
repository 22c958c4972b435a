"""What a schema changes for clients of another one: breaking, dangerous, or neither.

graphql-core finds what every GraphQL schema can break. Beside that: an input that becomes `@oneOf`,
an argument or input field that loses the default that made it optional, a list that demands a
slicing argument, and a field that a role may no longer use (the last line of its description in our
SDL).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from graphql import (
    DirectiveNode,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    is_required_argument,
    is_required_input_field,
)
from graphql.utilities import BreakingChange, DangerousChange, find_schema_changes

_ROLES: Final = re.compile(r"^For: (.*)\.$", re.MULTILINE)
_REASON: Final = " --"


class Changes(NamedTuple):
    """Each change as a sentence."""

    breaking: list[str]
    dangerous: list[str]


def changes_between(old_sdl: str, new_sdl: str) -> Changes:
    """What a client of the old schema finds changed in the new one, sorted."""
    old, new = build_schema(old_sdl), build_schema(new_sdl)
    found = find_schema_changes(old, new)
    breaking = {one.description for one in found if isinstance(one, BreakingChange)}
    dangerous = {one.description for one in found if isinstance(one, DangerousChange)}
    return Changes(sorted(breaking | set(_more(old, new))), sorted(dangerous))


def _more(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[str]:
    """Breaking changes that graphql-core does not look for."""
    for name, before in old.type_map.items():
        after = new.type_map.get(name)
        if isinstance(before, GraphQLInputObjectType) and isinstance(after, GraphQLInputObjectType):
            yield from _of_input(before, after)
        elif isinstance(before, GraphQLObjectType | GraphQLInterfaceType) and isinstance(
            after, GraphQLObjectType | GraphQLInterfaceType
        ):
            for field in before.fields.keys() & after.fields.keys():
                yield from _of_field(f"{name}.{field}", before.fields[field], after.fields[field])


def _of_input(before: GraphQLInputObjectType, after: GraphQLInputObjectType) -> Iterator[str]:
    if after.is_one_of and not before.is_one_of:
        yield f"Input {before.name} became @oneOf."
    for name in before.fields.keys() & after.fields.keys():
        was, now = before.fields[name], after.fields[name]
        if is_required_input_field(now) and not is_required_input_field(was):
            yield f"Input field {before.name}.{name} became required."


def _of_field(name: str, before: Any, after: Any) -> Iterator[str]:
    for argument in before.args.keys() & after.args.keys():
        was, now = before.args[argument], after.args[argument]
        if is_required_argument(now) and not is_required_argument(was):
            yield f"Argument {name}({argument}:) became required."
    if _demands_slicing(after) and not _demands_slicing(before):
        yield f"{name} demands a slicing argument."
    yield from (
        f"{name} is no longer for {role}."
        for role in sorted(_roles(before.description) - _roles(after.description))
        if _roles(after.description)
    )


def _roles(description: str | None) -> set[str]:
    """The roles that a description names, empty where it names none.

    >>> sorted(_roles("The plan.\\nFor: citizen, fund."))
    ['citizen', 'fund']
    """
    found = _ROLES.search(description or "")
    return set(found.group(1).split(", ")) if found else set()


def _demands_slicing(field: Any) -> bool:
    """Whether a list demands a slicing argument that its type does not demand anyway.

    By the cost specification it does unless it says not.
    """
    applied: Iterable[DirectiveNode] | None = field.ast_node.directives if field.ast_node else ()
    for directive in applied or ():
        if directive.name.value == "listSize":
            given = {one.name.value: one.value for one in directive.arguments or ()}
            demands = getattr(given.get("requireOneSlicingArgument"), "value", True)
            names = [one.value for one in getattr(given.get("slicingArguments"), "values", ())]
            optional = [name for name in names if not is_required_argument(field.args[name])]
            return bool(names) and names == optional and bool(demands)
    return False


def judged(changes: Changes, accepted: str) -> list[str]:
    """Why a schema must not be released, empty if it may.

    accepted: lines of a breaking change, ` -- ` and the reason; `#` begins a comment. A line for a
    change that is not made is refused too, so that the list stays true.
    """
    reasons = _reasons(accepted)
    missing = [change for change in changes.breaking if not reasons.get(change)]
    stale = [change for change in reasons if change not in changes.breaking]
    return [f"breaking: {change}" for change in missing] + [
        f"accepted, but not made: {change}" for change in stale
    ]


def _reasons(accepted: str) -> dict[str, str]:
    """Accepted change -> why.

    >>> _reasons("# why we break\\nPlan.x was removed. -- nobody used it\\n")
    {'Plan.x was removed.': 'nobody used it'}
    """
    lines = (line.strip() for line in accepted.splitlines())
    split = (line.partition(_REASON) for line in lines if line and not line.startswith("#"))
    return {change.strip(): reason.strip() for change, _, reason in split}
