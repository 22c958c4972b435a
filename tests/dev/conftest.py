"""Data folders for the tests of the embedded servers."""

import shutil
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


@pytest.fixture(scope="module")
def used_folder() -> Iterator[Path]:
    """A data folder that has been started once; restarting it takes a moment only."""
    path = Path(tempfile.mkdtemp(prefix="minplan-test-"))
    with embedded_servers(path, durable=True):
        pass
    yield path
    shutil.rmtree(path)
