"""What a sender sees is the same, byte for byte and second for second, whatever becomes of what they send.

Mara does everything there is to do towards Jonas, with the whole bot and over HTTP to the stand-in for
Telegram. In each case Jonas is somewhere else: he reads, checks in and looks for help; he wants no sound, and
no reminders; he has blocked the bot; or Telegram does not get through to him. Every call of the bot that
concerns Mara's chat is written down, with the time by the stand-in's clock, and held against the evening on
which he does nothing at all.
"""

import json
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.model import HELD, PersonId
from bot.playground import people
from bot.playground.state import Json
from bot.telegram import callback_data as to
from tests.integration.wire import Bot, wire

pytestmark = pytest.mark.usefixtures("no_tracebacks")

DAY = timedelta(days=1).total_seconds()
ID = re.compile(r"\d{13,18}")
"""An id in a button: it tells when it was made, and nothing else (tests/unit/test_ids.py)."""
COUNTED = (
    "draft",
    "session",
    "request",
    "couple",
    "topic",
    "agreement",
    "message",
    "line",
    "saved",
    "reminder",
)


class Phone:
    """Somebody with the bot in their chat list."""

    def __init__(self, bot: Bot, account: int, person: PersonId) -> None:
        self.bot, self.account, self.person = bot, account, person
        self.turns = 0

    async def says(self, text: str) -> None:
        self.bot.telegram.says(self.account, text)
        await self.bot.settled()
        await self.bot.pass_time(3)  # a chat hears about one message a second

    async def taps(self, meaning: type, **wanted: Any) -> None:
        """The newest button that means this."""
        found = self._find(meaning, wanted)
        assert found is not None, f"no button for {meaning.__name__} {wanted}"
        world = self.bot.telegram.world
        body = {"message_id": found[0], "data": found[1]}
        people.ACTIONS["tap"](world, world.person(self.account), body)
        await self.bot.settled()
        await self.bot.pass_time(3)

    def can_tap(self, meaning: type) -> bool:
        return self._find(meaning, {}) is not None

    def _find(self, meaning: type, wanted: Json) -> tuple[int, str] | None:
        posts = self.bot.telegram.world.state.chats[self.account].posts
        for number in sorted(posts, reverse=True):
            for data in self._buttons(posts[number].message):
                meant = to.decode(data)
                if type(meant) is meaning and wanted.items() <= vars(meant).items():
                    return number, data
        return None

    async def asks(self, query: str) -> None:
        """Behind the bot's name in another chat."""
        world = self.bot.telegram.world
        people.ACTIONS["inline"](world, world.person(self.account), {"query": query})
        await self.bot.settled()

    async def blocks(self) -> None:
        world = self.bot.telegram.world
        people.ACTIONS["block"](world, world.person(self.account), {})
        await self.bot.settled()

    @staticmethod
    def _buttons(message: Json) -> list[str]:
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        return [each["callback_data"] for row in rows for each in row if "callback_data" in each]

    def sees(self) -> list[str]:
        """Every call that concerns this chat, with its time, as its owner's client could write it down."""
        messages = sorted(self.bot.telegram.world.state.chats[self.account].posts)
        ids: dict[str, str] = {}
        lines = []
        for call in self.bot.telegram.world.faults.calls(0):
            said = dict(call["parameters"])
            query = said.pop("callback_query_id", None) or said.pop("inline_query_id", None) or 0
            if self.account not in (said.pop("chat_id", None), int(query) >> 20):
                continue
            if "message_id" in said:
                said["message_id"] = messages.index(said["message_id"])
            written = json.dumps(said, ensure_ascii=False)
            written = ID.sub(lambda found: ids.setdefault(found[0], f"#{len(ids)}"), written)
            lines.append(f"{call['at']} {call['status']} {call['method']} {written}")
        return lines

    def check_ids(self) -> None:
        """No button carries a number that counts."""
        for post in self.bot.telegram.world.state.chats[self.account].posts.values():
            for data in self._buttons(post.message):
                for name, value in vars(to.decode(data)).items():
                    assert name not in COUNTED or ID.fullmatch(str(value)), data


Doing = Callable[[Phone, int], Awaitable[None]]
"""What Jonas does, the how-manieth time he is looked at."""


async def nothing(jonas: Phone, turn: int) -> None:
    """The plain case."""


async def is_there(jonas: Phone, turn: int) -> None:
    """He reads what came, writes a line, checks in, says how strong it is; and he looks for help."""
    if jonas.can_tap(to.SpaceRate):
        await jonas.taps(to.SpaceRate, intensity=9)
        return
    match turn % 3:
        case 0:
            await jonas.says("/help")
            await jonas.taps(to.OpenBeside, what="unsafe")
            await jonas.taps(to.QuickExit)
            await jonas.says("I'm scared of her")
        case 1:
            await jonas.says("/journal")
            await jonas.taps(to.Open, what="journal_write")
            await jonas.says("A line of his own.")
        case 2:
            await jonas.says("/pause")


async def wants_no_sound(jonas: Phone, turn: int) -> None:
    """Quiet hours around the clock, his reminders at rest, and no sound in a break he waits out."""
    if turn == 0:
        await jonas.says("/settings")
        await jonas.taps(to.Open, what="settings_quiet")
        await jonas.says("0:00-23:59")
        await jonas.says("/remind every day at 9")
        await jonas.taps(to.RemindSave)
        await jonas.says("/remind")
        await jonas.taps(to.RemindPauseAsk)
        await jonas.taps(to.RemindPause)
    elif jonas.can_tap(to.Sound):
        await jonas.taps(to.Sound, on=0)


async def is_gone(jonas: Phone, turn: int) -> None:
    """Blocked: at first the bot learns it only by trying, then it is told."""
    if turn == 0:
        jonas.bot.telegram.fault("status", status=403, chat_id=jonas.account)
    else:
        await jonas.blocks()


async def is_out_of_reach(jonas: Phone, turn: int) -> None:
    """Telegram takes nothing for him for a while, and says that it is too much."""
    jonas.bot.telegram.fault("status", status=502, chat_id=jonas.account, times=2)
    jonas.bot.telegram.fault("status", status=429, retry_after=30, chat_id=jonas.account)


CASES: tuple[Doing, ...] = (is_there, wants_no_sound, is_gone, is_out_of_reach)


async def meanwhile(jonas: Phone, case: Doing) -> None:
    """A minute, whatever he does in it."""
    over = jonas.bot.clock.now() + timedelta(minutes=1)
    await case(jonas, jonas.turns)
    jonas.turns += 1
    await jonas.bot.pass_time((over - jonas.bot.clock.now()).total_seconds())


async def signs_and_words(mara: Phone, jonas: Phone, case: Doing) -> None:
    """A signal, own words that were kept, a question for a talk: the three lines of a day; and a fourth."""
    await meanwhile(jonas, case)
    await mara.says("/signal")
    await mara.taps(to.SignalSend, slot="still_here")
    await mara.says("/journal")
    await mara.taps(to.JournalShow)
    await mara.taps(to.JournalSend)
    await meanwhile(jonas, case)
    await mara.taps(to.RelaySend)
    await mara.says("Can we talk tonight?")
    await mara.taps(to.Open, what="talk")
    await mara.taps(to.TalkWhen)
    await mara.taps(to.TalkSend)
    await mara.says("/signal")
    await mara.asks("")
    await mara.asks("25 min")


async def a_break(mara: Phone, jonas: Phone, case: Doing) -> None:
    """Asked for, extended, over; from when, ready; and another one, taken back."""
    await mara.says("/space 20")
    await mara.taps(to.SpaceWording)
    await mara.taps(to.SpaceSend)
    await meanwhile(jonas, case)
    await mara.bot.pass_time(25 * 60)
    await mara.taps(to.SpaceMore)
    await mara.taps(to.SpaceExtend)
    await meanwhile(jonas, case)
    await mara.bot.pass_time(10 * 60)
    await mara.says("/space")
    await mara.taps(to.SpaceBack)
    await mara.taps(to.SpaceReady)
    await mara.says("/space 30")
    await mara.taps(to.SpaceWording)
    await mara.taps(to.SpaceSend)
    await meanwhile(jonas, case)
    await mara.taps(to.SpaceTakeBack)
    await mara.bot.pass_time(13 * 3600)


async def between_the_two(mara: Phone, jonas: Phone, case: Doing) -> None:
    """A topic, a proposal for the agreement, the question of the week, a mark."""
    await meanwhile(jonas, case)
    await mara.says("/later")
    await mara.says("The holidays")
    await mara.taps(to.LaterTime)
    await mara.taps(to.LaterPreview)
    await meanwhile(jonas, case)
    await mara.taps(to.LaterSend)
    await mara.says("/later")
    await mara.says("/agreement")
    await mara.taps(to.Open, what="agreement_propose")
    await mara.taps(to.AgreementAsk, part="minutes")
    await mara.taps(to.AgreementChoose)
    await mara.taps(to.AgreementPreview)
    await meanwhile(jonas, case)
    await mara.taps(to.AgreementSend)
    await mara.says("/agreement")
    await mara.taps(to.AgreementTakeBack)
    await mara.says("/together")
    await mara.taps(to.TogetherAnswer)
    await mara.says("That you sang.")
    await mara.taps(to.TogetherKeep)
    await meanwhile(jonas, case)
    await mara.says("/together")


async def his_break(mara: Phone, jonas: Phone, case: Doing) -> None:
    """Jonas asks for space and says no other word; what Mara keeps goes after the day. Then she leaves."""
    await jonas.says("/space 20")
    await jonas.taps(to.SpaceWording)
    await jonas.taps(to.SpaceSend)
    await meanwhile(jonas, case)
    await mara.taps(to.SpaceReply)
    await mara.taps(to.ReadyAsk)
    await mara.taps(to.ReadyAt)
    await mara.says("/signal")
    await mara.taps(to.SignalSend, slot="still_here")
    await mara.says("/space")
    await meanwhile(jonas, case)
    await mara.bot.pass_time(25 * 60)
    await meanwhile(jonas, case)
    await mara.bot.pass_time(DAY)
    await mara.taps(to.KeptSend)
    await meanwhile(jonas, case)
    await mara.says("/unlink")
    await mara.taps(to.SendFarewell)
    await mara.says("/signal")
    await mara.asks("")


SCENES = (signs_and_words, a_break, between_the_two, his_break)


async def played(folder: Path, scene: Any, case: Doing) -> list[str]:
    async with wire(folder) as bot:
        mara, jonas = [Phone(bot, *await bot.person(name)) for name in ("Mara", "Jonas")]
        async with bot.base.storage.unit_of_work() as uow:
            await uow.couples.add(mara.person, jonas.person, bot.clock.now())
            await uow.journal.add(mara.person, "I'd like to tell you something.", bot.clock.now(), HELD)
            await uow.commit(bot.clock.now())
        await scene(mara, jonas, case)
        mara.check_ids()
        return mara.sees()


@pytest.mark.parametrize("scene", SCENES, ids=lambda each: each.__name__)
async def test_what_the_sender_sees(tmp_path_factory: pytest.TempPathFactory, scene: Any) -> None:
    plain = await played(tmp_path_factory.mktemp("plain"), scene, nothing)
    for case in CASES:
        seen = await played(tmp_path_factory.mktemp(case.__name__), scene, case)
        different = [pair for pair in zip(seen, plain, strict=False) if pair[0] != pair[1]]
        assert not different, f"{case.__name__}: {different[0]}"
        assert len(seen) == len(plain), case.__name__
