"""The intake on a real database, fed by a small Bot API on loopback that does as the test says."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.clock import Activity, SteppedClock
from bot.content import catalog
from bot.places.lookup import Places
from bot.storage.queue_tables import failed_updates
from bot.telegram.client import build_application
from bot.telegram.context import App, Tools
from bot.telegram.intake import Intake
from bot.telegram.polling import CONFLICT_PATIENCE, Polling, SecondInstanceError, TokenRefusedError
from tests.integration.support import Database, database

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("no_tracebacks")]

BEGIN = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
KNOWN = 7
"""So many people are known, by the accounts 1001 and on."""
TOKEN = "4200001:secret-of-the-tests"
ME = {"id": 4200001, "is_bot": True, "first_name": "StillHere", "username": "stillhere_bot"}
Json = dict[str, Any]


class Telegram:
    """Gives out updates as Telegram does, and notes what had been committed when it was called."""

    def __init__(self, base: Database) -> None:
        self.url = ""
        self.updates: list[Json] = []
        self.trouble: deque[web.Response | None] = deque()
        """Answers to the next polls; None breaks the connection."""
        self.polls: list[int | None] = []
        self.committed_at_poll: list[set[int]] = []
        self.answered: list[tuple[str, set[int]]] = []
        self._base = base
        self._news = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def put(self, *updates: Json) -> None:
        self.updates += updates
        await self._tell()

    async def until(self, what: Any) -> None:
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(what), 20)

    def committed(self) -> set[int]:
        """Seen from beside the bot."""
        return {row[0] for row in self._base.beside("SELECT update_id FROM updates")}

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        parameters = await request.json()
        match request.match_info["method"]:
            case "getUpdates":
                return await self._poll(request, parameters)
            case "getMe":
                return web.json_response({"ok": True, "result": ME})
            case "answerCallbackQuery":
                self.answered.append((parameters["callback_query_id"], self.committed()))
                await self._tell()
        return web.json_response({"ok": True, "result": True})

    async def _poll(self, request: web.Request, parameters: Json) -> web.StreamResponse:
        offset = parameters.get("offset")
        self.polls.append(offset)
        self.committed_at_poll.append(self.committed())
        if self.trouble:
            answer = self.trouble.popleft()
            await self._tell()
            if answer is None:
                assert request.transport is not None
                request.transport.abort()
            return answer or web.Response()
        if offset is not None:
            self.updates = [each for each in self.updates if each["update_id"] >= offset]
        await self._tell()
        if parameters["timeout"]:
            async with self._news:
                await self._news.wait_for(lambda: bool(self.updates))
        batch = self.updates[: parameters["limit"]]
        return web.json_response({"ok": True, "result": batch})

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


class Desk:
    """The intake and what it stands on."""

    def __init__(self, base: Database, telegram: Telegram, application: App, tools: Tools) -> None:
        self.base, self.telegram = base, telegram
        self.clock = SteppedClock(BEGIN)
        self.polling: asyncio.Task[None] | None = None
        self._application, self._tools = application, tools
        self.restart()

    def restart(self) -> None:
        """What was in memory is gone."""
        activity = Activity()
        self.intake = Intake(self._application, self._tools, self.base.storage, self.clock, activity)
        self._polling = Polling(self._application.bot, self.intake, self.clock, activity)

    def poll(self) -> asyncio.Task[None]:
        """Start polling."""
        self.polling = asyncio.create_task(self._polling.run())
        return self.polling

    async def stop_polling(self) -> None:
        if self.polling is not None:
            self.polling.cancel()
            await asyncio.gather(self.polling, return_exceptions=True)

    async def notices(self) -> list[str]:
        return [row["kind"] for row in await self.base.rows("SELECT kind FROM outbox ORDER BY id")]

    async def said_to(self, account: int) -> list[str]:
        query = (
            "SELECT kind FROM outbox JOIN telegram_accounts USING (person_id) "
            "WHERE user_id = :account ORDER BY id"
        )
        return [row["kind"] for row in await self.base.rows(query, {"account": account})]

    async def strangers(self) -> int:
        return len(await self.base.rows("SELECT id FROM people")) - KNOWN

    async def set_aside(self) -> list[int]:
        rows = await self.base.rows("SELECT update_id FROM failed_updates ORDER BY update_id")
        return [row["update_id"] for row in rows]


@cache
def content() -> catalog.Content:
    return catalog.load()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with database(tmp_path) as base:
        telegram = Telegram(base)
        await telegram.open()
        await base.people(KNOWN, BEGIN)
        application = build_application(TOKEN, telegram.url)
        await application.initialize()
        places = Places()
        place = Desk(base, telegram, application, Tools(content(), places))
        yield place
        await place.stop_polling()
        await places.close()
        await application.shutdown()
        await telegram.close()


def user(account: int) -> Json:
    return {"id": account, "is_bot": False, "first_name": "Mara", "language_code": "en"}


def message(account: int, text: str, *, number: int = 1, chat: Json | None = None) -> Json:
    return {
        "message_id": number,
        "date": int(BEGIN.timestamp()),
        "from": user(account),
        "chat": chat or {"id": account, "type": "private", "first_name": "Mara"},
        "text": text,
    }


def text(update_id: int, account: int = 1001, words: str = "hello there", **more: Any) -> Json:
    return {"update_id": update_id, "message": message(account, words, number=update_id, **more)}


def command(update_id: int, account: int, name: str) -> Json:
    update = text(update_id, account, f"/{name}")
    update["message"]["entities"] = [{"type": "bot_command", "offset": 0, "length": len(name) + 1}]
    return update


def tap(update_id: int, account: int, data: str) -> Json:
    query = {
        "id": f"tap{update_id}",
        "from": user(account),
        "chat_instance": "1",
        "message": message(account, "a question", number=3),
        "data": data,
    }
    return {"update_id": update_id, "callback_query": query}


def unreadable(update_id: int, account: int = 1001, words: str = "zq") -> Json:
    """Telegram would not send this; it stands for one that we cannot parse."""
    update = text(update_id, account, words)
    del update["message"]["message_id"]
    return update


def unhandled(update_id: int, account: int = 1001, words: str = "/help") -> Json:
    """It can be parsed, and a handler fails on it."""
    update = text(update_id, account, words)
    update["message"]["entities"] = [{"type": "bot_command", "offset": 0, "length": "four"}]
    return update


# -- each update once


async def test_a_batch_is_handled_in_one_go(desk: Desk) -> None:
    await desk.intake.take([text(5, 1001), command(6, 1002, "help"), text(7, 1003)])
    assert await desk.notices() == ["fallback.text", "help.main", "fallback.text"]
    assert desk.telegram.committed() == {5, 6, 7}
    assert desk.intake.handled == 7


async def test_duplicates_are_known_by_presence(desk: Desk) -> None:
    await desk.intake.take([text(5), text(9)])
    await desk.intake.take([text(5), text(9), text(7)])
    await desk.intake.take([text(7)])
    assert await desk.notices() == ["fallback.text"] * 3
    assert desk.intake.handled == 9


async def test_ids_may_jump_and_come_out_of_order(desk: Desk) -> None:
    await desk.intake.take([text(900_000_000)])
    await desk.intake.take([text(12), text(3)])
    assert await desk.notices() == ["fallback.text"] * 3


async def test_after_a_restart_what_was_not_confirmed_comes_again_and_does_nothing(desk: Desk) -> None:
    await desk.intake.take([text(5), text(6)])
    desk.restart()
    await desk.telegram.put(text(5), text(6), text(7))
    desk.poll()
    await desk.telegram.until(lambda: 8 in desk.telegram.polls)
    assert desk.telegram.polls[0] is None
    assert await desk.notices() == ["fallback.text"] * 3


async def test_updates_are_confirmed_after_their_commit_only(desk: Desk) -> None:
    await desk.telegram.put(*(text(number, 1001 + number % KNOWN) for number in range(1, 251)))
    desk.poll()
    await desk.telegram.until(lambda: 251 in desk.telegram.polls)
    for offset, committed in zip(desk.telegram.polls, desk.telegram.committed_at_poll, strict=True):
        assert set(range(1, offset or 1)) <= committed
    assert desk.telegram.polls == [None, 101, 201, 251]
    assert len(await desk.notices()) == 250


async def test_cut_off_in_the_middle_nothing_is_done_or_everything(desk: Desk) -> None:
    for turns in range(0, 120, 3):
        first = turns * 10 + 1
        task = asyncio.create_task(desk.intake.take([text(first), text(first + 1)]))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        done = desk.telegram.committed() & {first, first + 1}
        assert len(done) in {0, 2}
    assert len(await desk.notices()) == len(desk.telegram.committed())


# -- what cannot be handled


@pytest.mark.parametrize("poison", [unreadable, unhandled])
async def test_one_that_fails_stops_nobody_and_its_sender_is_told(desk: Desk, poison: Any) -> None:
    await desk.intake.take([text(1, 1001), text(2, 1002)])
    await desk.intake.take([text(3, 1002), poison(4, 1001), text(5, 1002), text(6, 1001)])
    assert await desk.said_to(1002) == ["fallback.text"] * 3
    assert await desk.said_to(1001) == ["fallback.text", "errors.unknown", "fallback.text"]
    assert await desk.set_aside() == [4]
    assert desk.telegram.committed() == set(range(1, 7))
    assert desk.intake.handled == 6


async def test_what_is_set_aside_is_encrypted_and_whole(desk: Desk) -> None:
    poison = unreadable(4, words="zqmarker")
    await desk.intake.take([poison])
    raw = (await desk.base.rows("SELECT body, error FROM failed_updates"))[0]
    assert isinstance(raw["body"], bytes)
    assert b"zqmarker" not in raw["body"]
    assert raw["error"] == "TypeError", "the kind of error, not its words"
    opened = (await desk.base.rows(failed_updates.select()))[0]
    assert "zqmarker" in opened["body"]


async def test_what_was_set_aside_is_not_tried_again(desk: Desk) -> None:
    await desk.intake.take([text(1)])
    await desk.intake.take([unreadable(4)])
    await desk.intake.take([unreadable(4), text(5)])
    assert await desk.set_aside() == [4]
    assert await desk.notices() == ["fallback.text", "errors.unknown", "fallback.text"]


async def test_nothing_of_a_failed_update_stays(desk: Desk) -> None:
    """A newcomer is made a person before the handler fails: that goes, too."""
    await desk.intake.take([unhandled(4, 1999)])
    assert await desk.strangers() == 0
    assert await desk.notices() == []
    assert await desk.set_aside() == [4]


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"message": {}},
        {"message": None},
        {"message": "words"},
        {"message": []},
        {"message": {"message_id": 1, "date": 0, "chat": {"id": 5}}},
        {"message": {"message_id": 1, "date": "soon", "chat": {"id": 5, "type": "private"}, "from": user(5)}},
        {"message": {"message_id": 1, "date": 0, "chat": {"id": 5, "type": "odd"}, "from": user(5)}},
        {"message": {"message_id": 1, "date": 0, "chat": {"id": 5, "type": "private"}, "from": "me"}},
        {"callback_query": {"id": "1"}},
        {"callback_query": {"id": "1", "from": user(5), "chat_instance": "1"}},
        {"callback_query": {"id": "1", "from": user(5), "chat_instance": "1", "data": "\x00" * 64}},
        {"my_chat_member": {"from": user(5)}},
        {"edited_message": {"text": "words"}},
        {"something_new": {"from": user(5)}},
    ],
)
async def test_malformed_updates_stop_nobody(desk: Desk, content: Json) -> None:
    await desk.intake.take([text(1, 1001), {"update_id": 2, **content}, text(3, 1002)])
    assert desk.telegram.committed() == {1, 2, 3}
    assert await desk.said_to(1001) == ["fallback.text"]
    assert await desk.said_to(1002) == ["fallback.text"]


async def test_lone_surrogates_and_nulls_in_what_people_write(desk: Desk) -> None:
    await desk.intake.take(
        [text(1, words="a\ud800b"), text(2, words="a\x00b"), text(3, words="👩‍👩‍👧" * 500)]
    )
    assert await desk.notices() == ["fallback.text"] * 3
    assert await desk.set_aside() == []


# -- who is not spoken to


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_groups_and_channels_are_passed_over_in_silence(desk: Desk, kind: str) -> None:
    chat = {"id": -100_500, "type": kind, "title": "A group"}
    group_tap = tap(3, 1999, "x")
    group_tap["callback_query"]["message"]["chat"] = chat
    await desk.intake.take(
        [
            text(1, 1999, chat=chat),
            {"update_id": 2, "channel_post": message(1999, "news", chat=chat)},
            group_tap,
        ]
    )
    assert await desk.notices() == []
    assert await desk.strangers() == 0
    assert desk.telegram.committed() == {1, 2, 3}


async def test_other_bots_are_passed_over(desk: Desk) -> None:
    update = text(1, 1999)
    update["message"]["from"]["is_bot"] = True
    await desk.intake.take([update])
    assert await desk.notices() == []
    assert await desk.strangers() == 0


# -- taps


async def test_a_tap_is_answered_once_and_after_its_commit(desk: Desk) -> None:
    await desk.intake.take([tap(1, 1001, "no such thing"), tap(2, 1002, "neither")])
    await desk.intake.take([tap(1, 1001, "no such thing")])
    await desk.telegram.until(lambda: len(desk.telegram.answered) >= 2)
    assert sorted(query for query, _ in desk.telegram.answered) == ["tap1", "tap2"]
    assert all(committed >= {1, 2} for _, committed in desk.telegram.answered)


async def test_in_a_batch_that_fails_each_tap_is_answered_once(desk: Desk) -> None:
    await desk.intake.take([tap(1, 1001, "x"), unreadable(2, 1002), tap(3, 1003, "x")])
    await desk.telegram.until(lambda: len(desk.telegram.answered) >= 2)
    assert sorted(query for query, _ in desk.telegram.answered) == ["tap1", "tap3"]
    assert dict(desk.telegram.answered)["tap1"] >= {1}


# -- a network that fails


def problem(status: int, **parameters: Any) -> web.Response:
    body = {"ok": False, "error_code": status, "description": "trouble", "parameters": parameters}
    return web.json_response(body, status=status)


async def ticks(desk: Desk, seconds: float) -> None:
    """The intake waits so long by the clock, and polls again then, not before."""
    assert desk.polling is not None
    while desk.clock.next_alarm() is None and not desk.polling.done():  # noqa: ASYNC110 - it does not tell
        await asyncio.sleep(0)
    assert desk.clock.next_alarm() == desk.clock.now() + timedelta(seconds=seconds)
    polls = len(desk.telegram.polls)
    desk.clock.set(desk.clock.now() + timedelta(seconds=seconds))
    await desk.telegram.until(lambda: len(desk.telegram.polls) > polls)


async def test_a_failing_poll_is_repeated_more_and_more_slowly(desk: Desk) -> None:
    not_json = web.Response(text="<html>")
    desk.telegram.trouble.extend([problem(500), problem(502), None, not_json, problem(429, retry_after=17)])
    desk.poll()
    await desk.telegram.until(lambda: desk.telegram.polls)
    for seconds in (1, 2, 4, 8, 17):
        await ticks(desk, seconds)
    await desk.telegram.put(text(1))
    await desk.telegram.until(lambda: 2 in desk.telegram.polls)
    assert await desk.notices() == ["fallback.text"]


async def test_a_short_conflict_is_sat_out(desk: Desk) -> None:
    desk.telegram.trouble.extend(problem(409) for _ in range(4))
    polling = desk.poll()
    for seconds in (1, 2, 4, 8):
        await ticks(desk, seconds)
    await desk.telegram.put(text(1))
    await desk.telegram.until(lambda: 2 in desk.telegram.polls)
    assert not polling.done()


async def test_a_long_conflict_ends_it(desk: Desk) -> None:
    desk.telegram.trouble.extend(problem(409) for _ in range(9))
    polling = desk.poll()
    for seconds in (1, 2, 4, 8, 16):
        await ticks(desk, seconds)
    assert (desk.clock.now() - BEGIN).total_seconds() >= CONFLICT_PATIENCE
    with pytest.raises(SecondInstanceError):
        await polling


async def test_a_token_that_is_refused_ends_it(desk: Desk) -> None:
    desk.telegram.trouble.append(problem(401))
    with pytest.raises(TokenRefusedError):
        await desk.poll()
