"""`minplan logins`, as operations use it: exit codes, and nothing of a token."""

import pytest

from app.dev.embedded import Servers
from app.domain.refusal import Reason, Refused
from app.domain.viewer import NEVER, Role, Viewer
from app.store.db import open_pool
from app.store.refusals import Refusals
from tests.command import Ended, as_process, in_thread


async def minplan(
    database_url: str,
    *arguments: str,
    given: str = "",
    redis_url: str = "redis://127.0.0.1:9",
    process: bool = False,
) -> Ended:
    """`minplan logins ...`: its status and what it said; process: from the shell."""
    servers = {"MINPLAN_DATABASE_URL": database_url, "MINPLAN_REDIS_URL": redis_url}
    command = as_process if process else in_thread
    return await command("logins", *arguments, given=given, environment=servers)


async def test_operations_revoke_list_and_restore_a_login(database_url: str) -> None:
    status, printed, told = await minplan(
        database_url, "revoke", "s-1", "--reason", "LOST_DEVICE", process=True
    )
    assert (status, printed) == (0, "Revoked.\n") and "Valkey was not reached" in told
    assert (await minplan(database_url, "revoke", "-", "--for-good", given="s-2\n"))[0] == 0
    assert (await minplan(database_url, "revoke", "s-3", "--until", "2090-07-01"))[0] == 0
    status, printed, _ = await minplan(database_url, "list", process=True)
    listed = {line.split("\t")[0]: line.split("\t")[2:] for line in printed.splitlines()}
    assert status == 0
    assert listed == {
        "s-1": ["-", "LOST_DEVICE"],
        "s-2": ["for good", "UNSPECIFIED"],
        "s-3": ["2090-06-30T22:00:00+00:00", "UNSPECIFIED"],
    }
    restored = await minplan(database_url, "restore", "-", given="s-1\n", process=True)
    assert restored[:2] == (0, "Restored.\n")
    assert (await minplan(database_url, "restore", "s-1"))[0] == 1


async def test_valkey_is_told_where_it_is_there(database_url: str, servers: Servers) -> None:
    url = servers.redis_url
    told = await minplan(database_url, "revoke", "subject-of-the-cli", redis_url=url)
    assert told == (0, "Revoked.\n", "")
    told = await minplan(database_url, "restore", "subject-of-the-cli", redis_url=url)
    assert told == (0, "Restored.\n", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["revoke"],
        ["revoke", ""],
        ["revoke", "a\nb"],
        ["revoke", "x" * 256],
        ["revoke", "s", "--reason", "because of Åse"],
        ["revoke", "s", "--until", "2020-01-01"],
        ["revoke", "s", "--until", "2090-01-01", "--for-good"],
        ["restore"],
        ["refused", "--hours", "0"],
    ],
)
async def test_a_wrong_command_is_refused_without_a_look_at_any_server(
    arguments: list[str],
) -> None:
    nowhere = "postgresql://127.0.0.1:9/none"
    status, printed, told = await minplan(nowhere, *arguments)
    assert (status, printed) == (2, "") and told


async def test_operations_see_what_was_refused_the_most_frequent_first(database_url: str) -> None:
    assert (await minplan(database_url, "refused"))[0] == 1
    assert (await minplan(database_url, "list"))[0] == 1
    viewer = Viewer(Role.FUND, "s-7", "Åse Ørum", "18194686", None, NEVER)
    async with open_pool(database_url) as pool:
        refusals = Refusals(pool, b"key")
        refusals.forbidden(viewer, "Look")
        for _ in range(4):
            refusals.note(Refused(Reason.EXPIRED))
        await refusals.write()
        await pool.execute(
            "insert into login_refusal (minute, reason, times)"
            " values (now() - interval '30 hours', 'MALFORMED', 9)"
        )
    status, printed, _ = await minplan(database_url, "refused", process=True)
    assert status == 0
    assert [line.split("\t") for line in printed.splitlines()] == [
        ["4", "EXPIRED", "-", "-", "-", "-", "-"],
        ["1", "FORBIDDEN", "fund", "18194686", "s-7", "Look", "-"],
    ]
    status, printed, told = await minplan(database_url, "refused", "--hours", "48", "--limit", "1")
    assert (status, printed) == (0, "9\tMALFORMED\t-\t-\t-\t-\t-\n") and "--limit" in told
