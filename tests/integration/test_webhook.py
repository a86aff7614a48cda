"""The webhook: Telegram (the playground's) brings updates, over real HTTP, to the whole bot."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import event

from bot.clock import SteppedClock
from bot.serving import listen
from bot.telegram.webhook import LARGEST, SECRET_HEADER, Address, WebhookRefusedError
from tests.integration.wire import BEGIN, Bot, wire

pytestmark = pytest.mark.usefixtures("no_tracebacks")

SECRET = "s3cret-of_the-webhook"
PATH = "/from/telegram"


def address(secret: str = SECRET) -> Address:
    listener = listen("127.0.0.1", 0)
    return Address(f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}", secret, listener)


@pytest.fixture
def there() -> Address:
    return address()


@pytest.fixture
async def bot(tmp_path: Path, there: Address) -> AsyncIterator[Bot]:
    async with wire(tmp_path, there) as at_work:
        yield at_work


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def update(number: int, account: int = 9001, words: str = "hm") -> dict[str, Any]:
    who = {"id": account, "is_bot": False, "first_name": "Kim"}
    chat = {"id": account, "type": "private"}
    message = {"message_id": number, "date": 0, "from": who, "chat": chat, "text": words}
    return {"update_id": number, "message": message}


async def bring(
    client: aiohttp.ClientSession, there: Address, body: Any, secret: str | None = SECRET
) -> tuple[int, bytes]:
    """One request as Telegram makes it; its answer."""
    headers = {} if secret is None else {SECRET_HEADER: secret}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with client.post(there.url, data=io.BytesIO(data), headers=headers) as answer:
        return answer.status, await answer.read()


async def test_what_people_say_is_brought_and_answered(bot: Bot) -> None:
    mara, _ = await bot.person("Mara")
    bot.telegram.says(mara, "/help")
    await bot.settled()
    assert any("I'm a program" in each for each in bot.telegram.chat(mara))
    info = bot.telegram.world.state.webhook
    assert (info.secret_token, info.max_connections) == (SECRET, 100)
    assert not bot.telegram.world.state.pending


async def test_nobody_without_the_secret_is_told_or_changes_anything(
    bot: Bot, there: Address, client: aiohttp.ClientSession
) -> None:
    before = await bot.base.rows("SELECT * FROM updates")
    for wrong in (None, "", SECRET[:-1], f"{SECRET}x", SECRET.upper(), "ü"):
        assert await bring(client, there, update(7), wrong) == (403, b"")
    assert await bot.base.rows("SELECT * FROM updates") == before


async def test_only_post_and_only_this_address(
    bot: Bot, there: Address, client: aiohttp.ClientSession
) -> None:
    headers = {SECRET_HEADER: SECRET}
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        async with client.request(method, there.url, headers=headers) as answer:
            assert (answer.status, await answer.read()) == (405, b"")
    for path in ("/", "/from", f"{PATH}/x", "/docs", "/%2e%2e/etc/passwd"):
        async with client.post(there.url.replace(PATH, path), headers=headers, json=update(7)) as answer:
            assert (answer.status, await answer.read()) == (404, b"")
            assert "server" not in {name.lower() for name in answer.headers}


async def test_what_is_too_large_is_read_no_further(
    bot: Bot, there: Address, client: aiohttp.ClientSession
) -> None:
    assert await bring(client, there, b"x" * (LARGEST + 1)) == (413, b"")
    large = update(8, words="x" * 300_000)
    assert await bring(client, there, large) == (200, b"")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"{}", {"update_id": "1"}, {"update_id": True}, {"update_id": 2**63}]
)
async def test_what_is_no_update_is_refused(
    bot: Bot, there: Address, client: aiohttp.ClientSession, body: Any
) -> None:
    assert await bring(client, there, body) == (400, b"")
    assert await bring(client, there, update(9)) == (200, b"")


async def test_200_is_said_after_the_commit_only(
    bot: Bot, there: Address, client: aiohttp.ClientSession
) -> None:
    async with bot.base.locked():
        assert await bring(client, there, update(5)) == (503, b"")
    assert await bot.base.rows("SELECT * FROM updates WHERE update_id = 5") == []
    assert await bring(client, there, update(5)) == (200, b"")
    assert len(await bot.base.rows("SELECT * FROM updates WHERE update_id = 5")) == 1


async def test_what_comes_twice_is_handled_once(
    bot: Bot, there: Address, client: aiohttp.ClientSession
) -> None:
    answers = await asyncio.gather(*(bring(client, there, update(6, words="/help")) for _ in range(5)))
    assert set(answers) == {(200, b"")}
    assert len(await bot.base.rows("SELECT * FROM outbox WHERE kind = 'help.main'")) == 1


async def test_what_comes_together_is_committed_together(
    bot: Bot, there: Address, client: aiohttp.ClientSession
) -> None:
    commits: list[Any] = []
    event.listen(bot.base.engine.sync_engine, "commit", commits.append)
    many = [update(number, 9000 + number) for number in range(100, 160)]
    assert {await_[0] for await_ in await asyncio.gather(*(bring(client, there, each) for each in many))} == {
        200
    }
    assert len(await bot.base.rows("SELECT * FROM updates WHERE update_id >= 100")) == 60
    assert len(commits) < 60


async def test_to_polling_and_back_loses_nothing(tmp_path: Path, there: Address) -> None:
    async with wire(tmp_path, there) as first:
        mara, _ = await first.person("Mara")
        now = first
        for number, way in enumerate((None, address(), None)):
            await now.close()
            now.telegram.says(mara, f"/help {number}")  # while nobody is there
            now = Bot(first.base, first.telegram, SteppedClock(now.clock.now()), way)
            await now.open()
            assert len(await first.base.rows("SELECT * FROM outbox WHERE kind = 'help.main'")) == number + 1
        await now.close()


async def test_a_webhook_that_somebody_took_off_is_set_again(bot: Bot, there: Address) -> None:
    mara, _ = await bot.person("Mara")
    world = bot.telegram.world
    world.state.webhook = type(world.state.webhook)()
    world.webhook_changed()
    bot.telegram.says(mara, "/help")
    bot.clock.set(BEGIN.replace(minute=2))
    await bot.until(lambda: world.state.webhook.url == there.url)
    await bot.settled()
    assert any("I'm a program" in each for each in bot.telegram.chat(mara))


async def test_an_address_that_telegram_refuses_ends_it(tmp_path: Path, there: Address) -> None:
    elsewhere = Address("http://example.org/x", SECRET, there.listener)
    with pytest.raises(WebhookRefusedError, match="https url"):
        async with wire(tmp_path, elsewhere):
            pass


async def test_asked_to_stop_it_answers_what_has_arrived(
    bot: Bot, there: Address, client: aiohttp.ClientSession
) -> None:
    posts = [asyncio.create_task(bring(client, there, update(number))) for number in range(20, 40)]
    await bot.until(lambda: not bot.activity.idle)
    await bot.close()
    answers = await asyncio.gather(*posts, return_exceptions=True)
    taken = [number for number, answer in enumerate(answers, 20) if answer == (200, b"")]
    rows = await bot.base.rows("SELECT update_id FROM updates WHERE update_id BETWEEN 20 AND 39")
    assert {row["update_id"] for row in rows} >= set(taken)
    assert taken
