"""Opening the database at the start: locked where one process has it, with its key, and up to date."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy.engine import make_url

from bot.clock import Clock
from bot.config import Settings, SettingsError
from bot.keys import LOST, load_keys
from bot.storage.engine import file_of, has_data, only_writer, open_engine
from bot.storage.migrate import found_revision, migrate, newest_revision
from bot.storage.postgres import Hold, open_server
from bot.storage.trouble import describe
from bot.storage.types import DataKeyError, vault
from bot.storage.unit_of_work import Storage


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Storage]:
    """The database: locked, brought up to date, and opened."""
    url = settings.database_url
    file = file_of(url)
    async with AsyncExitStack() as stack:
        try:
            stack.enter_context(only_writer(url))
        except OSError as error:
            raise SettingsError(f"DATABASE_URL: {file}: {error.strerror}") from error
        if file is not None:
            _unlock(settings, str(file) if has_data(file) else None)
        else:
            _unlock(settings, await _on_server(url))
        await migrate(url)
        engine = open_engine(url, revision=newest_revision())
        stack.push_async_callback(engine.dispose)
        yield Storage(engine)


async def _on_server(url: str) -> str | None:
    """The database in words, if a StillHere has been there."""
    engine = open_server(make_url(url), Hold.NOTHING)
    try:
        return describe(engine.url) if await found_revision(engine) else None
    finally:
        await engine.dispose()


def _unlock(settings: Settings, data: str | None) -> None:
    """`data`: where there is some already. Raises SettingsError."""
    try:
        vault.unlock(load_keys(settings, data))
    except DataKeyError as error:
        raise SettingsError(f"DATA_KEY: {error}") from error


async def check_key(storage: Storage, clock: Clock) -> None:
    """Raises SettingsError if the key is not the one this database was written with."""
    try:
        async with storage.unit_of_work() as uow:
            await uow.log.check_key()
            await uow.commit(clock.now())
    except DataKeyError as error:
        raise SettingsError(
            f"DATA_KEY: this key does not open the database; use the key it was written with; {LOST}"
        ) from error
