"""The worked examples of `db/demo/examples.json`: read, moved in time, with made-up numbers."""

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final

from app.domain.cpr import birth_date
from app.store.queries import DB
from app.store.work import COPENHAGEN

FOLDER: Final = DB / "demo"
Json = Mapping[str, Any]

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
_WEIGHTS: Final = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


@dataclass(frozen=True, slots=True)
class Example:
    """One citizen with a plan. `case` and `interventions` are as in the file, moved in time."""

    id: str
    case: Json
    interventions: tuple[Json, ...]

    @property
    def citizen(self) -> Json:
        citizen: Json = self.case["citizen"]
        return citizen

    @property
    def data(self) -> Json:
        data: Json = self.case["data"]
        return data

    @property
    def civil_registration_number(self) -> str:
        return synthetic_cpr(self.citizen["ref"], self.citizen["birth_year"])


@cache
def example_file() -> Json:
    """The whole file; see its `_about` for what the fields mean."""
    found: Json = json.loads((FOLDER / "examples.json").read_text(encoding="utf-8"))
    return found


def examples(shift_to: date | None = None) -> list[Example]:
    """Every case that has data of its own.

    shift_to: each is moved by whole days so that its `today` is this day; None: as written.
    """
    file = example_file()
    by_id = {i["id"]: i for i in (*file["interventions"], *file["supporting_interventions"])}
    cases = [*file["plans"], *file["derived_plans"], *file["own_cases"]]
    return [_example(case, by_id, shift_to) for case in cases if case.get("data")]


def _example(case: Json, interventions: Mapping[str, Json], shift_to: date | None) -> Example:
    by = (shift_to or day(case["today"])) - day(case["today"])
    carried = [interventions[number] for number in case["data"]["interventions"]]
    return Example(case["id"], moved(case, by), tuple(moved(one, by) for one in carried))


def moved(value: Any, by: timedelta) -> Any:
    """`value` with every date and time in it moved by whole days; times keep their wall clock.

    >>> moved({"on": "2019-11-21", "text": "den 21. november"}, timedelta(days=10))
    {'on': '2019-12-01', 'text': 'den 21. november'}
    """
    if isinstance(value, Mapping):
        return {key: moved(part, by) for key, part in value.items()}
    if isinstance(value, list):
        return [moved(part, by) for part in value]
    if isinstance(value, str) and _DAY.fullmatch(value):
        return (day(value) + by).isoformat()
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return (moment(value) + by).isoformat()
    return value


def day(written: str) -> date:
    return date.fromisoformat(written)


def day_or_none(written: str | None) -> date | None:
    return None if written is None else day(written)


def moment(written: str) -> datetime:
    """A time on the clock of Copenhagen, so that days added to it are days there."""
    return datetime.fromisoformat(written).astimezone(COPENHAGEN)


def synthetic_cpr(ref: str, birth_year: int) -> str:
    """A made-up number, the same for the same `ref`: born on 1 July, and it fails modulus 11.

    Nearly every number that somebody has passes modulus 11, so this is hardly anybody's.

    >>> synthetic_cpr("C-B1-1", 1979) == synthetic_cpr("C-B1-1", 1979)
    True
    """
    digits = f"0107{birth_year % 100:02}{'2' if birth_year < 2000 else '6'}"
    serial = zlib.crc32(ref.encode()) % 1000
    while _modulus_11(f"{digits}{serial:03}") == 0:
        serial = (serial + 1) % 1000
    number = f"{digits}{serial:03}"
    assert birth_date(number) == date(birth_year, 7, 1)
    return number


def _modulus_11(number: str) -> int:
    return sum(int(d) * w for d, w in zip(number, _WEIGHTS, strict=True)) % 11
