"""A manifest of trusted documents is used as a whole or not at all, and each fault is told."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from app.domain.viewer import Role
from app.main import create_app
from app.schema.build import build_schema
from app.schema.prepared import PreparedDocuments
from app.schema.trusted import ManifestError, TrustedDocuments, load_trusted
from app.settings import SettingsError, load_settings

VIEWER = "query Viewer { viewer { role } }"
GROUPS = "query Groups { targetGroups { code } }"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def plain(*texts: str, prefix: str = "") -> dict[str, str]:
    return {prefix + sha(text): text for text in texts}


def apollo(*texts: str, **changed: Any) -> dict[str, Any]:
    operations = [
        {"id": sha(text), "name": text.split()[1], "type": "query", "body": text} for text in texts
    ]
    fixed = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    return fixed | changed


def loaded(path: Path, manifest: Any) -> TrustedDocuments:
    path.write_text(manifest if isinstance(manifest, str) else json.dumps(manifest))
    return load_trusted(path, build_schema()._schema)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "manifest.json"


@pytest.mark.parametrize(
    "manifest",
    [plain(VIEWER, GROUPS), plain(VIEWER, GROUPS, prefix="sha256:"), apollo(VIEWER, GROUPS)],
    ids=["plain", "prefixed", "apollo"],
)
def test_each_usual_format_is_read(file: Path, manifest: Any) -> None:
    documents = loaded(file, manifest)
    assert {one.hash: one.text for one in documents.values()} == plain(VIEWER, GROUPS)
    assert {one.name for one in documents.values()} == {"Viewer", "Groups"}
    assert documents.has_text(VIEWER) and not documents.has_text(VIEWER + " ")


def test_a_folder_of_manifests_is_read_as_one(tmp_path: Path) -> None:
    (tmp_path / "citizens.json").write_text(json.dumps(plain(VIEWER)))
    (tmp_path / "staff.json").write_text(json.dumps(apollo(GROUPS, VIEWER)))
    (tmp_path / "notes.txt").write_text("no manifest")
    documents = load_trusted(tmp_path, build_schema()._schema)
    assert set(documents) == set(plain(VIEWER, GROUPS))


def test_no_manifest_holds_nothing() -> None:
    assert len(load_trusted(None, build_schema()._schema)) == 0


UNKNOWN = "query Novelty { viewer { novelty } }"
SECRET = 'query Secret { citizen(id: "0101701234") { id nothing } }'
FAULTS = [
    ({sha(VIEWER): GROUPS}, [sha(VIEWER)[:12], "hash is not that of the text"]),
    ({sha(VIEWER).upper(): VIEWER}, ["no SHA-256"]),
    ({"md5:" + 32 * "a": VIEWER}, ["no SHA-256"]),
    ({sha(VIEWER): None}, [sha(VIEWER)[:12], "has no text"]),
    ({sha(VIEWER): "\ud800"}, ["is no text"]),
    (plain(UNKNOWN), [sha(UNKNOWN)[:12], "Novelty", "Cannot query field"]),
    (plain("query Q {"), ["Syntax Error"]),
    (plain("fragment F on Viewer { role }"), ["Fragment 'F' is never used"]),
    (plain("query Q {" + " ".join(f"a{n}: viewer {{ role }}" for n in range(60)) + "}"), ["root"]),
    (plain("type T { a: Int }"), ["Syntax Error"]),
    (plain("query Q " + 5000 * "{ viewer " + 5000 * "}"), ["too many brackets"]),
    (apollo(VIEWER, VIEWER), [sha(VIEWER)[:12], "Viewer", "listed twice"]),
    (f'{{"{sha(VIEWER)}": "{VIEWER}", "{sha(VIEWER)}": "{VIEWER}"}}', ["listed twice"]),
    (apollo(VIEWER, version=2), ["known manifest format"]),
    (apollo(VIEWER, operations={}), ["known manifest format"]),
    (apollo(VIEWER, operations=[1]), ["no SHA-256"]),
    (apollo(VIEWER, format="relay"), ["known manifest format"]),
    ([], ["known manifest format"]),
    ("{", ["known manifest format"]),
    (100_000 * "[", ["known manifest format"]),
]


@pytest.mark.parametrize(("manifest", "told"), FAULTS)
def test_a_faulty_manifest_is_refused_and_says_why(file: Path, manifest: Any, told: Any) -> None:
    with pytest.raises(ManifestError) as refused:
        loaded(file, manifest)
    assert [one for one in told if one not in str(refused.value)] == []
    assert str(refused.value).count("\n  - manifest.json: ") == 1


def test_all_faults_of_all_manifests_are_told_at_once_without_any_text(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(plain(UNKNOWN, VIEWER) | {sha("x"): "y"}))
    (tmp_path / "b.json").write_text(json.dumps(apollo(SECRET)))
    with pytest.raises(ManifestError) as refused:
        load_trusted(tmp_path, build_schema()._schema)
    told = str(refused.value)
    assert [line.split(":")[0] for line in told.splitlines()[1:]] == ["  - a.json"] * 2 + [
        "  - b.json"
    ]
    for named in (sha(UNKNOWN)[:12], "Novelty", sha("x")[:12], sha(SECRET)[:12], "Secret"):
        assert named in told
    assert "0101701234" not in told and "citizen(" not in told


@pytest.mark.parametrize("there", [False, True])
def test_a_place_without_a_manifest_is_refused(tmp_path: Path, there: bool) -> None:
    with pytest.raises(ManifestError):
        load_trusted(tmp_path if there else tmp_path / "none.json", build_schema()._schema)


def test_a_trusted_document_is_kept_whatever_else_comes() -> None:
    documents = PreparedDocuments(build_schema()._schema, introspection=True, max_bytes=10_000)
    trusted = documents.prepare(VIEWER, Role.CITIZEN, trusted=True)
    other = documents.prepare(GROUPS, Role.CITIZEN)
    for number in range(20):
        documents.prepare(f"{{ viewer {{ role }} }} # {number}", Role.CITIZEN)
    assert documents.prepare(VIEWER, Role.CITIZEN, trusted=True) is trusted
    assert documents.prepare(GROUPS, Role.CITIZEN) is not other
    as_fund = documents.prepare(VIEWER, Role.FUND, trusted=True)
    assert as_fund is documents.prepare(VIEWER, Role.FUND, trusted=True) is not trusted


def test_a_process_does_not_start_with_a_bad_manifest(file: Path) -> None:
    file.write_text(json.dumps(plain(UNKNOWN)))
    settings = load_settings(trusted_documents=file)
    with pytest.raises(SettingsError, match="Cannot query field"):
        create_app(settings)


def test_trusted_documents_alone_need_a_manifest() -> None:
    with pytest.raises(SettingsError, match="MINPLAN_DOCUMENTS=trusted needs"):
        load_settings(documents="trusted")


def registers(*, is_production: bool = False, **given: Any) -> bool:
    return load_settings(**given).registers_documents(is_production=is_production)


def test_trusted_documents_alone_are_never_registered_by_clients(file: Path) -> None:
    assert not registers(documents="trusted", trusted_documents=file)
    with pytest.raises(SettingsError, match="refuses MINPLAN_AUTOMATIC_DOCUMENTS"):
        load_settings(documents="trusted", trusted_documents=file, automatic_documents=True)


def test_clients_register_documents_in_development_unless_it_is_said() -> None:
    assert registers() and not registers(is_production=True)
    assert not registers(automatic_documents=False)
    assert registers(automatic_documents=True)
    assert not registers(automatic_documents=True, is_production=True)
