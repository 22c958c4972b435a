"""The schema, put together; it does not start unless the permission table names all its fields."""

from functools import cache

import strawberry
from strawberry.directive import DirectiveLocation
from strawberry.schema.config import StrawberryConfig

from app.policy.permissions import refuse_difference
from app.schema.cost_facts import cost_directives
from app.schema.execution import MinPlanSchema
from app.schema.fields import by_key
from app.schema.intervention import INTERVENTION_TYPES
from app.schema.live import Subscription
from app.schema.mutation import Mutation
from app.schema.permission_rule import schema_fields
from app.schema.prepared import Introspection
from app.schema.query import Query
from app.schema.scalars import SCALARS


@strawberry.directive(
    locations=[DirectiveLocation.MUTATION],
    name="preview",
    description="Answers as if the operation was carried out, and stores nothing of it.",
)
def preview() -> None:
    """Read from the document by the operation itself; nothing is done to any field."""


@cache
def build_schema(*, introspection: Introspection = True) -> MinPlanSchema:
    """The executable schema, made once. Raises PermissionTableError for fields the table lacks."""
    schema = assembled(introspection=introspection)
    refuse_difference(schema_fields(schema._schema))
    return schema


def assembled(*, introspection: Introspection = True) -> MinPlanSchema:
    """The schema before it is held against the permission table."""
    schema = MinPlanSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=INTERVENTION_TYPES,
        directives=[preview],
        config=StrawberryConfig(default_resolver=by_key, scalar_map=SCALARS),
        introspection=introspection,
    )
    core = schema._schema
    core.directives = (*core.directives, *cost_directives())
    return schema
