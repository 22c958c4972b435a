"""Documents that are kept take no more memory than is counted for them, whatever they are."""

import gc
from collections.abc import Callable, Iterator
from sys import getsizeof

import pytest
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, OperationType

from app.domain.viewer import Role
from app.schema.build import build_schema
from app.schema.cost import costs_of
from app.schema.deprecated import deprecations_of
from app.schema.execution import CountingExecution
from app.schema.live_shape import shape_of
from app.schema.prepared import Prepared, PreparedDocuments

SCHEMA = build_schema()._schema
A_PLACE = 200
"""Bytes of an entry in the cache itself."""
LINES = "\n" * 18_000
WIDE = "#" + "👍" * 18_000 + "\n"


def many(form: str, count: int = 20) -> str:
    return " ".join(form.format(n) for n in range(count))


DOCUMENTS: dict[str, Callable[[int], str]] = {
    "few characters that cannot be read": lambda n: f"{{a{n}",
    "a field that is not there": lambda n: f"{{a{n}}}",
    "many fields that are not there": lambda n: f"{{{many(f'a{n}_{{0}}')}}}",
    "a long name that is not there": lambda n: f"{{{f'a{n}_' + 'x' * 15_000}}}",
    "one that many others do not merge with": lambda n: (
        f"{{a{n}: targetGroups {{ code }} {many(f'a{n}: schemes {{{{ code }}}}', 40)}}}"
    ),
    "lines and what cannot be read": lambda n: f"{LINES}{{a{n}",
    "wide characters and what cannot be read": lambda n: f"{WIDE}{{a{n}",
    "next to nothing": lambda n: f"{{a{n}:__typename}}",
    "lines": lambda n: f"{LINES}{{a{n}:__typename}}",
    "wide characters": lambda n: f"{WIDE}{{a{n}:__typename}}",
    "many fields": lambda n: f"{{{many(f'a{n}_{{0}}:__typename', 40)}}}",
    "long wide texts": lambda n: (
        f"""{{{many(f'a{n}_{{0}}: citizen(id: "{"👍" * 900}"){{{{id}}}}')}}}"""
    ),
    "a long text with a wide escape": lambda n: (
        f'{{a{n}: citizen(id: "{"x" * 18_000}\\u{{1F44D}}"){{id}}}}'
    ),
    "a long text with a wide escape where there is no field": lambda n: (
        f'{{a{n}: nope(id: "{"x" * 18_000}\\u{{1F44D}}"){{id}}}}'
    ),
    "pages that variables decide": lambda n: (
        f"query({many('$f{0}: Int!', 9)}) {{"
        + many(f'a{n}_{{0}}: occupations(search: "a", first: $f{{0}}) {{{{ code }}}}', 9)
        + "}"
    ),
    "many subscriptions": lambda n: many(
        f'subscription s{n}_{{0}} {{{{ planUpdated(citizenId: "a") {{{{ version }}}} }}}}'
    ),
    "many operations": lambda n: many(f"query q{n}_{{0}} {{{{ __typename }}}}"),
}


@pytest.mark.parametrize("roles", [(Role.CITIZEN,), tuple(Role)], ids=["one role", "all roles"])
@pytest.mark.parametrize("sort", DOCUMENTS)
def test_a_document_takes_no_more_memory_than_is_counted(
    sort: str, roles: tuple[Role, ...]
) -> None:
    documents = PreparedDocuments(SCHEMA, introspection=True)
    for role in Role:
        _use(documents.prepare("{ viewer { role } nope", role))
        _use(documents.prepare("{ viewer { role } }", role))
    known = {id(one) for one in _reached([documents], set())}
    before, room = set(_entries(documents)), _room(documents)
    for number in range(4):
        for role in roles:
            _use(documents.prepare(DOCUMENTS[sort](number), role))
    new = {key: entry for key, entry in _entries(documents).items() if key not in before}
    assert len(new) >= 4
    held = len(new) * A_PLACE + sum(map(getsizeof, _reached([*new.items()], known)))
    assert held <= room - _room(documents)


def _entries(documents: PreparedDocuments) -> dict[object, object]:
    return dict([*documents._kept.items(), *documents._refused.items()])


def _room(documents: PreparedDocuments) -> int:
    return documents._room + documents._refused_room


def _use(prepared: Prepared) -> None:
    """What an operation leaves with its document."""
    if prepared.document is None or prepared.errors:
        return
    for one in prepared.document.definitions:
        if isinstance(one, OperationDefinitionNode):
            costs_of(SCHEMA, page_size_limit=100).of(prepared, one, {})
            deprecations_of(SCHEMA).count(prepared, one, {})
            assert GraphQLError("late", one).locations  # with the table of lines
            if one.operation is OperationType.SUBSCRIPTION:
                _follow(prepared, prepared.document, one)


def _follow(prepared: Prepared, document: DocumentNode, one: OperationDefinitionNode) -> None:
    assert one.name
    execution = CountingExecution.build(
        SCHEMA, document, None, None, {}, one.name.value, hide_suggestions=False
    )
    assert isinstance(execution, CountingExecution)
    shape_of(one, prepared, execution)
    execution.let_go()


def _reached(roots: list[object], but: set[int]) -> Iterator[object]:
    """Everything that these hold, but for what was there before."""
    seen, waiting = set(but), roots
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += gc.get_referents(one)
