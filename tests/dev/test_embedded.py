"""The embedded servers, their settings and their folders."""

import stat
import time
from pathlib import Path

import asyncpg
import pytest
from arq import create_pool
from arq.connections import RedisSettings
from redis.asyncio import Redis

from app.dev.embedded import EmbeddedServerError, embedded_servers, running_servers

from .processes import ask, unlocked


async def test_the_servers_are_postgresql_18_and_valkey_9(used_folder: Path) -> None:
    with embedded_servers(used_folder) as servers:
        assert str(await ask(servers.database_url, "show server_version")).startswith("18.")
        assert await ask(servers.database_url, "select current_database()") == "minplan"
        redis = Redis.from_url(servers.redis_url)
        assert (await redis.info("server"))["valkey_version"].startswith("9.")
        await redis.aclose()


async def test_no_server_listens_on_the_network(used_folder: Path) -> None:
    with embedded_servers(used_folder) as servers:
        assert await ask(servers.database_url, "show listen_addresses") == ""
        redis = Redis.from_url(servers.redis_url)
        assert (await redis.config_get("port"))["port"] == "0"
        await redis.aclose()


async def test_arq_takes_the_redis_url(used_folder: Path) -> None:
    with embedded_servers(used_folder) as servers:
        pool = await create_pool(RedisSettings.from_dsn(servers.redis_url))
        assert await pool.enqueue_job("deliver", _job_id="one") is not None
        assert [job.function for job in await pool.queued_jobs()] == ["deliver"]
        await pool.flushall()
        await pool.aclose()


async def test_another_database_of_the_same_server_has_its_own_url(used_folder: Path) -> None:
    with embedded_servers(used_folder) as servers:
        name = "prøve 1/2"
        await ask(servers.database_url, f'create database "{name}"')
        url = servers.database_url_for(name)
        assert await ask(url, "select current_database()") == name
        await ask(servers.database_url, f'drop database "{name}"')


async def test_the_servers_settings_do_not_depend_on_the_environment(
    used_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGOPTIONS", "-c nonsense=1")
    monkeypatch.setenv("PGDATA", "/nonexistent")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    with embedded_servers(used_folder) as servers:
        assert await ask(servers.database_url, "show timezone") == "UTC"


async def test_data_outlives_a_restart(place: Path) -> None:
    folder = place / "new" / ".data"
    begun = time.monotonic()
    with embedded_servers(folder) as servers:
        assert time.monotonic() - begun < 15  # about one second; the machine may be busy
        await ask(servers.database_url, "create table kept as select 7 as number")
        redis = Redis.from_url(servers.redis_url)
        await redis.set("kept", "7")
        await redis.aclose()
    with embedded_servers(folder) as servers:
        assert await ask(servers.database_url, "select number from kept") == 7
        redis = Redis.from_url(servers.redis_url)
        assert await redis.get("kept") == b"7"
        await redis.aclose()


async def test_servers_for_tests_spare_the_disk(made: Path) -> None:
    with embedded_servers(made, durable=False) as servers:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await ask(servers.database_url, f"show {setting}") == "off"
        redis = Redis.from_url(servers.redis_url)
        await redis.set("gone", "1")
        await redis.aclose()
    with embedded_servers(made, durable=False) as servers:
        redis = Redis.from_url(servers.redis_url)
        assert await redis.get("gone") is None
        await redis.aclose()
    assert list((made / "valkey").iterdir()) == []


async def test_two_folders_do_not_meet(used_folder: Path, made: Path) -> None:
    with embedded_servers(used_folder) as one, embedded_servers(made, durable=False) as other:
        await ask(other.database_url, "create table only_here ()")
        assert await ask(one.database_url, "select to_regclass('only_here')") is None
        redis, other_redis = Redis.from_url(one.redis_url), Redis.from_url(other.redis_url)
        await other_redis.set("only_here", "1")
        assert await redis.get("only_here") is None
        await redis.aclose()
        await other_redis.aclose()


def test_a_second_command_finds_the_running_servers(used_folder: Path) -> None:
    assert running_servers(used_folder) is None
    with embedded_servers(used_folder) as servers:
        assert running_servers(used_folder) == servers
    assert running_servers(used_folder) is None


async def test_a_long_folder_name_with_danish_letters_and_spaces_works(made: Path) -> None:
    folder = made / "Min plan æøå" / ("lang" * 30)
    folder.mkdir(parents=True)
    (made / "postgres").rename(folder / "postgres")
    with embedded_servers(folder, durable=False) as servers:
        assert await ask(servers.database_url, "select 1") == 1
        pool = await create_pool(RedisSettings.from_dsn(servers.redis_url))
        assert await pool.ping()
        await pool.aclose()
        socket_folder = Path(servers.redis_url.removeprefix("unix://")).parent
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    assert not socket_folder.exists()


async def test_the_log_repeats_nothing_of_what_clients_sent(used_folder: Path) -> None:
    secret = "hemmeligt-indhold"
    with embedded_servers(used_folder) as servers:
        connection = await asyncpg.connect(servers.database_url)
        await connection.execute("create table private (value text unique)")
        await connection.execute("insert into private values ($1)", secret)
        with pytest.raises(asyncpg.UniqueViolationError, match="private"):
            await connection.execute("insert into private values ($1)", secret)
        with pytest.raises(asyncpg.InvalidTextRepresentationError):
            await connection.execute("select value::int from private")
        with pytest.raises(asyncpg.UndefinedTableError):
            await connection.execute('select * from "hemmeligt-indhold"')
        await connection.execute("drop table private")
        await connection.close()
    for log in (used_folder / "log").iterdir():
        assert secret not in log.read_text()


def test_a_cluster_of_another_version_is_refused_with_advice(place: Path) -> None:
    (place / "postgres").mkdir()
    (place / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedServerError, match=r"PostgreSQL 17.*pg_dump"):  # noqa: SIM117
        with embedded_servers(place):
            pass
    assert unlocked(place)
