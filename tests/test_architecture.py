"""The house stays as ARCHITECTURE.md draws it."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "app").rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", [p for p in SOURCES if "rules" in p.parts], ids=lambda p: p.name)
def test_a_rule_has_no_clock_and_no_input_or_output(path: Path) -> None:
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not imported & {"asyncio", "asyncpg", "httpx", "os", "redis", "socket", "time"}
    if path.name != "sources.py":
        assert not re.search(r"\b(now|today)\(\)", path.read_text())


def test_sql_is_written_in_files_not_in_python() -> None:
    """Python names queries; the importer of code lists builds its one statement from constants."""
    statement = re.compile(r"\"\s*(select|insert|update|delete)\s[^\"]*\s(from|into|set)\s", re.I)
    found = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if statement.search(path.read_text()) and "dev" not in path.parts
    ]
    assert found in ([], ["app/store/code_lists.py"])


def test_no_file_names_a_package_registry() -> None:
    hosts = re.compile(r"pypi\.org|pythonhosted|npmjs|deb\.debian")
    named = [
        str(path.relative_to(ROOT))
        for pattern in ("requirements/*", "*.toml", "*.yml", "Makefile", "Dockerfile", "*.md")
        for path in ROOT.glob(pattern)
        if hosts.search(path.read_text())
    ]
    assert named == []
