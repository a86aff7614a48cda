"""Databases to measure on: so many people, check-ins under way, couples about to send, and reminders."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
from cryptography.fernet import Fernet

from bot.content.catalog import load
from bot.places.zones import DATA_VERSION
from bot.services import zone_data
from bot.services.reminder_plan import TIMER
from bot.storage.migrate import migrate
from bot.storage.types import vault
from tests.benchmarks.stub import FIRST_CHAT

KEY = Fernet.generate_key().decode()
RULE = '{"v": 1, "kind": "times", "times": ["09:00"], "days": []}'
STEP, ANSWER = "need", "connection"
"""The first question of the check-in and one of its answers: the question is edited, the next one sent."""
COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"


@dataclass(frozen=True)
class Seed:
    """How many of each; the first people have them all."""

    people: int
    check_ins: int = 0
    couples: int = 0
    reminders: int = 0
    due: int = 0
    """of the reminders: due when the database is made, the rest in a day"""
    gap: int = 0
    """the first people who have no reminder"""


async def make(file: Path, seed: Seed) -> None:
    """A migrated database at `file`, written with KEY."""
    vault.unlock([KEY])
    await migrate(f"sqlite+aiosqlite:///{file}")
    now = datetime.now(UTC)
    # Far from now: quiet hours would put reminders off.
    quiet = [(now + timedelta(hours=hours)).strftime("%H:%M") for hours in (10, 14)]
    stored = load().script("en", "pause")
    values = {
        "name": vault.seal("Somebody"),
        "words": vault.seal("I need a little time, and I will be back."),
        "quiet_from": quiet[0],
        "quiet_until": quiet[1],
        "now": _instant(now),
        "due": _instant(now - timedelta(seconds=1)),
        "later": _instant(now + timedelta(days=1)),
        "gap": seed.gap,
        "first": FIRST_CHAT - 1,
        "timer": TIMER,
        "rule": RULE,
        "step": STEP,
        "hash": stored.hash,
        "body": orjson.dumps(stored.body).decode(),
        "version": stored.script.version,
        "zones": zone_data.VERSION,
        "zones_version": orjson.dumps(DATA_VERSION).decode(),
    }
    base = sqlite3.connect(file)
    try:
        base.execute("PRAGMA synchronous=OFF")

        def fill(count: int, statement: str, **more: object) -> None:
            if count:
                base.execute(statement.replace("COUNT", COUNT), {**values, "count": count, **more})

        # Or else all reminders would be planned anew, as after an update of the zone data.
        fill(1, "INSERT INTO facts (name, value) VALUES (:zones, :zones_version)")
        fill(
            seed.people,
            "INSERT INTO people (id, name, locale, zone, quiet_from, quiet_until, created_at)"
            " COUNT SELECT i, :name, 'en', 'UTC', :quiet_from, :quiet_until, :now FROM n",
        )
        fill(
            seed.people,
            "INSERT INTO telegram_accounts (user_id, person_id) COUNT SELECT :first + i, i FROM n",
        )
        fill(
            seed.check_ins and 1,
            "INSERT INTO script_versions (hash, script_id, version, locale, body)"
            " VALUES (:hash, 'pause', :version, 'en', :body)",
        )
        fill(
            seed.check_ins,
            "INSERT INTO sessions (id, person_id, script_hash, script_id, status, step, seq, answers,"
            " started_at, updated_at) COUNT"
            " SELECT i, i, :hash, 'pause', 'active', :step, 1, '{}', :now, :now FROM n",
        )
        fill(seed.couples, "INSERT INTO couples (id, created_at) COUNT SELECT i, :now FROM n")
        fill(
            2 * seed.couples,
            "INSERT INTO couple_members (couple_id, person_id) COUNT SELECT (i + 1) / 2, i FROM n",
        )
        fill(
            seed.couples,
            "INSERT INTO drafts (id, person_id, kind, parameters, private, updated_at) COUNT"
            """ SELECT i, 2 * i - 1, 'space', '{"minutes": 20, "told": true}', :words, :now FROM n""",
        )
        fill(
            seed.reminders,
            "INSERT INTO reminders (id, person_id, kind, rule, created_at)"
            " COUNT SELECT i, :gap + i, 'breathe', :rule, :now FROM n",
        )
        fill(
            seed.reminders,
            "INSERT INTO timers (kind, subject, due_at, parameters) COUNT"
            " SELECT :timer, i, CASE WHEN i <= :many THEN :due ELSE :later END, '{}' FROM n",
            many=seed.due,
        )
        base.commit()
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        base.close()


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
