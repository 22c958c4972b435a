"""Who asks, and what the role may use."""

from typing import Any

import strawberry
from strawberry.types import Info

from app.policy.permissions import permissions
from app.schema.context import Context
from app.schema.enums import ViewerRole
from app.schema.fields import derived


def _may_use(root: dict[str, Any]) -> list[str]:
    return sorted(
        field
        for owner, _, field in (name.partition(".") for name in permissions())
        if owner in ("Query", "Mutation")
        and root["viewer_role"] in permissions()[f"{owner}.{field}"]
    )


@strawberry.type(description="Who asks, as the access token says.")
class Viewer:
    role: ViewerRole
    name: str
    organisation_code: str | None
    may_use: list[str] = derived(
        _may_use,
        reads=("viewer_role",),
        description="The queries and mutations that the role may use.",
    )


def viewer(info: Info[Context, None]) -> dict[str, Any]:
    """The bearer of the access token."""
    asks = info.context.viewer
    return {
        "role": asks.role.name,
        "viewer_role": asks.role,
        "name": asks.name,
        "organisation_code": asks.organisation_code,
    }
