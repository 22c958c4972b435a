"""`minplan documents` and `minplan schema --check`, as client teams and reviewers use them."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.command import ROOT, as_process, invoked

VIEWER = "query Viewer { viewer { role name } }"
MINE = "query Mine($id: ID!) { citizen(id: $id) { accessLog(first: 5) { edges { node { at } } } } }"
STAFF = (
    'query Staff { inbox(first: 20) { edges { node { id } } } occupations(search: "a") { label } }'
)
GONE = 'query Gone { citizen(id: "hemmeligt-id") { favouriteColour } }'


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return tmp_path / "manifest.json"


def write(path: Path, *texts: str) -> None:
    path.write_text(json.dumps({sha(text): text for text in texts}))


async def test_each_document_is_shown_with_its_measures_and_roles(manifest: Path) -> None:
    write(manifest, VIEWER, MINE, STAFF)
    status, printed, problems = await as_process("documents", "check", str(manifest))
    assert (status, problems) == (0, "")
    head, *rows = (line.split() for line in printed.splitlines())
    assert head == ["document", "hash", "tokens", "depth", "cost", "for", "deprecated"]
    table = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert table["Viewer"]["hash"] == sha(VIEWER)[:12]
    assert table["Viewer"]["for"] == "citizen,jobcenter,fund,institution,system"
    assert table["Staff"]["for"] == "jobcenter,fund"
    assert (table["Viewer"]["tokens"], table["Viewer"]["depth"]) == ("9", "2")
    assert table["Mine"]["depth"] == "5"
    assert int(table["Mine"]["cost"]) > int(table["Viewer"]["cost"]) > 0
    assert {row["deprecated"] for row in table.values()} == {"-"}


def test_a_document_that_cannot_be_run_fails_the_check_without_showing_its_text(
    manifest: Path,
) -> None:
    write(manifest, VIEWER, GONE)
    status, printed, problems = invoked("documents", "check", str(manifest))
    assert status == 1 and "Viewer" in printed
    assert f"{sha(GONE)[:12]} Gone: Cannot query field" in problems
    assert "hemmeligt" not in printed + problems


def test_a_document_that_no_role_may_use_fails_the_check(manifest: Path) -> None:
    both = "query Both { inbox(first: 1) { __typename } notifications(first: 1) { __typename } }"
    write(manifest, both)
    status, printed, problems = invoked("documents", "check", str(manifest))
    assert status == 1 and "nobody" in printed
    assert f"{sha(both)[:12]} Both: no role may use all its fields" in problems


def test_what_broke_since_an_older_schema_is_told_apart(manifest: Path, tmp_path: Path) -> None:
    never = "query Never { viewer { neverThere } }"
    write(manifest, GONE, never)
    old = tmp_path / "old.graphql"
    sdl = (ROOT / "schema.graphql").read_text()
    old.write_text(sdl.replace("type Citizen {", "type Citizen {\n  favouriteColour: String", 1))
    status, _, problems = invoked("documents", "check", str(manifest), "--against", str(old))
    assert status == 1
    assert f"{sha(GONE)[:12]} Gone: it could be run with the older schema" in problems
    assert f"{sha(never)[:12]} Never: it could not be run with the older schema" in problems


async def test_a_manifest_is_made_of_files_and_passes_the_check(
    manifest: Path, tmp_path: Path
) -> None:
    files = tmp_path / "queries"
    (files / "inner").mkdir(parents=True)
    (files / "viewer.graphql").write_text(VIEWER)
    (files / "inner" / "plan.graphql").write_text(
        "query Plan($id: ID!) { citizen(id: $id) { plan { ...Outer } } }\n"
        "fragment Outer on Plan { version ...Inner }"
    )
    (files / "inner" / "parts.graphql").write_text(
        "fragment Inner on Plan { publishedAt } fragment Unused on Plan { version }"
    )
    status, printed, _ = await as_process("documents", "make", str(files))
    made = json.loads(printed)
    assert status == 0 and len(made) == 2
    assert all(sha(text) == key for key, text in made.items())
    assert not any("Unused" in text for text in made.values())
    manifest.write_text(printed)
    assert invoked("documents", "check", str(manifest))[0] == 0


@pytest.mark.parametrize(
    "text",
    ["", "query {", "fragment A on Plan { version }", "query A { viewer { ...Missing } }",
     "query A { viewer { role } } fragment B on Plan { id } fragment B on Plan { id }"],
)  # fmt: skip
def test_files_that_make_no_manifest_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.graphql").write_text(text)
    status, printed, told = invoked("documents", "make", str(tmp_path))
    assert (status, printed) == (1, "") and "Traceback" not in told and told


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the snapshots that `minplan schema` looks at."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    for name in ("docs/released.graphql", "docs/accepted-changes.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    assert invoked("schema")[0] == 0
    return tmp_path


async def test_a_schema_that_breaks_a_promise_fails_until_the_break_is_accepted(
    house: Path,
) -> None:
    assert invoked("schema", "--check")[0] == 0
    promised = house / "docs" / "released.graphql"
    sdl = promised.read_text().replace("type Viewer {", "type Viewer {\n  shoeSize: Int!", 1)
    promised.write_text(sdl)
    status, _, told = await as_process("schema", "--check", folder=house)
    assert status == 1 and "breaking: Field Viewer.shoeSize was removed." in told
    accepted = house / "docs" / "accepted-changes.txt"
    accepted.write_text(accepted.read_text() + "Field Viewer.shoeSize was removed. -- unused\n")
    assert invoked("schema", "--check")[0] == 0
    assert invoked("schema", "--release")[0] == 0
    assert "shoeSize" not in promised.read_text() + accepted.read_text()
    status, _, told = invoked("schema", "--check")
    assert (status, told) == (0, "")
