"""`doctor`: looks at everything a bot needs, and says in a line each how it is. It changes nothing."""

import asyncio
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.config import Settings, SettingsError
from bot.content import catalog
from bot.doctor_telegram import ask_telegram
from bot.findings import Finding, ok, warn, wrong
from bot.keys import LOST, existing_keys, secrets_of
from bot.log import Redactor
from bot.storage.backup import Nightly
from bot.storage.engine import file_of, is_in_use
from bot.storage.examine import examine
from bot.storage.examine_server import examine_server
from bot.storage.postgres import holder
from bot.storage.trouble import opening_trouble
from bot.storage.types import DataKeyError, Vault

MB = 2**20
LEAST_ROOM = 64 * MB
LITTLE_ROOM = 512 * MB
ENV_FILE = Path(".env")
PG_DUMP = "pg_dump (docs/operating.md)"
BACKUP_AGE = timedelta(days=2)

Free = Callable[[Path], int]
"""How many bytes are free where this folder is."""


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


async def look(settings: Settings, *, free: Free = _free, now: datetime | None = None) -> list[Finding]:
    """Everything, in the order in which it is to be mended."""
    file = file_of(settings.database_url)
    running = await _is_in_use(settings.database_url)
    findings = [
        _settings(),
        *await ask_telegram(settings, running=bool(running)),
        _bot(running),
        *(await _database(settings, file)),
        _key_file(settings, file),
        await asyncio.to_thread(_content, settings),
        *([] if file is None else [_disk(file, free)]),
        _backups(settings, file, now or datetime.now(UTC)),
    ]
    return [_without_secrets(finding, settings) for finding in findings]


def _settings() -> Finding:
    if ENV_FILE.exists() and ENV_FILE.stat().st_mode & 0o077:
        return warn("settings", "others on this machine can read .env", "chmod 600 .env")
    return ok("settings", "they can be read")


async def _is_in_use(url: str) -> bool | None:
    """None if that cannot be told."""
    if file_of(url) is not None:
        return is_in_use(url)
    try:
        return await holder(make_url(url))
    except Exception as error:
        if opening_trouble(error) is None:
            raise
        return None


def _bot(running: bool | None) -> Finding:
    if running is None:
        return warn("bot", "whether it is running cannot be told", "run this as the user the bot runs as")
    return ok("bot", "it is running" if running else "it is not running")


async def _database(settings: Settings, file: Path | None) -> list[Finding]:
    if file is None:
        return await examine_server(make_url(settings.database_url), _keys(settings), quick=True)
    return await asyncio.to_thread(_file, settings, file)


def _file(settings: Settings, file: Path) -> list[Finding]:
    if not file.exists():
        there = next(folder for folder in file.absolute().parents if folder.exists())
        if not os.access(there, os.W_OK):
            return [wrong("database", f"{there} cannot be written", "see who owns that folder")]
        return [ok("database", f"{file} is not there yet; the first start makes it")]
    if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
        return [wrong("database", f"{file} or its folder cannot be written", "see who owns them")]
    size = file.stat().st_size / MB
    return [ok("database", f"{file}, {size:,.1f} MB"), *examine(file, _keys(settings), quick=True)]


def _keys(settings: Settings) -> list[str] | None:
    """None where there is none to try: another line says so."""
    try:
        keys = existing_keys(settings)
        Vault().unlock(keys)
    except (SettingsError, DataKeyError):
        return None
    return keys


def _key_file(settings: Settings, file: Path | None) -> Finding:
    path = settings.data_key_file
    if settings.data_key.get_secret_value().strip():
        if _keys(settings) is None:
            return wrong("key file", "DATA_KEY is no key: 32 bytes, url-safe base64", "see .env.example")
        return ok("key file", "none is needed: DATA_KEY gives the key")
    if not path.exists():
        if file is not None and file.exists() and file.stat().st_size:
            mend = f"put it back, or set DATA_KEY: without it nobody can read the database; {LOST}"
            return wrong("key file", f"{path} is missing", mend)
        return ok("key file", f"{path} is not there yet; the first start makes it")
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return wrong("key file", f"others on this machine can read {path} ({mode:04o})", f"chmod 600 {path}")
    if _keys(settings) is None:
        return wrong("key file", f"{path} holds no key, or cannot be read", "put the right one back")
    return ok("key file", f"only its owner reads {path}")


def _content(settings: Settings) -> Finding:
    content, faults = catalog.inspect(settings.content_dir, settings.helplines_file)
    if content is None:
        return wrong("content", f"{len(faults)} faults", "see them: python -m bot content check")
    return ok("content", f"languages: {', '.join(content.locales)}")


def _disk(file: Path, free: Free) -> Finding:
    folder = file.absolute().parent
    there = next(each for each in (folder, *folder.parents) if each.exists())
    room = free(there)
    size = file.stat().st_size if file.exists() else 0
    says = f"{room / MB:,.0f} MB are free for the database"
    if room < LEAST_ROOM:
        return wrong("disk", says, "make room: when it is full, the bot stands still")
    if room < max(LITTLE_ROOM, 2 * size):
        return warn("disk", says, "make room, for backups too")
    return ok("disk", says)


def _backups(settings: Settings, file: Path | None, now: datetime) -> Finding:
    folder = settings.backup_dir
    if file is None:
        if folder is not None:
            return warn("backups", "BACKUP_DIR is for a database in a file", f"make them with {PG_DUMP}")
        return ok("backups", f"those of a server are made with {PG_DUMP}, not by the bot")
    if folder is None:
        return warn("backups", "none are made by themselves", "set BACKUP_DIR")
    if not folder.is_dir():
        if folder.parent.is_dir() and os.access(folder.parent, os.W_OK):
            return ok("backups", f"{folder} is not there yet; the next start makes it")
        return wrong("backups", f"{folder} cannot be made", "see BACKUP_DIR")
    if not os.access(folder, os.W_OK):
        return wrong("backups", f"{folder} cannot be written", "see who owns it")
    newest = Nightly(file, folder, settings.backup_keep_days).newest()
    if newest is None:
        return warn("backups", f"there is none in {folder} yet", "the next start makes one")
    if now.date() - newest > BACKUP_AGE:
        return wrong("backups", f"the newest is of {newest}", "see “backup.failed” in the log")
    return ok("backups", f"the newest is of {newest}")


def _without_secrets(finding: Finding, settings: Settings) -> Finding:
    """Nothing above prints any; should a name or a path hold one, it goes, too."""
    clean = Redactor(secrets_of(settings))
    said = clean(None, "", {"says": finding.says, "mend": finding.mend})
    return replace(finding, says=said["says"], mend=said["mend"])
