from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from bot.playground import webhook
from tests.unit.playground.harness import MARA, Core, Playground


class Hook:
    """A bot's webhook that answers as it is told."""

    def __init__(self) -> None:
        self.url = ""
        self.got: list[tuple[dict[str, Any], str | None]] = []
        self.answers: list[web.Response] = []
        self.changed = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        self.got.append((await request.json(), request.headers.get("X-Telegram-Bot-Api-Secret-Token")))
        self.changed.set()
        return self.answers.pop(0) if self.answers else web.Response()


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    await runner.cleanup()


async def handled(playground: Playground) -> None:
    world = playground.server.world
    assert await world.clock.changed.wait_until(lambda: not world.state.pending, 5)


async def test_updates_are_posted_with_the_secret(playground: Playground, hook: Hook) -> None:
    await playground.do(MARA, "say", text="before")
    await playground.ok("setWebhook", url=hook.url, secret_token="s3cret")
    await playground.do(MARA, "say", text="after")
    await handled(playground)
    assert sorted(update["message"]["text"] for update, _ in hook.got) == ["after", "before"]
    assert {secret for _, secret in hook.got} == {"s3cret"}
    info = await playground.ok("getWebhookInfo")
    assert (info["url"], info["pending_update_count"], info["max_connections"]) == (hook.url, 0, 40)


async def test_what_is_refused_is_tried_again(
    playground: Playground, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "FIRST_PAUSE", 0.01)
    hook.answers = [web.Response(status=500), web.Response(status=404)]
    await playground.ok("setWebhook", url=hook.url)
    await playground.do(MARA, "say", text="a")
    await handled(playground)
    assert len({update["update_id"] for update, _ in hook.got}) == 1
    assert len(hook.got) == 3
    info = await playground.ok("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 404"


async def test_nobody_listening_is_an_error_too(playground: Playground) -> None:
    world = playground.server.world
    await playground.ok("setWebhook", url="http://127.0.0.1:9/hook")
    await playground.do(MARA, "say", text="a")
    assert await world.clock.changed.wait_until(lambda: bool(world.state.webhook.last_error_message), 5)
    assert (await playground.ok("getWebhookInfo"))["pending_update_count"] == 1
    await playground.ok("deleteWebhook", drop_pending_updates=True)
    assert await playground.ok("getUpdates") == []


async def test_a_method_call_may_be_the_answer(playground: Playground, hook: Hook) -> None:
    call = {"method": "sendMessage", "chat_id": MARA, "text": "from the answer"}
    hook.answers = [web.json_response(call)]
    await playground.ok("setWebhook", url=hook.url)
    await playground.do(MARA, "say", text="a")
    await handled(playground)
    assert await playground.texts(MARA) == ["a", "from the answer"]


async def test_polling_works_again_afterwards(playground: Playground, hook: Hook) -> None:
    await playground.ok("setWebhook", url=hook.url)
    await playground.ok("deleteWebhook")
    await playground.do(MARA, "say", text="a")
    assert len(await playground.ok("getUpdates")) == 1
    assert (await playground.ok("getWebhookInfo"))["url"] == ""


async def test_webhooks_that_are_refused(core: Core) -> None:
    for url in ("http://example.org/x", "ftp://127.0.0.1", "nothing"):
        assert core.refused("setWebhook", url=url) == (
            "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
        )
    assert core.refused("setWebhook", url="https://a.org", secret_token="no spaces") == (
        "Bad Request: secret token contains unallowed characters"
    )
