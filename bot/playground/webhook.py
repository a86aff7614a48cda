"""Posting updates to the bot's webhook, again until it takes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import aiohttp
import orjson

from bot.playground.params import Params
from bot.playground.state import Json, Pending, Webhook
from bot.playground.world import World

TIMEOUT = 60.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
_FOREVER = 3600.0

Call = Callable[[str, Params], tuple[int, Json]]


class WebhookSender:
    """Takes from the queue while a webhook is set, at most `max_connections` at once."""

    def __init__(self, world: World, call: Call) -> None:
        self._world = world
        self._call = call
        self._open: set[asyncio.Task[None]] = set()
        self._pause = 0.0
        world.webhook_changed = self._restart

    async def run(self) -> None:
        """Until cancelled."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        async with aiohttp.ClientSession(timeout=timeout, json_serialize=_to_json) as session:
            try:
                while True:
                    await self._world.clock.changed.wait_until(self._can_send, _FOREVER)
                    if self._pause:
                        await asyncio.sleep(self._pause)
                    self._send(session)
            finally:
                for task in self._open:
                    task.cancel()
                await asyncio.gather(*self._open, return_exceptions=True)

    def _can_send(self) -> bool:
        webhook = self._world.state.webhook
        free = len(self._open) < (1 if self._pause else webhook.max_connections)
        return bool(webhook.url) and free and not self._world.queue.all_given

    def _restart(self) -> None:
        self._pause = 0.0
        self._world.clock.changed.notify()

    def _send(self, session: aiohttp.ClientSession) -> None:
        if not self._can_send():
            return
        pending = self._world.queue.give_next()
        if pending is None:
            return
        task = asyncio.create_task(self._post(session, self._world.state.webhook, pending))
        self._open.add(task)
        task.add_done_callback(self._closed)

    def _closed(self, task: asyncio.Task[None]) -> None:
        self._open.discard(task)
        self._world.clock.changed.notify()

    async def _post(self, session: aiohttp.ClientSession, webhook: Webhook, pending: Pending) -> None:
        headers = {}
        if webhook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret_token
        try:
            with self._world.presence.call():
                async with session.post(webhook.url, json=pending.update, headers=headers) as answer:
                    body = await answer.read()
                    status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._failed(webhook, pending, f"Connection failed: {type(error).__name__}")
            return
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            self._pause = 0.0
            self._world.queue.done(pending)
            self._run_answer(body)
            self._world.store.touch()
        else:
            self._failed(webhook, pending, f"Wrong response from the webhook: {status}")

    def _failed(self, webhook: Webhook, pending: Pending, why: str) -> None:
        webhook.last_error_date = self._world.clock.seconds
        webhook.last_error_message = why
        self._pause = min(max(self._pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
        self._world.queue.give_back(pending)

    def _run_answer(self, body: bytes) -> None:
        """A webhook may answer with a method call; nobody hears what became of it."""
        try:
            values = orjson.loads(body)
        except orjson.JSONDecodeError:
            return
        if isinstance(values, dict) and isinstance(values.get("method"), str):
            method = values.pop("method")
            self._call(method, Params(values))


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()
