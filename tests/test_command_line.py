"""The command line itself: what it spares whoever asks for help or types a wrong command."""

import subprocess
import sys

from tests.command import ROOT

WORK = ("app.settings", "app.store", "app.schema", "asyncpg", "redis", "strawberry", "aiohttp")


def test_the_command_line_imports_nothing_that_only_commands_need() -> None:
    code = f"import sys, app.cli; print(*(name for name in {WORK} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"
