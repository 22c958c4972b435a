"""The parser reads what graphql-core's reads, to the same nodes at the same places."""

import re
from pathlib import Path
from typing import Any

import graphql
import pytest
from graphql import DocumentNode, ExecutableDefinitionNode, GraphQLError, print_ast
from hypothesis import given, settings, strategies as st

from app.domain.viewer import Role
from app.schema.lexical import LIMITS, TRUSTED_LIMITS, Limits, lexemes_of, limits_for
from app.schema.parser import parse
from tests.examples import examples

LEXEMES = [
    *("{", "}", "(", ")", "[", "]", ":", "!", "$", "@", "=", "|", "&", "...", ".", "..", ",", " "),
    *("\n", "\r", "\r\n", "\t", "\ufeff", "# not { here\n", "#\r", "query", "mutation", "fragment"),
    *("subscription", "on", "true", "false", "null", "a", "B_1", "_", "0", "-0", "1", "-", "12.5"),
    *("1e9", "-1.5E-3", "00", "1.", ".5", "1a", "0xF", '""', '"a"', '"\\""', '"\\u00e6"', '"'),
    *('"\\u{1F600}"', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\q"', '"\\u{110000}"', '"\\u{}"', '"""'),
    *('"""a"""', '"""\n  a\n    b\n"""', '"""\\""""""', '""""a"""', "é", "\x00", "\x07", "🍎", "'"),
]

WHOLE = [
    *("query", "query Q", "mutation M($a: Int = 1 @b, $c: [[X!]]!)", "fragment F on T", ""),
    *("{ a }", "{ a: b(c: [1, {d: $e}]) @f(g: 1) { ...F ... on T @h { i } ... { j } } }"),
    *('"described" query', '"""d""" fragment G on T', 'query ("v" $v: Int)', "{ }", "a(b: null)"),
    *("type T { a: Int }", "schema { query: Q }", "extend type T", "directive @a on FIELD"),
]


def theirs(text: str) -> DocumentNode | None:
    """What graphql-core reads; None if it refuses it, or if it holds more than operations."""
    try:
        document = graphql.parse(text)
    except (GraphQLError, RecursionError):
        return None
    executable = all(isinstance(d, ExecutableDefinitionNode) for d in document.definitions)
    return document if executable else None


def ours(text: str, limits: Limits = TRUSTED_LIMITS) -> DocumentNode | None:
    try:
        return parse(lexemes_of(text, limits))
    except GraphQLError as error:
        assert error.locations or "too many" in error.message
        return None


def assert_alike(text: str) -> None:
    expected, found = theirs(text), ours(text)
    assert found == expected
    if expected is not None and found is not None:
        assert print_ast(found) == print_ast(expected)
        assert found.to_dict(locations=True) == expected.to_dict(locations=True)


def documents() -> list[str]:
    """Every text in this repository's tests that graphql-core can read as a document."""
    found = set()
    for path in Path(__file__).parents[1].rglob("*.py"):
        for text in re.findall(r'"""(.*?)"""|"([^"\n]*)"', path.read_text(), re.DOTALL):
            found |= {t for t in text if "{" in t and theirs(t) is not None}
    return sorted(found)


DOCUMENTS = documents()


def test_every_document_of_the_tests_is_read_as_graphql_core_reads_it() -> None:
    assert len(DOCUMENTS) > 100
    for text in DOCUMENTS:
        assert_alike(text)


@settings(max_examples=examples(1500))
@given(st.lists(st.sampled_from(LEXEMES), max_size=30), st.sampled_from(["", " "]))
def test_a_soup_of_lexemes_is_taken_or_refused_alike(words: list[str], between: str) -> None:
    assert_alike(between.join(words))


@settings(max_examples=examples(600))
@given(st.lists(st.sampled_from(WHOLE), max_size=6))
def test_a_soup_of_definitions_is_taken_or_refused_alike(parts: list[str]) -> None:
    assert_alike(" ".join(parts))


@settings(max_examples=examples(1500))
@given(st.sampled_from(DOCUMENTS), st.data())
def test_a_changed_document_is_taken_or_refused_alike(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 8)))
    put = data.draw(st.sampled_from(LEXEMES) | st.text(max_size=4))
    changed = text[:start] + put + text[end:]
    if changed.isascii() or changed.encode(errors="ignore").decode() == changed:
        assert_alike(changed)


@settings(max_examples=examples(800))
@given(
    st.text(alphabet='"\\ u{}0dD8eEfF19abn\n\r\t/é🍎', max_size=30), st.sampled_from(['"', '"""'])
)
def test_strings_mean_the_same(inside: str, mark: str) -> None:
    assert_alike(f"{{ a(b: {mark}{inside}{mark}) }}")


@pytest.mark.parametrize("opening", ["{a", "{a(b:[", "{a(b:{c:", "query($a:["])
def test_no_nesting_is_too_deep_to_be_refused(opening: str) -> None:
    for text in (opening * 150, opening * 5_000):
        assert_alike(text)


def test_the_deepest_document_of_graphql_core_can_be_read() -> None:
    for depth in (199, 200, 201):
        nested = "{a" * depth + "}" * depth
        assert (ours(nested) is None) == (theirs(nested) is None) == (depth > 200)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("{ a " * 41 + "}" * 41, "brackets"),
        ("{ " + "a: b " * 1_001 + "}", "aliases"),
        ("{ a " + "@b " * 101 + "}", "directives"),
        ("{ " + "...a " * 401 + "}", "fragments"),
        ("{ a(b: [" + "1 " * 4_000 + "]) }", "tokens"),
        ("{ " + "a " * 2_601 + "}", "names"),
        ("{ a }" * 121, "operations and fragments"),
        ("{ a }" + " " * 200_000, "characters"),
    ],
)
def test_too_many_of_anything_is_refused_before_it_is_read(text: str, limit: str) -> None:
    with pytest.raises(GraphQLError, match=f"too many {limit}"):
        lexemes_of(text, LIMITS)


@pytest.mark.parametrize(
    "hidden",
    [
        '{ a(b: "' + ": @ ... { " * 400 + '") }',
        '{ a(b: """' + ': @ ... { " "" \\""" ' * 400 + '""") }',
        "{ a # " + ": @ ... { " * 400 + "\n }",
        "{ a(" + "b: 1 " * 1_001 + ") }",
    ],
)
def test_what_stands_in_strings_comments_and_arguments_is_not_counted(hidden: str) -> None:
    assert ours(hidden, LIMITS) is not None


def test_roles_without_a_login_may_send_less() -> None:
    for name in Limits.__slots__:
        assert getattr(limits_for(Role.ANONYMOUS), name) < getattr(limits_for(Role.FUND), name)


def test_an_error_says_where_it_is() -> None:
    for text in ("{\r\n a\r b(\n c: ) }", "{\n a(b: 1.) }", '{\n\n a(b: """\n x'):
        with pytest.raises(GraphQLError) as mine:
            parse(lexemes_of(text, LIMITS))
        with pytest.raises(GraphQLError) as core:
            graphql.parse(text)
        assert mine.value.locations == core.value.locations


def test_no_error_repeats_what_the_client_wrote() -> None:
    texts: list[Any] = [
        "{ a(b: Secret_1 }",
        "Secret_1 { a }",
        '{ a "Secret_1" }',
        "{ a(b Secret_1) }",
    ]
    for text in texts:
        with pytest.raises(GraphQLError) as refused:
            parse(lexemes_of(text, LIMITS))
        assert "Secret" not in refused.value.message
