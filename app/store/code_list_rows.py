"""Rows of a code list's CSV file, read and checked: what is wrong with them, and on which lines."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from app.errors import BadUserInput

Row = Mapping[str, str | int | None]

LINE: Final = "(line)"
"""Key under which a row read from a file has its line number."""

DEFAULTS: Final[Mapping[str, str]] = {"valid_from": "1900-01-01", "scheme": "ESCO_STAR"}
"""What an empty or missing cell of a column means; in others it is null."""

_LINES_TOLD: Final = 10
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_FLAGS: Final = ("yes", "no")


def read_csv(path: Path) -> list[dict[str, str | None]]:
    """The rows of a UTF-8 CSV file with a heading; an empty cell becomes None.

    Raises `BadUserInput` for what is no such file.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows: list[dict[str, str | None]] = [
                {**row, LINE: str(reader.line_num)} for row in reader
            ]
    except UnicodeDecodeError:
        raise BadUserInput("The file cannot be imported: it is not UTF-8 text.") from None
    except csv.Error:
        raise BadUserInput(
            f"The file cannot be imported: line {reader.reader.line_num} is not CSV."
        ) from None
    # what has no heading is under None
    refuse({"there are more cells than in the heading": [r for r in rows if None in r]}, rows)
    return [{name: (cell or "").strip() or None for name, cell in row.items()} for row in rows]


def check_rows(
    rows: Sequence[Row], key: Sequence[str], needed: Sequence[str], flags: Sequence[str] = ()
) -> None:
    """Raises `BadUserInput` with all that is wrong with the rows.

    key: columns that no two rows share. needed: columns without which a row says nothing. flags:
    columns that are yes or no.
    """
    missing = [column for column in needed if rows and not any(column in row for row in rows)]
    if missing:
        names = ", ".join(f"`{column}`" for column in missing)
        raise BadUserInput(f"The file cannot be imported: its heading lacks {names}.")
    found: defaultdict[str, list[Row]] = defaultdict(list)
    seen: set[tuple[object, ...]] = set()
    for row in rows:
        for problem in _problems(row, needed, flags):
            found[problem].append(row)
        identity = tuple(filled(row, column) for column in key)
        if identity in seen:
            found[f"a second row for the same {', '.join(f'`{c}`' for c in key)}"].append(row)
        seen.add(identity)
    refuse(found, rows)


def filled(row: Row, column: str) -> str | int | None:
    """A cell, or what an empty one means."""
    value = row.get(column)
    return DEFAULTS.get(column) if value is None else value


def refuse(found: Mapping[str, Sequence[Row]], rows: Sequence[Row]) -> None:
    """Raises `BadUserInput` with each problem and the lines that have it; nothing without one."""
    told = [f"{problem} on {_lines(bad, rows)}" for problem, bad in found.items() if bad]
    if told:
        raise BadUserInput(f"The file cannot be imported: {'; '.join(told)}.")


def _problems(row: Row, needed: Sequence[str], flags: Sequence[str]) -> Iterator[str]:
    for column in needed:
        if row.get(column) is None:
            yield f"`{column}` is empty"
    for column in ("valid_from", "valid_to"):
        if row.get(column) is not None and not _is_date(str(row[column])):
            yield f"`{column}` is not a date like 2026-01-31"
    first, last = filled(row, "valid_from"), row.get("valid_to")
    if last is not None and str(last) < str(first):
        yield "`valid_to` is before `valid_from`"
    for column in flags:
        if row.get(column) not in (None, *_FLAGS):
            yield f"`{column}` is neither yes nor no"


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _lines(bad: Iterable[Row], rows: Sequence[Row]) -> str:
    """Where rows stand, in words: `line 3`, `lines 3, 4 and 9`."""
    places = {id(row): place for place, row in enumerate(rows, 2)}
    numbers = [str(row.get(LINE) or places[id(row)]) for row in bad]
    more = len(numbers) - _LINES_TOLD
    if more > 0:
        numbers = [*numbers[:_LINES_TOLD], f"{more} more"]
    if len(numbers) == 1:
        return f"line {numbers[0]}"
    return f"lines {', '.join(numbers[:-1])} and {numbers[-1]}"
