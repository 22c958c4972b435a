"""Runs one server for exactly as long as the process that asked for it.

A script of its own (standard library only, started with ``python -I -S``), because a child
process cannot be trusted to notice the death of its parent by itself:

    python guardian.py STOP_SIGNAL UID GID COMMAND...

Standard input is the lifeline: a pipe whose other end only the parent holds. However the
parent ends, also by SIGKILL, the system closes that end, and the guardian then stops the
command: STOP_SIGNAL, and SIGKILL if it has not ended after `PATIENCE` seconds. UID and GID
are the account the command runs as, or ``-`` for the guardian's own. The exit code is the
command's (128 + N if signal N ended it).
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable

PATIENCE = 30.0  # seconds a server may take to write its last checkpoint
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(arguments: list[str]) -> int:
    """Start the command, wait until it or the lifeline ends, and return its exit code."""
    stop_signal = int(arguments[0])
    ended = _notice_signals()
    uid, gid = (None if ids == "-" else int(ids) for ids in arguments[1:3])
    command = _start(arguments[3:], stop_signal, uid, gid)
    while command.poll() is None:
        readable, _, _ = select.select([sys.stdin.fileno(), ended], [], [])
        if ended in readable:
            os.read(ended, 4096)
        elif not os.read(sys.stdin.fileno(), 4096):
            _stop(command, stop_signal)
    code = command.returncode
    return code if code >= 0 else 128 - code


def _notice_signals() -> int:
    """The read end of a pipe that gets a byte for every signal, SIGCHLD above all.

    Requests to end (Ctrl-C, a service manager that signals the whole group) are noticed and
    not followed: the server must outlive the application, which may still be finishing its
    work. Handlers instead of SIG_IGN, because a command would inherit an ignored signal.
    """
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return read_end


def _start(
    command: list[str], stop_signal: int, uid: int | None, gid: int | None
) -> subprocess.Popen[bytes]:
    """The command as a child; it inherits the lock of the data folder (see `supervisor`)."""
    return subprocess.Popen(  # noqa: S603  # the parent's own command, no shell
        command,
        user=uid,
        group=gid,
        extra_groups=None if uid is None else [],
        stdin=subprocess.DEVNULL,
        close_fds=False,
        preexec_fn=_die_with_guardian(stop_signal),
    )


def _die_with_guardian(stop_signal: int) -> Callable[[], None] | None:
    """Where the system can (Linux): stop the command even when the guardian itself is killed."""
    if sys.platform != "linux":
        return None
    guardian = os.getpid()
    prctl = ctypes.CDLL(None).prctl  # found before the fork: no import may run after it

    def bind() -> None:
        prctl(PR_SET_PDEATHSIG, stop_signal)
        if os.getppid() != guardian:
            os._exit(1)

    return bind


def _stop(command: subprocess.Popen[bytes], stop_signal: int) -> None:
    """Ask, wait, insist."""
    command.send_signal(stop_signal)
    try:
        command.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        command.kill()
        command.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
