"""Letters for whoever prints them: a PDF and a small JSON beside it, in a folder.

Both files bear the id of the letter task, so a repeated attempt writes the same names and never a
second letter. The JSON comes last: a letter is whole when its JSON is there, and the PDF has the
digest that stands in it. Neither names nor JSON hold a CPR number, a name or an address: whoever
prints looks these up by the citizen's id. The PDF says the citizen's name, and the plan.
"""

import asyncio
import errno
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Final, Protocol
from uuid import UUID

import orjson

from app.channels.contract import TryAgain

SCHEMA_VERSION: Final = 1

_REASONS: Final = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "folder_full"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "folder_refuses"),
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR), "folder_missing"),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """One version of a plan to be printed.

    version: its number in the citizen's own plan. created_at: when the task was created.
    """

    letter_task_id: UUID
    citizen_id: UUID
    version: int
    created_at: datetime
    pdf: bytes = field(repr=False)

    @property
    def manifest(self) -> bytes:
        """The JSON beside the PDF."""
        said = {
            "schemaVersion": SCHEMA_VERSION,
            "letterTaskId": str(self.letter_task_id),
            "citizenId": str(self.citizen_id),
            "planVersion": self.version,
            "createdAt": self.created_at,
            "pdfSha256": hashlib.sha256(self.pdf).hexdigest(),
        }
        return orjson.dumps(said, option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2)


def pdf_name(letter_task_id: UUID) -> str:
    return f"{letter_task_id}.pdf"


def manifest_name(letter_task_id: UUID) -> str:
    return f"{letter_task_id}.json"


class LetterBox(Protocol):
    """Where letters are left for printing. Both methods may be repeated without harm."""

    async def put(self, letter: Letter) -> None:
        """Returns when both files are there to stay. Raises TryAgain, and nothing else."""
        ...

    async def remove(self, letter_task_id: UUID) -> None:
        """Returns when neither file is there any more. Raises TryAgain, and nothing else."""
        ...


class Folder:
    """A folder that the printing system reads; each file in it is whole, and its owner's alone."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError when the folder is not there, or files cannot be made in it."""
        self._folder = folder
        self._write(".writable", b"")
        (folder / ".writable").unlink()

    async def put(self, letter: Letter) -> None:
        await _in_thread(lambda: self._put(letter))

    async def remove(self, letter_task_id: UUID) -> None:
        await _in_thread(lambda: self._remove(letter_task_id))

    def _put(self, letter: Letter) -> None:
        self._write(pdf_name(letter.letter_task_id), letter.pdf)
        self._write(manifest_name(letter.letter_task_id), letter.manifest)
        self._remove_halves(letter.letter_task_id)

    def _remove(self, letter_task_id: UUID) -> None:
        for name in (manifest_name(letter_task_id), pdf_name(letter_task_id)):
            with suppress(FileNotFoundError):
                (self._folder / name).unlink()
        self._remove_halves(letter_task_id)
        self._keep_names()

    def _write(self, name: str, content: bytes) -> None:
        half = self._folder / f".{name}.{token_hex(8)}.half"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        try:
            with open(os.open(half, flags, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            half.replace(self._folder / name)
        except BaseException:
            with suppress(OSError):
                half.unlink()
            raise
        self._keep_names()

    def _remove_halves(self, letter_task_id: UUID) -> None:
        """Those of workers that died while they wrote."""
        for half in self._folder.glob(f".{letter_task_id}.*.half"):
            half.unlink(missing_ok=True)

    def _keep_names(self) -> None:
        """A name that appeared or went survives a loss of power."""
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


async def _in_thread(work: Callable[[], None]) -> None:
    try:
        await asyncio.to_thread(work)
        return
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, "folder_failed")
    raise TryAgain(reason, operator=True, provider=True)
