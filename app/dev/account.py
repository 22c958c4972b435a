"""Which operating system account the embedded servers run as, and what it can reach.

PostgreSQL refuses to run as root. Root (containers, mostly) therefore gets its servers run by
an unprivileged account that already exists; nothing is added to the system's user list and no
folder is opened for reading.
"""

import logging
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.dev.errors import EmbeddedServerError

logger = logging.getLogger("minplan.embedded")

UNPRIVILEGED = "nobody"


@dataclass(frozen=True)
class Account:
    """A user and group id of this machine."""

    uid: int
    gid: int


def server_account(cluster: Path) -> Account | None:
    """The account for the servers of the PostgreSQL folder `cluster`; None: the caller's own.

    An existing cluster keeps its owner, so that root can open what an ordinary user made.
    Raises EmbeddedServerError when an ordinary user meets a cluster of somebody else.
    """
    owner = cluster.stat() if cluster.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            raise EmbeddedServerError(
                f"{cluster} belongs to another user (uid {owner.st_uid}), probably because it "
                f"was made as root. Run as that user, or delete {cluster.parent}."
            )
        return None
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise EmbeddedServerError(
            f"PostgreSQL does not run as root, and this machine has no account "
            f"'{UNPRIVILEGED}' to run it as. Run as an ordinary user."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def private_folder(path: Path, account: Account | None) -> Path:
    """`path` as a folder only `account` (and root) can enter, made if absent."""
    path.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o700)
    return path


def open_way_to(folder: Path, account: Account | None) -> None:
    """Let `account` pass through `folder` and its parents: the search bit only, no listing.

    Every parent that is changed is named in a warning. Raises EmbeddedServerError if one
    cannot be changed.
    """
    if account is None:
        return
    for step in [folder, *folder.parents]:
        mode = step.stat()
        if _may_search(mode, account):
            continue
        try:
            step.chmod(stat.S_IMODE(mode.st_mode) | stat.S_IXOTH)
        except OSError as error:
            raise EmbeddedServerError(
                f"The servers run as uid {account.uid}, which cannot pass through {step} "
                f"({error.strerror}). Choose another data folder, or run as an ordinary user."
            ) from error
        if step != folder:
            logger.warning(
                "Running as root: the database runs as uid %d, so %s was opened for passing "
                "through (chmod o+x). Run as an ordinary user to avoid this.",
                account.uid,
                step,
            )


def _may_search(status: os.stat_result, account: Account) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def runnable(program: Path, parts: tuple[Path, ...], copies: Path, account: Account | None) -> Path:
    """`program`, or a copy of it below `copies` if `account` cannot run it where it lies.

    A virtual environment in a home that only root may enter is the usual reason. `parts` are
    the files and folders the program needs, itself included; their places relative to each
    other are kept.
    """
    if account is None or _runs(program, account):
        return program
    root = Path(os.path.commonpath([part.parent for part in parts]))
    if not copies.exists():
        _copy(root, parts, copies)
    copy = copies / program.relative_to(root)
    if not _runs(copy, account):
        raise EmbeddedServerError(
            f"uid {account.uid} can run neither {program} nor a copy of it at {copy} (a noexec "
            f"mount?). Choose another data folder, or run as an ordinary user."
        )
    return copy


def _runs(program: Path, account: Account) -> bool:
    """Whether `account` really can execute `program`; permission bits tell only half of it."""
    try:
        done = subprocess.run(  # noqa: S603  # a program of the wheel, no shell
            [program, "--version"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _copy(root: Path, parts: tuple[Path, ...], copies: Path) -> None:
    """Copy into a folder beside and rename it, so that an interrupted copy is never used."""
    unfinished = copies.with_name(copies.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    for part in parts:
        target = unfinished / part.relative_to(root)
        if part.is_dir():
            shutil.copytree(part, target, symlinks=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(part, target)
    for path in [unfinished, *unfinished.rglob("*")]:
        path.chmod(0o755)
    unfinished.rename(copies)
