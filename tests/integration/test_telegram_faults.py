"""What Telegram and the net can do to the bot, over real HTTP: nothing lost, nothing late for no reason."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SteppedClock
from bot.domain.decision import Notice, Operation, Priority
from bot.domain.model import PersonId
from bot.telegram.polling import SecondInstanceError, TokenRefusedError
from tests.integration.support import database
from tests.integration.wire import BEGIN, Bot, wire

pytestmark = pytest.mark.usefixtures("no_tracebacks")

UNCHANGED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with wire(tmp_path) as running:
        yield running


def relay(person: PersonId) -> Notice:
    return Notice("errors.unknown", person, priority=Priority.RELAY)


def answer(person: PersonId) -> Notice:
    return Notice("fallback.text", person, priority=Priority.ANSWER)


def bulk(person: PersonId) -> Notice:
    return Notice("nudge.breathe", person, {"reminder": 1, "variant": 0}, priority=Priority.NUDGE)


# -- too fast


async def test_a_429_stops_its_chat_in_two_chats_bulk_and_in_three_everybody(bot: Bot) -> None:
    people = [await bot.person(name) for name in ("Ada", "Ben", "Cem", "Dan")]
    (ada, a), (ben, b), (cem, c), (dan, d) = people
    for account in (ada, ben, cem):
        bot.telegram.fault("status", status=429, retry_after=20, method="sendMessage", chat_id=account)
    await bot.say(answer(a))
    await bot.settled()
    await bot.say(bulk(d), answer(b), answer(a))
    await bot.settled()
    sent = [(chat, status) for _, chat, status in bot.telegram.calls("sendMessage")]
    assert sent[0] == (ada, 429)
    assert sorted(sent[1:]) == sorted([(ben, 429), (dan, 200)]), "one chat waits, and nobody else"

    await bot.say(bulk(d), answer(d))
    await bot.settled()
    assert len(bot.telegram.chat(dan)) == 2, "of two refusals bulk is held, too; people go on"
    await bot.say(answer(c))
    await bot.settled()
    await bot.say(answer(d))
    await bot.settled()
    assert len(bot.telegram.chat(dan)) == 2, "after three nobody is written to"
    await bot.pass_time(19)
    assert len(bot.telegram.calls("sendMessage")) == 5
    await bot.pass_time(2)
    assert [len(bot.telegram.chat(each)) for each in (ada, ben, cem, dan)] == [2, 1, 1, 4]
    assert {state for _, state in await bot.made()} == {"sent"}


# -- refusals


@pytest.mark.parametrize(
    "description",
    [
        "message text is empty",
        "message is too long",
        'can\'t parse entities: unsupported start tag "x" at byte offset 0',
        "BUTTON_DATA_INVALID",
        "something Telegram says from tomorrow on",
    ],
)
async def test_a_400_is_not_repeated_and_the_chat_goes_on(bot: Bot, description: str) -> None:
    account, person = await bot.person("Mara")
    bot.telegram.fault("status", status=400, description=f"Bad Request: {description}", method="sendMessage")
    await bot.say(answer(person), relay(person))
    await bot.pass_time(3_600)
    assert [status for _, _, status in bot.telegram.calls("sendMessage")] == [400, 200]
    assert sorted(state for _, state in await bot.made()) == ["failed", "sent"]
    reachable = await bot.base.rows("SELECT reachable FROM people")
    assert bool(reachable[0]["reachable"]), "it was the message, not the person"
    assert len(bot.telegram.chat(account)) == 1


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (400, "Bad Request: chat not found"),
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (403, "Forbidden: bot can't initiate conversation with a user"),
    ],
)
async def test_who_is_gone_is_not_written_to_again(bot: Bot, status: int, description: str) -> None:
    account, person = await bot.person("Mara")
    other, somebody = await bot.person("Jonas")
    bot.telegram.fault("status", status=status, description=description, chat_id=account)
    await bot.say(answer(person), answer(somebody))
    await bot.pass_time(3_600)
    assert bot.telegram.calls("sendMessage").count(("sendMessage", account, status)) == 1
    assert len(bot.telegram.chat(other)) == 1
    reachable = {
        row["id"]: bool(row["reachable"]) for row in await bot.base.rows("SELECT id, reachable FROM people")
    }
    assert reachable == {person: False, somebody: True}


@pytest.mark.parametrize(
    ("operation", "description", "becomes"),
    [
        (
            Operation.EDIT,
            UNCHANGED,
            "nothing",
        ),
        (Operation.EDIT, "message to edit not found", "anew"),
        (Operation.EDIT, "message can't be edited", "anew"),
        (
            Operation.STRIP,
            UNCHANGED,
            "nothing",
        ),
        (Operation.STRIP, "message to edit not found", "nothing"),
        (Operation.DELETE, "message to delete not found", "nothing"),
        (Operation.DELETE, "message can't be deleted for everyone", "nothing"),
    ],
)
async def test_a_message_that_cannot_be_changed(
    bot: Bot, operation: Operation, description: str, becomes: str
) -> None:
    account, person = await bot.person("Mara")
    await bot.say(answer(person))
    await bot.settled()
    message = (await bot.base.rows("SELECT message_id FROM outbox"))[0]["message_id"]
    for method in ("editMessageText", "editMessageReplyMarkup", "deleteMessage"):
        bot.telegram.fault("status", status=400, description=f"Bad Request: {description}", method=method)
    await bot.say(replace(answer(person), kind="help.main", operation=operation, target=message))
    await bot.pass_time(3_600)
    calls = [(method, status) for method, _, status in bot.telegram.calls()]
    assert [status for _, status in calls] == ([200, 400, 200] if becomes == "anew" else [200, 400])
    assert len(bot.telegram.chat(account)) == (2 if becomes == "anew" else 1)
    assert [state for _, state in await bot.made()] == ["sent", "sent"]


async def test_a_tap_that_is_answered_too_late_is_of_no_consequence(bot: Bot) -> None:
    account, _ = await bot.person("Mara")
    too_late = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    bot.telegram.fault("status", status=400, description=too_late, method="answerCallbackQuery")
    bot.telegram.taps_raw(account, "no such thing")
    bot.telegram.says(account, "/help")
    await bot.settled()
    assert not await bot.base.rows("SELECT * FROM failed_updates")
    assert ("help.main", "sent") in await bot.made()


# -- what got lost on the way


async def test_without_an_answer_people_hear_it_again_and_bulk_is_dropped(bot: Bot) -> None:
    mara, one = await bot.person("Mara")
    lena, other = await bot.person("Lena")
    bot.answers_within(0.1)
    for account in (mara, lena):
        bot.telegram.fault("late", seconds=5, method="sendMessage", chat_id=account)
    await bot.say(relay(one), bulk(other))
    await bot.settled()
    bot.answers_within(10)
    await bot.pass_time(600)
    assert (len(bot.telegram.chat(mara)), len(bot.telegram.chat(lena))) == (2, 1)
    assert dict(await bot.made()) == {"errors.unknown": "sent", "nudge.breathe": "dropped"}


async def test_one_slow_chat_keeps_nobody_waiting(bot: Bot) -> None:
    mara, one = await bot.person("Mara")
    jonas, other = await bot.person("Jonas")
    bot.telegram.fault("slow", seconds=0.3, method="sendMessage", chat_id=mara)
    await bot.say(answer(one), answer(one), answer(other))
    await bot.until(lambda: len(bot.telegram.chat(jonas)) == 1)
    assert bot.telegram.chat(mara) == []
    bot.telegram.says(jonas, "/help")
    await bot.until(lambda: len(bot.telegram.chat(jonas)) == 2)
    assert bot.telegram.chat(mara) == []
    await bot.settled()
    assert len(bot.telegram.chat(mara)) == 2


@pytest.mark.parametrize("kind", ["status", "reset", "half", "not_json", "after_delivery"])
async def test_a_batch_that_is_lost_on_its_way_comes_again(bot: Bot, kind: str) -> None:
    """Half an answer to getUpdates has given updates out, and the bot has not got them."""
    account, _ = await bot.person("Mara")
    bot.telegram.says(account, "/help")
    await bot.settled()
    bot.telegram.fault(kind, method="getUpdates", times=2)
    bot.telegram.says(account, "Hello there")  # to the poll that is open, which has met no fault
    await bot.settled()
    bot.telegram.says(account, "And again")
    await bot.until(lambda: not bot.intake.contact.there)
    await bot.pass_time(10)
    await bot.settled()
    assert [kind for kind, _ in await bot.made()] == ["help.main", "fallback.text", "fallback.text"]
    assert len(bot.telegram.chat(account)) == 3


# -- no way to Telegram


async def test_refused_connections(bot: Bot) -> None:
    mara, one = await bot.person("Mara")
    lena, other = await bot.person("Lena")
    await bot.telegram.go()
    await bot.until(lambda: not bot.intake.contact.there)
    await bot.say(relay(one), bulk(other))
    await bot.pass_time(120)
    assert {state for _, state in await bot.made()} == {"waiting"}
    await bot.telegram.come()
    await bot.pass_time(300)
    assert bot.intake.contact.there
    assert (len(bot.telegram.chat(mara)), len(bot.telegram.chat(lena))) == (1, 1), (
        "surely not sent: once each"
    )
    bot.telegram.says(mara, "/help")
    await bot.settled()
    assert len(bot.telegram.chat(mara)) == 2


async def test_no_network_for_an_hour(bot: Bot) -> None:
    mara, _ = await bot.person("Mara")
    lena, other = await bot.person("Lena")
    bot.telegram.says(mara, "/space 20")
    await bot.settled()
    data = _button(bot, mara, "settle_thoughts")
    bot.telegram.taps_raw(mara, data)
    await bot.settled()
    bot.telegram.taps_raw(mara, _button(bot, mara, "", last=True))
    await bot.settled()
    assert [row["state"] for row in await bot.base.rows("SELECT state FROM space_requests")] == ["open"]
    before = len(bot.telegram.chat(mara))

    await bot.telegram.go()
    await bot.until(lambda: not bot.intake.contact.there)
    await bot.say(bulk(other))
    await bot.pass_time(3_600)
    assert {state for kind, state in await bot.made() if kind == "nudge.breathe"} == {"waiting"}
    await bot.telegram.come()
    assert len(bot.telegram.chat(mara)) == before
    bot.telegram.says(lena, "/help")  # in the hour without, and Telegram has kept it
    bot.telegram.says(lena, "Hello there")
    await bot.pass_time(301)  # the longest back-off

    made = [kind for kind, _ in await bot.made()]
    assert (made.count("help.main"), made.count("fallback.text"), made.count("nudge.breathe")) == (1, 1, 1)
    assert len(bot.telegram.chat(lena)) == 3
    assert {state for _, state in await bot.made()} == {"sent"}
    asked = [kind for kind in made if kind.startswith("space.how_now")]
    assert asked, "the promise was kept as soon as there was a way"
    assert len(asked) == 1 + sum(kind.startswith("space.how_now.again") for kind in made)


def _button(bot: Bot, account: int, ending: str, *, last: bool = False) -> str:
    """The data of a button in the newest message that has any."""
    for post in reversed(bot.telegram.world.state.chats[account].posts.values()):
        rows = post.message.get("reply_markup", {}).get("inline_keyboard", [])
        found = [each["callback_data"] for row in rows for each in row if "callback_data" in each]
        if found:
            return next((each for each in found if ending and each.endswith(ending)), found[0])
    raise AssertionError("no button")


# -- the token, and who else has it


async def test_a_token_revoked_in_the_middle_ends_it_and_what_waits_is_kept(bot: Bot) -> None:
    account, person = await bot.person("Mara")
    for method in ("sendMessage", "getUpdates"):
        bot.telegram.fault("status", status=401, description="Unauthorized", method=method, times=10**6)
    await bot.say(relay(person))
    await bot.settled()
    bot.telegram.says(account, "/help")
    await bot.until(bot.polling.done)
    with pytest.raises(TokenRefusedError):
        bot.polling.result()
    assert ("errors.unknown", "waiting") in await bot.made()


async def test_of_two_instances_one_gives_up_after_half_a_minute(bot: Bot, tmp_path: Path) -> None:
    """Both get their turn again and again: a poll that goes through is no sign that the other is gone."""
    (tmp_path / "other").mkdir()
    async with database(tmp_path / "other") as base:
        other = Bot(base, bot.telegram, SteppedClock(BEGIN))
        try:
            await other.application.initialize()
            other.tasks = [asyncio.create_task(worker()) for worker in other._workers]
            seconds = 0
            while not (bot.polling.done() or other.polling.done()):
                assert seconds < 60, "they take turns for ever"
                await _a_few_turns()
                seconds += 1
                for each in (bot, other):
                    each.clock.set(BEGIN + timedelta(seconds=seconds))
            assert seconds >= 30
            gone = bot if bot.polling.done() else other
            with pytest.raises(SecondInstanceError):
                gone.polling.result()
        finally:
            await other.close()


async def _a_few_turns() -> None:
    """Both see what this second brings."""
    for _ in range(20):
        await asyncio.sleep(0.002)


# -- each update once


async def test_updates_out_of_order_twice_and_twice_in_one_batch(bot: Bot) -> None:
    account, _ = await bot.person("Mara")
    for text in ("/help", "Hello there", "/help"):
        bot.telegram.says(account, text)
    pending = bot.telegram.world.state.pending
    first, second, third = pending
    pending[:] = [third, first, replace(first), second, replace(third)]
    bot.telegram.world.clock.changed.notify()
    await bot.settled()
    assert sorted(kind for kind, _ in await bot.made()) == ["fallback.text", "help.main", "help.main"]
    assert len(bot.telegram.chat(account)) == 3


# -- clocks that jump


async def test_when_the_clock_goes_back_an_hour_nobody_waits_an_hour(bot: Bot) -> None:
    account, person = await bot.person("Mara")
    bot.telegram.says(account, "/help")
    await bot.settled()
    bot.telegram.fault("status", status=429, retry_after=20, chat_id=account)
    await bot.say(answer(person))
    await bot.settled()
    bot.clock.set(BEGIN - timedelta(hours=1))
    other, somebody = await bot.person("Jonas")
    bot.telegram.says(other, "/help")
    await bot.say(relay(somebody))
    await bot.settled()
    assert len(bot.telegram.chat(other)) == 2
    await bot.pass_time(2 * 3_600)
    assert (len(bot.telegram.chat(account)), len(bot.telegram.chat(other))) == (2, 2), "all of it, and once"


async def test_an_hour_forward_and_back_again_does_nothing_twice(bot: Bot) -> None:
    mara, _ = await bot.person("Mara")
    for text in ("/space 20", "/remind", "every day at 19:30"):
        bot.telegram.says(mara, text)
        await bot.settled()
    bot.telegram.taps_raw(mara, _button(bot, mara, ""))
    await bot.settled()
    bot.clock.set(BEGIN + timedelta(hours=1))
    await bot.settled()
    due = await bot.base.rows("SELECT due_at FROM timers WHERE kind = 'reminder'")
    bot.clock.set(BEGIN)
    await bot.pass_time(2 * 3_600)
    nudges = await bot.base.rows("SELECT state FROM outbox WHERE kind = 'nudge.breathe'")
    assert [row["state"] for row in nudges] == ["sent"]
    assert await bot.base.rows("SELECT due_at FROM timers WHERE kind = 'reminder'") == due, "tomorrow's"
