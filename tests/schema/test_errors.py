"""An error says what is wrong and where, and repeats nothing that anybody wrote."""

import ast
import doctest
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

from app.domain.viewer import Role
from app.schema import core_message
from app.settings import Settings
from app.texts import section
from tests.story import CONVERSATION, conversation, new_citizen
from tests.world import World, open_world

ROOT = Path(__file__).parents[2]
MARK = "Karen010780"
INPUT = "Variable '$input' has an invalid value"
OF_INPUT = f"{INPUT}: Expected value of type 'RegisterConversationInput'"


async def errors_of(world: World, query: str, **variables: Any) -> list[dict[str, Any]]:
    answer = await world.post(world.token(Role.JOBCENTER), query, **variables)
    found: list[dict[str, Any]] = answer["errors"]
    return found


@pytest.mark.parametrize(
    ("change", "message", "path"),
    [
        ({"mode": MARK}, "at 'mode': The value does not exist in 'MeetingMode' enum.", ["mode"]),
        ({"mode": 5}, "at 'mode': Enum 'MeetingMode' cannot represent non-string value.", ["mode"]),
        ({"heldAt": MARK}, "at 'heldAt': This must be a time such as 2026-03-31T09:30:00+02:00.",
            ["heldAt"]),
        ({"heldAt": 7}, "at 'heldAt': This must be a text.", ["heldAt"]),
        ({"agreementText": [MARK]},
            "at 'agreementText': String cannot represent a non string value.", ["agreementText"]),
        ({"citizenId": {MARK: MARK}}, "at 'citizenId': ID cannot represent value.", ["citizenId"]),
        ({"expectedVersion": 2**40},
            "at 'expectedVersion': Int cannot represent non 32-bit signed integer value.",
            ["expectedVersion"]),
        ({"expectedVersion": MARK},
            "at 'expectedVersion': Int cannot represent non-integer value.", ["expectedVersion"]),
        ({"hiddenFromUnemploymentFund": MARK},
            "at 'hiddenFromUnemploymentFund': Boolean cannot represent a non boolean value.",
            ["hiddenFromUnemploymentFund"]),
        ({"statuses": [{"interventionId": MARK, "text": ""}, {"interventionId": MARK}]},
            "at 'statuses[1]': Expected value of type 'InterventionStatusInput' to include required"
            " field 'text'.", ["statuses", 1]),
        ({"statuses": [None]},
            "at 'statuses[0]': Expected value of non-null type 'InterventionStatusInput!' not to be"
            " null.", ["statuses", 0]),
        ({"statuses": [MARK]},
            "at 'statuses[0]': Expected value of type 'InterventionStatusInput' to be an object.",
            ["statuses", 0]),
    ],
)  # fmt: skip
async def test_a_bad_variable_says_where_and_what_is_expected(
    shared_world: World, change: dict[str, Any], message: str, path: list[str | int]
) -> None:
    citizen = await new_citizen(shared_world)
    given = conversation(shared_world, citizen, "Hej.") | change
    (error,) = await errors_of(shared_world, CONVERSATION, input=given)
    assert error["message"] == f"{INPUT} {message}"
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "path": ["input", *path]}


@pytest.mark.parametrize(
    ("given", "messages"),
    [
        (None, [f"{INPUT}: Expected value of non-null type 'RegisterConversationInput!'"
            " not to be null."]),
        (MARK, [f"{OF_INPUT} to be an object."]),
        ({"citizenId": MARK, "mode": "PHONE", "heldAt": "2026-03-01T09:00:00Z", MARK: MARK},
            [f"{OF_INPUT} to include required field 'authority'.",
             f"{OF_INPUT} not to include unknown field."]),
    ],
)  # fmt: skip
async def test_an_input_of_the_wrong_shape_says_what_is_expected(
    shared_world: World, given: Any, messages: list[str]
) -> None:
    errors = await errors_of(shared_world, CONVERSATION, input=given)
    assert [error["message"] for error in errors] == messages
    assert {tuple(error["extensions"]["path"]) for error in errors} == {("input",)}


async def test_a_variable_that_is_missing_says_so(shared_world: World) -> None:
    (error,) = await errors_of(shared_world, CONVERSATION)
    assert error["message"] == (
        f"{INPUT}: Expected a value of non-null type 'RegisterConversationInput!' to be provided."
    )


@pytest.mark.parametrize(
    "literal",
    [
        *(f'"{MARK}"', f"{{ {MARK}: 1 }}", f'{{ citizenId: "{MARK}" }}', f"[{MARK}]", MARK),
        *(f'{{ mode: "{MARK}" }}', f"{{ mode: {MARK} }}", f'{{ heldAt: "{MARK}" }}'),
        *(f'{{ expectedVersion: "{MARK}" }}', f'{{ statuses: "{MARK}" }}'),
        *(f'{{ statuses: [{{ text: {{ a: "{MARK}" }} }}] }}', f'"""{MARK}', f'"{MARK}', f"5{MARK}"),
        *(f'{{ "{MARK}" }}', f"'{MARK}'", f'{{ citizenId: "\\{MARK}" }}', f"${{ {MARK} }}"),
    ],
)
async def test_a_value_in_the_document_is_not_repeated(shared_world: World, literal: str) -> None:
    query = f"mutation {{ registerConversation(input: {literal}) {{ __typename }} }}"
    errors = await errors_of(shared_world, query)
    assert errors and MARK not in json.dumps(errors)
    assert {error["extensions"]["code"] for error in errors} == {"BAD_USER_INPUT"}


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.just(MARK) | st.text(max_size=5).map(lambda text: f"{text}{MARK}")
    | st.sampled_from([f"{MARK}' does not exist in 'x' enum.", f"', found: {MARK}", f"a: {MARK}"]),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from([MARK, f"x' {MARK}", "text", "interventionId"]), inner),
    max_leaves=4,
)  # fmt: skip
FIELDS = ("mode", "heldAt", "agreementText", "citizenId", "expectedVersion", "statuses", MARK)


@hypothesis_settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes=st.dictionaries(st.sampled_from(FIELDS), ANY, min_size=1, max_size=2))
async def test_no_error_repeats_any_part_of_any_variable(
    shared_world: World, changes: dict[str, Any]
) -> None:
    given = conversation(shared_world, "none", "Hej.") | changes
    answer = await shared_world.post(shared_world.token(Role.JOBCENTER), CONVERSATION, input=given)
    assert MARK not in json.dumps(answer, ensure_ascii=False)


async def test_without_introspection_nothing_is_suggested(settings: Settings) -> None:
    query = "query($n: Int) { viewerr { role } viewer { rol } occupations(searc: $n) { title } }"
    timeline = (
        "query($v: TimelineView) { citizen(id: 1) { plan { timeline(view: $v) { today } } } }"
    )
    written = "{ citizen(id: 1) { plan { timeline(view: TIMELIN) { today } } } }"
    mistaken = "mutation { registerConversation(input: { citizenI: 1 }) { __typename } }"
    async with open_world(settings.model_copy(update={"introspection": False})) as world:
        told = [
            await errors_of(world, query),
            await errors_of(world, "{ viewer }"),
            await errors_of(world, timeline, v="TIMELIN"),
            await errors_of(world, written),
            await errors_of(world, mistaken),
            await errors_of(world, CONVERSATION, input={"citizenI": 1}),
        ]
    assert "Did you mean" not in json.dumps(told)


async def test_an_inner_failure_tells_its_number_and_nothing_else(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    citizen = await new_citizen(world)
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        await connection.execute("alter table conversation rename to elsewhere")
    finally:
        await connection.close()
    (error,) = await errors_of(world, CONVERSATION, input=conversation(world, citizen, MARK))
    incident = error["extensions"].pop("incident")
    assert error == {
        "message": f"Something went wrong. Please quote {incident}.",
        "locations": error["locations"],
        "path": ["registerConversation"],
        "extensions": {"code": "INTERNAL"},
    }
    assert incident in caplog.text and MARK not in caplog.text


def codes_in_the_code() -> set[str]:
    """Every code that a class of errors or an error's extensions carry."""
    found: set[str] = set()
    for path in (ROOT / "app").rglob("*.py"):
        if path.parts[-2] == "rules":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                found.update(_class_codes(node))
            elif isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                values = [v for k, v in pairs if isinstance(k, ast.Constant) and k.value == "code"]
                found.update(text for value in values for text in _texts(value))
    return {code for code in found if re.fullmatch("[A-Z_]+", code)}


def _class_codes(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
            names = ast.unparse(
                statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            )
            if names == "code":
                yield from _texts(statement.value)


def _texts(node: ast.expr) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def test_the_list_of_codes_is_whole() -> None:
    listed = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/errors.md").read_text(), re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == codes_in_the_code()


KINDS = frozenset(
    ("Unauthenticated", "Forbidden", "BadUserInput", "BadRequest", "NotFound", "DocumentNotFound")
)
AS_IT_IS = frozenset(
    (
        *("PersistedQueryNotFound", "PersistedQueryNotSupported", "Operation ID is missing"),
        *("Operation with ID already exists", "Stream already open", "Stream not found"),
    )
)
"""Words that clients look for: those of Apollo's and graphql-sse's own servers."""


def sentences_in_the_code() -> Iterator[str]:
    """What errors are raised with; `{}` stands for what is filled in."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        tree = ast.parse(path.read_text())
        constants = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = ast.unparse(call.func)
            if name == "id_of" and len(call.args) == 2 and isinstance(call.args[1], ast.Constant):
                yield f"There is no such {ast.literal_eval(call.args[1])}."
            elif call.args and (name in KINDS or (name == "super().__init__" and _is_error(path))):
                yield from _sentences(call.args[0], constants)


def _is_error(path: Path) -> bool:
    return path == ROOT / "app/errors.py" or path.name == "operation.py"


def _sentences(node: ast.expr, constants: dict[str, ast.expr]) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "{}"
            for part in node.values
        )
    elif isinstance(node, ast.IfExp):
        yield from _sentences(node.body, constants)
        yield from _sentences(node.orelse, constants)
    elif isinstance(node, ast.Name) and node.id in constants:
        yield from _sentences(constants[node.id], constants)


def test_every_sentence_of_an_error_is_there_in_danish() -> None:
    known = {re.sub(r"\{\w+\}", "{}", text) for text in section("error", "en").values()}
    raised = {
        sentence
        for sentence in sentences_in_the_code()
        # importing a code list is a command of operators
        if not sentence.startswith("The file cannot be imported") and sentence not in AS_IT_IS
    }
    assert len(raised) > 80
    assert sorted(raised - known - {"There is no such {}."}) == []


def test_no_sentence_fits_two_texts() -> None:
    sentences = [re.sub(r"\{\w+\}", "{}", text) for text in section("error", "en").values()]
    assert len(sentences) == len(set(sentences))


def test_the_examples_hold() -> None:
    assert doctest.testmod(core_message).failed == 0
