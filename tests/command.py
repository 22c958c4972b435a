"""`minplan` as its users call it: as a process, or the same commands inside the tests' process.

A process takes half a second to start. So each command is told by a process once, and how it
takes many arguments without one.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from typer.testing import CliRunner

from app.cli import app, is_expected

ROOT = Path(__file__).parents[1]
NONE: Final[Mapping[str, str]] = MappingProxyType({})


class Ended(NamedTuple):
    """The status, and what was said on standard output and on standard error."""

    status: int
    printed: str
    told: str


async def as_process(
    *arguments: str,
    given: str = "",
    environment: Mapping[str, str] = NONE,
    folder: Path = ROOT,
) -> Ended:
    """`minplan ...` from the shell in a folder; given: its standard input."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", *arguments),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, told = await process.communicate(given.encode())
    assert process.returncode is not None
    return Ended(process.returncode, printed.decode(), told.decode())


def invoked(*arguments: str, given: str = "", environment: Mapping[str, str] = NONE) -> Ended:
    """The same command in this process; what it does not expect is raised."""
    done = CliRunner().invoke(app, list(arguments), input=given, env=environment)
    if done.exception is None or isinstance(done.exception, SystemExit):
        return Ended(done.exit_code, done.stdout, done.stderr)
    if not is_expected(done.exception):
        raise done.exception
    return Ended(1, done.stdout, f"{done.stderr}{done.exception}\n")


async def in_thread(
    *arguments: str, given: str = "", environment: Mapping[str, str] = NONE
) -> Ended:
    """`invoked` for a command with an event loop of its own."""
    return await asyncio.to_thread(
        lambda: invoked(*arguments, given=given, environment=environment)
    )
