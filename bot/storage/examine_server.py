"""Looking into a database on a server, without changing it and without disturbing a bot at work."""

from collections.abc import Sequence

from sqlalchemy import NullPool, inspect, select, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.findings import Finding, Level, ok, warn, wrong
from bot.storage.examine import every_value, of_key, of_revision
from bot.storage.intake_log import KEY_CHECK
from bot.storage.migrate import revision_of
from bot.storage.postgres import open_server
from bot.storage.queue_tables import facts
from bot.storage.rotation_server import count_keys
from bot.storage.trouble import describe, opening_trouble

MB = 2**20
_ABOUT = text(
    "SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS size,"
    " current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS only_reads,"
    " has_schema_privilege(current_schema(), 'CREATE') AS allowed"
)


async def examine_server(url: URL, keys: Sequence[str] | None, *, quick: bool = False) -> list[Finding]:
    """Whether it can be reached, of what version it is, and whether the key fits.

    `quick` leaves out opening every value. Without `keys` nothing is said about them.
    """
    engine = open_server(url, alone=False, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.execution_options(postgresql_readonly=True)
            return await _all(connection, describe(url), keys, quick=quick)
    except Exception as error:
        trouble = opening_trouble(error)
        if trouble is None:
            raise
        return [wrong("database", f"{describe(url)}: {trouble.words}", trouble.mend)]


async def _all(
    connection: AsyncConnection, name: str, keys: Sequence[str] | None, *, quick: bool
) -> list[Finding]:
    found = [await _server(connection, name)]
    revision = await connection.run_sync(revision_of)
    if revision is None:
        return [*found, await _no_version(connection)]
    found.append(of_revision(revision))
    return found if keys is None else [*found, await _key(connection, keys, found[-1], quick=quick)]


async def _server(connection: AsyncConnection, name: str) -> Finding:
    about = (await connection.execute(_ABOUT)).one()
    if about.encoding != "UTF8":
        mend = "make a new one: createdb --encoding=UTF8 --template=template0"
        return wrong("database", f"{name} cannot hold every letter ({about.encoding})", mend)
    if about.only_reads:
        return wrong("database", f"{name} is on a standby, which only reads", "name the primary server")
    if not about.allowed:
        mend = "make them the owner: ALTER DATABASE … OWNER TO …"
        return wrong("database", f"{name}: this user may make no tables there", mend)
    return ok("database", f"{name}, PostgreSQL {about.version}, {about.size / MB:,.1f} MB")


async def _no_version(connection: AsyncConnection) -> Finding:
    tables = await connection.run_sync(lambda each: inspect(each).get_table_names())
    if tables:
        return wrong(
            "migrations", "there are tables in it, but not of StillHere", "name a database of its own"
        )
    return ok("migrations", "it is empty; the first start makes the tables")


async def _key(connection: AsyncConnection, keys: Sequence[str], version: Finding, *, quick: bool) -> Finding:
    query = select(facts.c.value).where(facts.c.name == KEY_CHECK)
    sealed = (await connection.execute(query)).scalar_one_or_none()
    if sealed is None:
        return warn("key", "nothing was written with any key yet")
    fits = of_key(sealed, keys)
    # Columns are looked for where this version has them.
    if quick or not version.level is fits.level is Level.OK:
        return fits
    return every_value(await count_keys(connection, keys), alone=len(keys) == 1)
