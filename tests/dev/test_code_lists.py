"""Imports of code lists: what survives a migration, and how bad files are told."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.errors import BadUserInput
from app.store.code_lists import (
    read_csv,
    store_municipalities,
    store_occupations,
    store_shortage_areas,
)
from app.store.migrate import migrate


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


def file(folder: Path, *lines: str) -> list[dict[str, str | None]]:
    """The rows of a file with these lines."""
    path = folder / "list.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_csv(path)


async def test_an_import_survives_the_next_migration(
    database: Any, database_url: str, tmp_path: Path
) -> None:
    rows = file(tmp_path, "code,name,region", "101,Storkøbenhavn,HOVEDSTADEN")
    assert str(await store_municipalities(database, rows)) == (
        "municipality: 0 added, 1 changed, 0 unchanged"
    )
    await migrate(database_url)
    query = "select name from municipality where code = '101'"
    assert await database.fetchval(query) == "Storkøbenhavn"
    # a release with another file brings that one
    await database.execute("update code_list_load set hash = '' where name = 'municipalities'")
    await migrate(database_url)
    assert await database.fetchval(query) == "København"


@pytest.mark.parametrize("lines", [("code,label", "x,X"), ("code,label,scheme", "x,X,")])
async def test_an_occupation_without_a_scheme_has_the_usual_one(
    database: Any, tmp_path: Path, lines: tuple[str, ...]
) -> None:
    await store_occupations(database, file(tmp_path, *lines))
    assert await database.fetchval("select scheme from occupation") == "ESCO_STAR"


async def test_all_that_is_wrong_with_a_file_is_told_with_its_lines(
    database: Any, tmp_path: Path
) -> None:
    rows = file(
        tmp_path,
        "code,label,scheme,valid_from,valid_to",
        "a,A,,,",
        "",
        "a,A again,,,",
        ",B,,,",
        "c,,,,",
        "d,D,,2026-13-01,",
        "e,,,2026-03-01,2026-02-01",
    )
    with pytest.raises(BadUserInput) as refused:
        await store_occupations(database, rows)
    assert refused.value.message == (
        "The file cannot be imported: a second row for the same `code` on line 4; `code` is empty"
        " on line 5; `label` is empty on lines 6 and 8; `valid_from` is not a date like 2026-01-31"
        " on line 7; `valid_to` is before `valid_from` on line 8."
    )
    assert await database.fetchval("select count(*) from occupation") == 0


async def test_shortage_areas_name_occupations_there_are_and_say_yes_or_no(
    database: Any, tmp_path: Path
) -> None:
    heading = "region,occupation_code,in_shortage"
    await store_occupations(database, file(tmp_path, "code,label", "a,A"))
    with pytest.raises(BadUserInput, match="`occupation_code` is no occupation on lines 3 and 4"):
        await store_shortage_areas(
            database, file(tmp_path, heading, "R,a,yes", "R,b,yes", "S,b,yes")
        )
    with pytest.raises(BadUserInput, match="neither yes nor no on line 2"):
        await store_shortage_areas(database, file(tmp_path, heading, "R,a,perhaps"))
    await store_shortage_areas(database, file(tmp_path, heading, "R,a,no"))
    assert await database.fetchval("select in_shortage from shortage_area") is False


async def test_a_municipality_has_three_digits(database: Any, tmp_path: Path) -> None:
    with pytest.raises(BadUserInput, match="`code` is not three digits on line 2"):
        await store_municipalities(database, file(tmp_path, "code,name,region", "1A1,By,R"))


async def test_what_the_table_refuses_is_no_database_error(database: Any, tmp_path: Path) -> None:
    rows = [{"code": "a\0", "label": "A"}]
    with pytest.raises(BadUserInput, match="a row does not fit the table occupation"):
        await store_occupations(database, rows)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"code,label\n\xe6,A\n", "it is not UTF-8 text"),
        (b"code,label\na,A,B,C\n", "more cells than in the heading on line 2"),
        (b'code,label\na,"A" x\n', "line 2 is not CSV"),
        (b"kode,navn\na,A\n", "its heading lacks `code`, `label`"),
    ],
)
async def test_a_file_that_is_none_is_refused_in_a_sentence(
    database: Any, tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(BadUserInput, match=told):
        await store_occupations(database, read_csv(path))
