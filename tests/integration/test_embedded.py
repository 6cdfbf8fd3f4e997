"""The embedded Postgres: how it starts, who may start it, and how it ends, however the server ends."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from persistence import embedded_binaries
from persistence.embedded import AlreadyRunning, CannotStart, EmbeddedSettings, open_embedded
from persistence.embedded_binaries import Account, find_binaries, reachable
from tests.support.postgres import children_of, reachable_folder, until_gone

ROOT = Path(__file__).parents[2]
SERVER = """
import asyncio, sys
from pathlib import Path
from persistence.embedded import EmbeddedSettings, open_embedded

async def serve():
    async with open_embedded(EmbeddedSettings(data=Path(sys.argv[1]), fsync=False)) as dsn:
        print(dsn, flush=True)
        await asyncio.Event().wait()

asyncio.run(serve())
"""


@pytest.fixture
def data() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder / "pg"


def quick(data: Path, **others: object) -> EmbeddedSettings:
    return EmbeddedSettings(data=data, fsync=False, **others)  # type: ignore[arg-type]  # the settings' own fields


async def say(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_a_restart_keeps_what_was_stored(data: Path) -> None:
    async with open_embedded(quick(data)) as dsn:
        await say(dsn, "CREATE TABLE kept AS SELECT 42 AS answer")
    async with open_embedded(quick(data)) as dsn:
        assert await say(dsn, "SELECT answer FROM kept") == 42


async def test_it_listens_on_its_unix_socket_alone_in_a_closed_folder(data: Path) -> None:
    async with open_embedded(quick(data)) as dsn:
        assert await say(dsn, "SHOW listen_addresses") == ""
        assert await say(dsn, "SHOW unix_socket_directories") == str(data)
        assert data.stat().st_mode & 0o077 == 0


async def test_outside_of_tests_every_commit_is_fsynced(data: Path) -> None:
    async with open_embedded(EmbeddedSettings(data=data)) as dsn:
        assert [await say(dsn, f"SHOW {name}") for name in ("fsync", "full_page_writes", "synchronous_commit")] == ["on"] * 3


async def test_a_second_start_says_already_running(data: Path) -> None:
    async with open_embedded(quick(data)):
        with pytest.raises(AlreadyRunning, match=f"held by process {os.getpid()}"):
            async with open_embedded(quick(data, lock_wait_s=0.05)):
                pass


async def test_after_leaving_no_process_and_no_lock_remains(data: Path) -> None:
    async with open_embedded(quick(data)):
        postmaster = int((data / "postmaster.pid").read_text().split()[0])

    assert not children_of(postmaster)
    assert not (data / "postmaster.pid").exists()
    async with open_embedded(quick(data, lock_wait_s=0)):
        pass


async def test_a_stale_pid_file_that_names_a_living_process_does_no_harm(data: Path) -> None:
    async with open_embedded(quick(data)):
        left = (data / "postmaster.pid").read_text().splitlines()
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        (data / "postmaster.pid").write_text("\n".join([str(bystander.pid), *left[1:]]))
        (data / ".s.PGSQL.5432.lock").write_text(f"{bystander.pid}\n")

        async with open_embedded(quick(data)) as dsn:
            assert await say(dsn, "SELECT 1") == 1

        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


async def test_a_path_too_long_for_a_socket_gets_a_short_folder(data: Path) -> None:
    long = data.with_name("a" * 120) / "pg"
    async with open_embedded(quick(long)) as dsn:
        folder = Path(str(await say(dsn, "SHOW unix_socket_directories")))
        assert len(str(folder)) < 80
        assert folder.stat().st_mode & 0o077 == 0

    assert not folder.exists()


async def test_kill_9_of_the_server_stops_its_postgres_and_the_next_start_goes_on(data: Path) -> None:
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(data)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        dsn = server.stdout.readline().strip()
        await say(dsn, "CREATE TABLE kept AS SELECT 42 AS answer")
        postmaster = int((data / "postmaster.pid").read_text().split()[0])
        processes = [postmaster, *children_of(postmaster)]
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()
        server.stdout.close()  # type: ignore[union-attr]  # PIPE

    await until_gone(processes)
    async with open_embedded(quick(data)) as dsn:
        assert await say(dsn, "SELECT answer FROM kept") == 42


async def test_a_cluster_killed_in_the_making_is_made_again(data: Path) -> None:
    half = data.with_name("pg.new")
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    async with open_embedded(quick(data)) as dsn:
        assert await say(dsn, "SELECT 1") == 1
    assert not half.exists()


async def test_a_folder_with_other_files_is_refused(data: Path) -> None:
    data.mkdir()
    (data / "letter.txt").write_text("mine")

    with pytest.raises(CannotStart, match="choose another data folder"):
        async with open_embedded(quick(data)):
            pass
    assert (data / "letter.txt").read_text() == "mine"


async def test_a_setting_that_postgres_refuses_is_shown(data: Path) -> None:
    with pytest.raises(CannotStart, match="no_such_setting"):
        async with open_embedded(quick(data, options={"no_such_setting": "1"})):
            pass


async def test_a_cluster_keeps_the_version_that_made_it(data: Path) -> None:
    async with open_embedded(quick(data, version=16)) as dsn:
        assert str(await say(dsn, "SHOW server_version")).startswith("16")
    async with open_embedded(quick(data)) as dsn:
        assert str(await say(dsn, "SHOW server_version")).startswith("16")


def test_a_version_that_is_not_there_is_named() -> None:
    with pytest.raises(CannotStart, match="no PostgreSQL 9 "):
        find_binaries(9)


def test_without_the_wheel_postgres_comes_from_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = find_binaries()
    monkeypatch.setattr(embedded_binaries, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(wheel.folder))

    assert find_binaries() == wheel


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands Postgres to another account")
async def test_binaries_that_the_account_cannot_reach_are_copied_beside_the_cluster(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = find_binaries()
    hidden = data.with_name("hidden")
    package = found.folder.parent.parent
    shutil.copytree(found.folder.parent, hidden / package.name / "pginstall18")
    shutil.copytree(package.with_name(f"{package.name}.libs"), hidden / f"{package.name}.libs")
    hidden.chmod(0o700)
    behind_a_closed_door = found._replace(folder=hidden / package.name / "pginstall18" / "bin")
    monkeypatch.setattr("persistence.embedded.find_binaries", lambda version: behind_a_closed_door)

    async with open_embedded(quick(data)) as dsn:
        assert await say(dsn, "SELECT 1") == 1
        assert data.with_name("pg.binaries").exists()


def test_binaries_that_the_account_can_reach_stay_where_they_are(data: Path) -> None:
    found = find_binaries()

    assert reachable(found, Account("anybody", 54_321, 54_321), data) == found
    assert not data.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands Postgres to another account")
async def test_a_folder_that_the_account_may_not_enter_becomes_a_link_to_one_that_it_may(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_binaries, "STATE_FOLDER", data.with_name("state"))
    closed = data.with_name("closed")
    closed.mkdir(mode=0o700)

    async with open_embedded(quick(closed / "pg")) as dsn:
        await say(dsn, "CREATE TABLE kept AS SELECT 42 AS answer")
    async with open_embedded(quick(closed / "pg")) as dsn:
        assert await say(dsn, "SELECT answer FROM kept") == 42

    assert (closed / "pg").resolve().is_relative_to(data.with_name("state"))
    assert closed.stat().st_mode & 0o077 == 0


async def test_a_link_to_a_cluster_that_is_gone_is_made_anew(data: Path) -> None:
    data.symlink_to(data.with_name("gone") / "pg")

    async with open_embedded(quick(data)) as dsn:
        assert await say(dsn, "SELECT 1") == 1
    assert not data.is_symlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands Postgres to another account")
async def test_a_cluster_that_was_locked_in_later_is_refused_by_name(data: Path) -> None:
    async with open_embedded(quick(data)):
        pass
    data.parent.chmod(0o700)

    with pytest.raises(CannotStart, match=f"may not enter {data.parent}"):
        async with open_embedded(quick(data)):
            pass
