"""The development token issuer: one key for all processes, and tokens the API believes."""

import json
import stat
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from app.dev.issuer import DevelopmentIssuer
from app.domain.assurance import Assurance
from app.domain.viewer import Role
from app.errors import Unauthenticated
from app.identity import Identity
from app.identity_keys import usable_keys
from app.settings import Settings, SettingsError

PRINT_KEY = """
import json, sys
from pathlib import Path
from app.dev.issuer import DevelopmentIssuer
from app.settings import Settings
print("ready", flush=True)
sys.stdin.readline()
print(json.dumps(DevelopmentIssuer(Settings(data_dir=Path(sys.argv[1]))).jwks()))
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def issuer(settings: Settings) -> DevelopmentIssuer:
    return DevelopmentIssuer(settings)


@pytest.mark.parametrize(
    ("role", "organisation"),
    [
        (Role.CITIZEN, None),
        (Role.JOBCENTER, "101"),
        (Role.FUND, "F01"),
        (Role.INSTITUTION, "280051"),
        (Role.SYSTEM, "VITAS"),
    ],
)
async def test_every_role_gets_a_token_the_api_believes(
    settings: Settings, issuer: DevelopmentIssuer, role: Role, organisation: str | None
) -> None:
    citizen_id = uuid4() if role is Role.CITIZEN else None
    token = issuer.issue(role, citizen_id=citizen_id, organisation=organisation, name="Åse")
    viewer = await Identity(settings, issuer).viewer(f"Bearer {token}")
    assert (viewer.role, viewer.organisation_code, viewer.citizen_id, viewer.name) == (
        role,
        organisation,
        citizen_id,
        "Åse",
    )


async def test_a_token_tells_the_level_and_the_privileges_asked_for(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        required_assurance="fund=Substantial",
        claim_privileges="privileges",
        privilege_roles="urn:dk:example:advisor=fund",
        privilege_organisations="fund:18194686=F01",
    )
    issuer = DevelopmentIssuer(settings)
    identity = Identity(settings, issuer)
    privileges = [{"cvr": "18194686", "p": ["urn:dk:example:advisor"]}]
    token = issuer.issue(
        Role.FUND, organisation="F01", assurance=Assurance.HIGH, privileges=privileges
    )
    viewer = await identity.viewer(f"Bearer {token}")
    assert (viewer.role, viewer.organisation_code) == (Role.FUND, "F01")
    weak = issuer.issue(Role.FUND, organisation="F01", privileges=privileges)
    with pytest.raises(Unauthenticated, match="assurance"):
        await identity.viewer(f"Bearer {weak}")


async def test_a_token_lasts_the_minutes_asked_for(settings: Settings) -> None:
    now = 1_772_000_000.0
    issuer = DevelopmentIssuer(settings, clock=lambda: now)
    token = issuer.issue(Role.SYSTEM, organisation="VITAS", minutes=2)
    viewer = await Identity(settings, issuer, clock=lambda: now).viewer(f"Bearer {token}")
    assert viewer.expires_at == now + 120
    later = Identity(settings, issuer, clock=lambda: now + 150)
    with pytest.raises(Unauthenticated, match="expired"):
        await later.viewer(f"Bearer {token}")


def test_a_token_that_would_be_refused_is_not_issued(issuer: DevelopmentIssuer) -> None:
    with pytest.raises(ValueError, match="citizen id"):
        issuer.issue(Role.CITIZEN)
    with pytest.raises(ValueError, match="organisation"):
        issuer.issue(Role.FUND)
    with pytest.raises(ValueError, match="3 digits"):
        issuer.issue(Role.JOBCENTER, organisation="Roskilde")
    with pytest.raises(ValueError, match="anonymous"):
        issuer.issue(Role.ANONYMOUS)
    with pytest.raises(ValueError, match="one minute"):
        issuer.issue(Role.SYSTEM, organisation="VITAS", minutes=0)


def test_the_key_is_for_its_owner_only_and_never_published(
    settings: Settings, issuer: DevelopmentIssuer
) -> None:
    [file] = settings.data_dir.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    [key] = issuer.jwks()["keys"]
    assert "d" not in key
    assert json.loads(file.read_bytes())["d"] not in json.dumps(issuer.jwks())
    assert len(usable_keys(issuer.jwks()).keys) == 1


async def test_the_keys_handed_to_verifiers_cannot_sign(issuer: DevelopmentIssuer) -> None:
    assert [key.is_private for key in await issuer.keys()] == [False]


def test_processes_that_start_together_share_one_key(settings: Settings) -> None:
    command = [sys.executable, "-c", PRINT_KEY, str(settings.data_dir)]
    root = Path(__file__).parents[1]
    processes = [
        subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    printed = {process.communicate(timeout=60)[0] for process in processes}
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert len(printed) == 1
    assert len(list(settings.data_dir.iterdir())) == 1


async def test_an_emptied_data_folder_gives_a_new_key_to_a_running_server(
    settings: Settings, issuer: DevelopmentIssuer
) -> None:
    identity = Identity(settings, issuer)
    [file] = settings.data_dir.iterdir()
    file.unlink()
    token = DevelopmentIssuer(settings).issue(Role.SYSTEM, organisation="VITAS")
    assert (await identity.viewer(f"Bearer {token}")).role is Role.SYSTEM


def test_a_file_that_is_no_key_is_named(settings: Settings, issuer: DevelopmentIssuer) -> None:
    [file] = settings.data_dir.iterdir()
    file.write_text("{}")
    with pytest.raises(SettingsError, match=file.name):
        DevelopmentIssuer(settings)


def test_production_has_no_development_issuer(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="production"):
        DevelopmentIssuer(Settings(environment="production", data_dir=tmp_path))
    assert list(tmp_path.iterdir()) == []
