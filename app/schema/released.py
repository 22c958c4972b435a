"""The SDL that clients were last promised, and what was broken of it knowingly."""

from pathlib import Path
from typing import NamedTuple

from app.schema.changes import changes_between, judged


class Verdict(NamedTuple):
    """told: a line for each change that clients may notice; broken: whether it must not go out."""

    told: list[str]
    broken: bool


class Released:
    """`released.graphql` and `accepted-changes.txt` in a folder."""

    def __init__(self, folder: Path) -> None:
        self.sdl = folder / "released.graphql"
        self.accepted = folder / "accepted-changes.txt"

    def judge(self, sdl: str) -> Verdict:
        """What a schema breaks of the released one; nothing where none was released yet."""
        if not self.sdl.exists():
            return Verdict([], broken=False)
        changes = changes_between(self.sdl.read_text(), sdl)
        accepted = self.accepted.read_text() if self.accepted.exists() else ""
        refused = judged(changes, accepted)
        return Verdict(refused + [f"dangerous: {one}" for one in changes.dangerous], bool(refused))

    def write(self, sdl: str) -> None:
        """Promises a schema to clients; what was accepted until now is no change any more."""
        self.sdl.write_text(sdl)
        if self.accepted.exists():
            lines = self.accepted.read_text().splitlines(keepends=True)
            self.accepted.write_text("".join(line for line in lines if line.startswith("#")))
