"""Data folders for the tests of the embedded servers."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.dev.embedded import embedded_servers


@pytest.fixture
def place() -> Iterator[Path]:
    """A short folder of our own that other accounts may pass through."""
    path = Path(tempfile.mkdtemp(prefix="minplan-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def made(place: Path, used_folder: Path) -> Path:
    """The same with a cluster that has been started once: to make one takes a second."""
    # with its owner, which a copy by Python loses
    subprocess.run(["cp", "-a", used_folder / "postgres", place], check=True)
    return place


@pytest.fixture(scope="session")
def used_folder() -> Iterator[Path]:
    """A data folder that has been started once; restarting it takes a moment only."""
    path = Path(tempfile.mkdtemp(prefix="minplan-test-"))
    with embedded_servers(path, durable=True):
        pass
    yield path
    shutil.rmtree(path)
