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
LONGEST_PAUSE = 60
"""Seconds by the playground's clock, as all between one try and the next."""
LONGEST_ASKED = 3600
_FOREVER = 3600.0
_NOT_AS_ANSWER = ("setwebhook", "deletewebhook", "close", "logout")

Call = Callable[[str, Params], tuple[int, Json]]


class WebhookSender:
    """Takes from the queue while a webhook is set, at most `max_connections` at once."""

    def __init__(self, world: World, call: Call) -> None:
        self._world = world
        self._call = call
        self._open: set[asyncio.Task[None]] = set()
        world.webhook_changed = world.clock.changed.notify

    async def run(self) -> None:
        """Until cancelled."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        async with aiohttp.ClientSession(timeout=timeout, json_serialize=_to_json) as session:
            try:
                while True:
                    await self._something_to_do()
                    self._send(session)
            finally:
                for task in self._open:
                    task.cancel()
                await asyncio.gather(*self._open, return_exceptions=True)

    async def _something_to_do(self) -> None:
        """Wait until something can be sent, or it has changed how long to wait."""
        clock, planned = self._world.clock, self._next_try()
        seconds = _FOREVER if planned is None else max(0.0, (planned - clock.now_ms) / 1000)
        await clock.changed.wait_until(lambda: self._can_send() or self._next_try() != planned, seconds)

    def _next_try(self) -> int | None:
        """When time alone brings the next try: never while the clock stands still."""
        return self._world.queue.next_retry_ms() if self._world.clock.running else None

    def _can_send(self) -> bool:
        webhook = self._world.state.webhook
        free = len(self._open) < webhook.max_connections
        return bool(webhook.url) and free and self._world.queue.next_for_webhook() is not None

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
                async with session.post(
                    webhook.url, json=pending.update, headers=headers, allow_redirects=False
                ) as answer:
                    body = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._failed(webhook, pending, f"Connection failed: {type(error).__name__}")
            return
        if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            self._world.queue.done(pending)
            self._run_answer(body)
            self._world.store.touch()
        else:
            why = f"Wrong response from the webhook: {answer.status} {answer.reason}"
            self._failed(webhook, pending, why, answer.headers.get("Retry-After", ""))

    def _failed(self, webhook: Webhook, pending: Pending, why: str, asked: str = "") -> None:
        """Try again after a second, then after twice as long each time, or when the webhook asked for it."""
        webhook.last_error_date = self._world.clock.seconds
        webhook.last_error_message = why
        wanted = min(int(asked), LONGEST_ASKED) if asked.isdecimal() else 0
        pause = wanted or min(2**pending.failures, LONGEST_PAUSE)
        self._world.queue.give_back(pending, self._world.clock.now_ms + pause * 1000)

    def _run_answer(self, body: bytes) -> None:
        """A webhook may answer with a method call; nobody hears what became of it."""
        try:
            values = orjson.loads(body)
        except orjson.JSONDecodeError:
            return
        if isinstance(values, dict) and isinstance(values.get("method"), str):
            method = values.pop("method")
            if not method.lower().startswith(("get", *_NOT_AS_ANSWER)):
                self._call(method, Params(values))


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()
