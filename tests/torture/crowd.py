"""People who go on with their evenings, whatever becomes of the bot.

Each asks only what they have an answer to, and counts what must come of it: an update has its effect once.
"""

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import unquote

from bot.playground import people
from bot.playground.state import Json, Post
from bot.playground.world import World
from tests.acceptance.harness import LINK, buttons, from_bot, marker, shown
from tests.acceptance.words import Words, squeezed

TICK = 0.02
"""Real seconds."""
STEP_MS = 500
"""So far the clock moves with a tick, if the bot has kept up."""
LATEST_MS = 60_000
LAG = 0.1
"""Real seconds after which it moves in any case."""
FIRST_REMINDER = timedelta(minutes=2)
REMINDERS = 4
APART = timedelta(minutes=40)
LATENCY = 0.04
"""Real seconds that Telegram takes for a message, so that something is in flight: in half of the chats it
then has arrived, in the other half not yet."""
BULK_LATENCY = 0.8
"""The same for those who hear their reminders only."""
BERLIN = (52.52, 13.405)


@cache
def _words() -> Words:
    return Words("en")


@cache
def _label(key: str) -> re.Pattern[str]:
    return _words().label(key)


@cache
def _text(key: str) -> re.Pattern[str]:
    return _words().finder(key)


class Crowd:
    """Everybody, the time, and what must have come of what they did."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.expected: Counter[tuple[int, str]] = Counter()
        """By account and kind of notice: how often the bot must have decided to say it."""
        self.requests = 0
        self.over = False
        self._tick = asyncio.Condition()
        self._lives: list[asyncio.Task[None]] = []
        self._waiting: dict[int, str] = {}

    def phone(self, name: str) -> "Phone":
        return Phone(self, people.add_person(self.world, {"first_name": name}).id)

    async def arrive(self, couples: int, singles: int, reminded: int, *, over: int) -> None:
        """All start the bot, and link or set reminders, spread over so many minutes; then they live."""
        pairs = [(self.phone(f"Mara{n}"), self.phone(f"Jonas{n}")) for n in range(couples)]
        alone = [self.phone(f"Theo{n}") for n in range(singles)]
        quiet = [self.phone(f"Lena{n}") for n in range(reminded)]
        await asyncio.gather(*(_link(*pair) for pair in pairs), *(_begin(each) for each in alone + quiet))
        first = datetime.fromtimestamp(self.world.clock.seconds, UTC) + FIRST_REMINDER
        reminders = (_remind(each, first + timedelta(minutes=n % over)) for n, each in enumerate(quiet))
        await asyncio.gather(*reminders)
        for number, each in enumerate(self.world.state.people):
            fault = {"kind": "late" if number % 2 else "slow", "method": "sendMessage", "chat_id": each}
            seconds = BULK_LATENCY if each in {one.id for one in quiet} else LATENCY
            self.world.faults.add(fault | {"seconds": seconds, "times": 10**9})
        lives = [_evening(*pair) for pair in pairs] + [_alone(each) for each in alone]
        self._lives = [asyncio.create_task(life) for life in lives]

    async def time(self, dead: Callable[[], bool], settled: Callable[[], bool] | None = None) -> None:
        """Let the time go on, quickly while the bot keeps up and slowly while it is dead, until cancelled.

        `settled`: whether it keeps up, if others know that better than the playground.
        """
        keeps_up = settled or (lambda: self.world.steering.settled)
        loop = asyncio.get_running_loop()
        moved = loop.time()
        while True:
            await asyncio.sleep(TICK)
            if (not dead() and keeps_up()) or (loop.time() - moved > LAG and not self._is_late()):
                self.world.clock.move(self.world.clock.now_ms + STEP_MS)
                moved = loop.time()
            async with self._tick:
                self._tick.notify_all()

    def _is_late(self) -> bool:
        """Whether Telegram would soon give up a tap: people wait for no longer than that, either."""
        pending = self.world.state.pending
        return bool(pending) and self.world.clock.now_ms - pending[0].at_ms > LATEST_MS

    async def finish(self, patience: float) -> None:
        """Everybody ends what they have begun. Raises AssertionError with who waits in vain."""
        self.over = True
        _, left = await asyncio.wait(self._lives, timeout=patience)
        for life in self._lives:
            if life.done():
                life.result()
        assert not left, f"they wait in vain: {self._waiting}"

    def check(self) -> None:
        """Nobody who lives has failed."""
        for life in self._lives:
            if life.done():
                life.result()

    async def until(self, who: int, what: str, found: Callable[[], bool]) -> None:
        while not found():
            self._waiting[who] = what
            async with self._tick:
                await self._tick.wait()
        self._waiting.pop(who, None)

    async def a_while(self, most: float = 8) -> None:
        """Up to so many seconds of the clock."""
        until = self.world.clock.now_ms + self.random.random() * most * 1000
        await self.until(0, "time", lambda: self.world.clock.now_ms >= until)


@dataclass(eq=False)
class Phone:
    """One person's chat with the bot."""

    crowd: Crowd
    id: int
    since: int = field(default=0)
    """the message they wrote last: what they look for is newer, or edited"""

    def must(self, *kinds: str) -> None:
        """Because of what they did last, the bot must say this, once."""
        self.crowd.expected.update((self.id, kind) for kind in kinds)

    async def say(self, text: str) -> None:
        said = self._do("say", text=text)
        self.since = said["message_id"]

    async def sends_location(self, latitude: float, longitude: float) -> None:
        self.since = self._do("location", latitude=latitude, longitude=longitude)["message_id"]

    def mark(self) -> None:
        """What is there now is no news."""
        self.since = max(self._posts(), default=0)

    async def tap(self, label: str) -> None:
        """Waits for the button, and taps it."""
        await self.crowd.until(self.id, f"[{label}]", lambda: self._button(label) is not None)
        found = self._button(label)
        assert found is not None
        self._do("tap", message_id=found[0], data=found[1])

    async def sees(self, key: str) -> None:
        await self.crowd.until(self.id, key, lambda: self._has(_text(key)))

    async def reads(self, words: str) -> None:
        await self.crowd.until(self.id, words, lambda: self._has(re.compile(words)))

    async def link(self) -> str:
        await self.crowd.until(self.id, "a link", lambda: self._has(LINK))
        everything = unquote(json.dumps([post.message for post in self._posts().values()]))
        return LINK.findall(everything)[-1]

    def open(self, link: str) -> None:
        self.since = self._do("open", link=link)["message_id"]

    def _do(self, action: str, **body: object) -> Json:
        world = self.crowd.world
        done: Json = people.ACTIONS[action](world, world.person(self.id), body)
        return done

    def _posts(self) -> dict[int, Post]:
        chat = self.crowd.world.state.chats.get(self.id)
        return chat.posts if chat is not None else {}

    def _news(self) -> list[Json]:
        posts = self._posts()
        news = []
        for number in reversed(posts):
            if number <= self.since:
                break
            if from_bot(posts[number].message):
                news.append(posts[number].message)
        return news

    def _has(self, finder: re.Pattern[str]) -> bool:
        return any(finder.search(squeezed(unquote(shown(each)))) for each in self._news())

    def _button(self, label: str) -> tuple[int, str] | None:
        for message in self._news():
            for button in buttons(message):
                if "callback_data" in button and _label(label).match(squeezed(button["text"])):
                    return message["message_id"], button["callback_data"]
        return None


# -- what they do


async def _begin(who: Phone) -> None:
    await who.say("/start")
    await who.sees("zone.ask_first")
    await who.sends_location(*BERLIN)
    await who.sees("zone.set")


async def _link(one: Phone, other: Phone) -> None:
    await asyncio.gather(_begin(one), _begin(other))
    await one.say("/link")
    other.open(await one.link())
    await other.tap("link.accept")
    await one.tap("link.confirm_yes")
    await one.sees("link.done")
    await other.sees("link.done")


async def _remind(who: Phone, first: datetime) -> None:
    """A reminder for several times a day, from `first` on."""
    times = [f"{first + APART * number + timedelta(hours=1):%H:%M}" for number in range(REMINDERS)]
    await who.say("/remind")
    await who.sees("remind.none")
    await who.say(f"every day at {', '.join(times[:-1])} and {times[-1]}")
    await who.tap("remind.save")
    await who.sees("remind.added")


async def _alone(who: Phone) -> None:
    crowd = who.crowd
    while not crowd.over:
        await crowd.a_while()
        if crowd.random.random() < 0.5:
            await who.say("/help")
            who.must("help.main")
            await who.sees("help.main")
            continue
        await who.say("/pause")
        who.must("check_in.begins", "step.ask")
        for label in ("scripts.pause.steps.need.choices.calm.label", None):
            await crowd.a_while(3)
            await (who.tap(label) if label else _taps_a_number(who))
            who.must("step.answered")
        await who.sees("scripts.pause.steps.calm_how.text")
        who.must("step.ask")
        await who.say("/cancel")
        who.must("check_in.stopped")
        await who.sees("check_in.stopped")


async def _taps_a_number(who: Phone) -> None:
    def ten() -> tuple[int, str] | None:
        for message in who._news():
            for button in buttons(message):
                if button["text"] == "6":
                    return message["message_id"], button["callback_data"]
        return None

    await who.crowd.until(who.id, "[6]", lambda: ten() is not None)
    found = ten()
    assert found is not None
    who._do("tap", message_id=found[0], data=found[1])


async def _evening(one: Phone, other: Phone) -> None:
    """One asks, the other answers, the time comes, and they are back; then the other way round."""
    crowd = one.crowd
    for turn in range(12):  # six a day each
        await crowd.a_while(30)
        if crowd.over:
            return
        away, waits = (one, other) if turn % 2 == 0 else (other, one)
        await _break(away, waits)


async def _break(away: Phone, waits: Phone) -> None:
    crowd = away.crowd
    word = marker()
    waits.mark()
    await away.say("/space 5")
    await away.tap("space.choose.own")
    await away.sees("space.ask_words")
    await away.say(f"I need air {word}")
    await away.tap("space.send")
    crowd.requests += 1
    away.must("space.preview", "space.sent")
    waits.must("space.request")
    await away.sees("space.sent")
    await waits.reads(word)
    if crowd.random.random() < 0.7:
        await waits.tap("space_reply.take_your_time")
        waits.must("relay.sent")
        away.must("space.reply.take_your_time")
        await away.sees("space.reply.take_your_time")
    if crowd.random.random() < 0.7 and not crowd.over:
        await away.sees("space.how_now.now")
        away.must("space.how_now.now")
        waits.must("space.time_is_up.now")
    await away.tap("space.im_back")
    away.must("space.back")
    waits.must("space.returned")
    await away.sees("space.back")
    await waits.sees("space.returned")
