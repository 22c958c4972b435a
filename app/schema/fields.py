"""How fields of document types get their values.

Document types are plain: a field is the document's key of the same Python name. What depends on
an argument or is worked out from other keys is a *derived* field: a small sync function of the
document, without `info` and without side effects, that names the keys it reads.
"""

from collections.abc import Callable
from operator import attrgetter, getitem
from typing import Any

import strawberry


def by_key(source: Any, name: str) -> Any:
    """The default resolver: a key of a document, or an attribute of a payload."""
    return getitem(source, name) if isinstance(source, dict) else attrgetter(name)(source)


def derived(
    resolver: Callable[..., Any],
    *,
    reads: tuple[str, ...],
    description: str | None = None,
    name: str | None = None,
) -> Any:
    """A field worked out from the keys `reads` of its document by a pure function."""
    return strawberry.field(
        resolver=resolver, description=description, name=name, metadata={"reads": reads}
    )


def fetched(
    resolver: Callable[..., Any], *, description: str | None = None, name: str | None = None
) -> Any:
    """A field that reads by itself, or needs the operation's context: never on the fast path."""
    return strawberry.field(resolver=resolver, description=description, name=name)


class Discriminated:
    """Member of an interface or union: told apart by the document's key `type_name`."""

    @classmethod
    def is_type_of(cls, source: Any, _info: Any) -> bool:
        if isinstance(source, dict):
            return bool(source["type_name"] == cls.__name__)
        return isinstance(source, cls)
