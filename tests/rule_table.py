"""The table rule -> code -> tests, from the register, the sources and the marks on the tests.

`python -m tests.rule_table` writes it to docs/rules.md.
"""

import ast
import pkgutil
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from inspect import getsourcefile, unwrap
from pathlib import Path
from typing import Any, Final

import app.rules
from app.rules.breach import REGISTRY
from app.rules.sources import SOURCES

ROOT: Final = Path(__file__).parent.parent
TABLE: Final = ROOT / "docs" / "rules.md"

SIDES: Final = ("allowed", "refused")

_HEAD: Final = """# The rules, where they are kept, and which tests show them

Written by `make snapshots`; do not edit. A test shows a rule on its allowed side (the rule lets
through, or does its effect) or on its refused side (it refuses, warns, hides or does not apply).
Sources are listed in `app/rules/sources.toml`.
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """One mark: a test that shows one side of a rule."""

    rule: str
    side: str
    path: str
    test: str


@cache
def marks() -> tuple[Shown, ...]:
    """All marks of the suite, by file and line; read once."""
    found: list[Shown] = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                where = path.relative_to(ROOT).as_posix()
                found += [Shown(number, side, where, node.name) for number, side in _marked(node)]
    return tuple(found)


def _marked(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, str]]:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.rule":
            number, side = (ast.literal_eval(argument) for argument in decorator.args)
            yield number, side


def keepers(number: str) -> list[str]:
    """What keeps a rule, as file:name."""
    for module in pkgutil.iter_modules(app.rules.__path__, "app.rules."):
        import_module(module.name)
    registered = [_place(function) for function in REGISTRY.get(number, ())]
    return sorted({*registered, *SOURCES[number].kept})


def _place(function: Callable[..., Any]) -> str:
    source = getsourcefile(unwrap(function))
    assert source is not None
    return f"{Path(source).relative_to(ROOT).as_posix()}:{function.__name__}"


def is_there(place: str) -> bool:
    """Whether a file:name exists: the file, and the name as a word in it."""
    path, _, name = place.partition(":")
    file = ROOT / path
    return file.is_file() and bool(
        re.search(rf"(?<!\w){re.escape(name)}(?!\w)", file.read_text(encoding="utf-8"))
    )


def table() -> str:
    """The whole of docs/rules.md."""
    shown: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for mark in marks():
        name = mark.test.removeprefix("test_").replace("_", " ")
        shown[mark.rule, mark.side].append(f"{name} (`{mark.path.removeprefix('tests/')}`)")
    lines = [
        _HEAD,
        "| rule | type | what | kept by | allowed | refused |",
        "|---|---|---|---|---|---|",
    ]
    for number, source in SOURCES.items():
        kept = [f"`{place}`" for place in keepers(number)]
        cells = [number, source.kind, source.title, "<br>".join(kept)]
        cells += ["<br>".join(shown[number, side]) for side in SIDES]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
