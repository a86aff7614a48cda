"""DATABASE_URL: a file or a server, and a line that says the mend without repeating a password."""

import importlib.util

import pytest

from bot import config
from bot.config import Settings, SettingsError, checked_database
from bot.keys import secrets_of

PASSWORD = "not-to-be-shown"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite+aiosqlite:///data/stillhere.db",
        f"postgresql+asyncpg://stillhere:{PASSWORD}@db.example.org/stillhere?ssl=require",
        "postgresql+asyncpg://stillhere@/stillhere?host=/run/postgresql&port=5433",
    ],
)
def test_a_file_or_a_server(url: str) -> None:
    assert checked_database(url, "TO") == url
    assert Settings(_env_file=None, database_url=url).database_url == url


@pytest.mark.parametrize(
    ("url", "mend"),
    [
        ("nonsense", "must look like sqlite+aiosqlite:///data/stillhere.db or postgresql+asyncpg://user"),
        (f"postgresql+asyncpg://u:{PASSWORD}@host:port/db", "must look like"),
        (f"postgresql://u:{PASSWORD}@host/db", "or postgresql+asyncpg:, not postgresql:"),
        (f"postgres://u:{PASSWORD}@host/db", "or postgresql+asyncpg:, not postgres:"),
        (f"postgresql+psycopg://u:{PASSWORD}@host/db", "not postgresql+psycopg:"),
        (f"postgresql+asyncpg://u:{PASSWORD}@host", "must name a database at its end"),
        (
            f"postgresql+asyncpg://u:{PASSWORD}@host/db?sslmode=require",
            "sslmode is not known; after",
        ),
    ],
)
def test_a_wrong_one_is_told_without_its_password(
    url: str, mend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SettingsError) as raised:
        config.load()
    assert str(raised.value).startswith("DATABASE_URL: ")
    assert mend in str(raised.value)
    assert PASSWORD not in str(raised.value)


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(name: str) -> object:
        return None if name == "asyncpg" else importlib.util.find_spec(name)

    monkeypatch.setattr(config, "find_spec", without)
    with pytest.raises(SettingsError, match=r"needs the extra “postgres”; to get it: .* pip install asyncpg"):
        checked_database("postgresql+asyncpg://host/db", "DATABASE_URL")
    assert checked_database("sqlite+aiosqlite:///x.db", "DATABASE_URL")


def test_no_log_shows_its_password() -> None:
    url = f"postgresql+asyncpg://stillhere:{PASSWORD}@db.example.org/stillhere"
    assert PASSWORD in secrets_of(Settings(_env_file=None, database_url=url))
