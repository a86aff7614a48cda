"""Telegram fails, and the bot is struck down: nobody is left alone, nothing is done twice."""

import re
import signal
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

from bot.play import TOKEN
from tests.acceptance.harness import Person, Playground, buttons, marker, shown
from tests.acceptance.struck import Struck


async def at_home(*people: Person) -> None:
    for person in people:
        await person.say("/start")
        await person.say("Berlin")


async def linked(playground: Playground, *names: str) -> tuple[Person, Person]:
    one, other = [await playground.person(name) for name in names or ("Mara", "Jonas")]
    await at_home(one, other)
    await one.say("/link")
    await other.open(await playground.last_link())
    await other.tap("link.accept")
    await one.tap("link.confirm_yes")
    return one, other


async def says(person: Person, *texts: str) -> None:
    """Sends these without waiting for anything."""
    for text in texts:
        await person.playground.post(f"people/{person.id}/say", {"text": text})


def look(playground: Playground, query: str) -> list[Any]:
    connection = sqlite3.connect(f"file:{playground.folder / 'bot.db'}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def made(playground: Playground, kind: str) -> int:
    """How often the bot decided to say this."""
    return int(look(playground, f"SELECT count(*) FROM outbox WHERE kind = '{kind}'")[0][0])


async def seen(person: Person, text: str) -> int:
    """How often this stands in the chat."""
    return sum(text in shown(message) for message in (await person.chat()).messages)


async def test_what_fails_on_the_way_arrives_all_the_same(playground: Playground) -> None:
    mara, jonas = [await playground.person(name) for name in ("Mara", "Jonas")]
    await at_home(mara, jonas)
    troubles: list[dict[str, Any]] = [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 502, "times": 3},
        {"kind": "reset"},
        {"kind": "not_json"},
        {"kind": "half"},
        {"kind": "after_delivery"},
    ]
    for trouble in troubles:
        before = await seen(jonas, "")
        await playground.fault(**trouble, method="sendMessage", person=jonas)
        await jonas.say("Hello there")
        await mara.say("Hello there")
        await mara.sees("fallback.text")
        await playground.advance(10)
        await jonas.sees("fallback.text")
        delivered = await seen(jonas, "") - before - 1
        twice = trouble["kind"] in {"half", "after_delivery"}  # it was done: nobody could know
        assert delivered == (2 if twice else 1), trouble
    assert look(playground, "SELECT DISTINCT state FROM outbox") == [("sent",)]


async def test_too_many_requests_stop_one_chat_for_as_long_as_told(playground: Playground) -> None:
    mara, jonas = [await playground.person(name) for name in ("Mara", "Jonas")]
    await at_home(mara, jonas)
    since = len(await playground.calls())
    await playground.fault("status", status=429, retry_after=30, method="sendMessage", person=jonas)
    await jonas.say("Hello there")
    await mara.say("Hello there")
    await mara.sees("fallback.text")
    await jonas.sees_nothing()
    await playground.advance(25)
    await jonas.sees_nothing()
    calls = [call for call in (await playground.calls())[since:] if call["method"] == "sendMessage"]
    assert [call["status"] for call in calls if call["parameters"]["chat_id"] == jonas.id] == [429]
    await playground.advance(2)
    await jonas.sees("fallback.text")


async def test_a_refusal_is_not_repeated_and_the_conversation_goes_on(playground: Playground) -> None:
    jonas = await playground.person("Jonas")
    await at_home(jonas)
    before = len(await playground.calls("sendMessage"))
    await playground.fault(
        "status", status=400, description="Bad Request: can't parse entities", method="sendMessage"
    )
    await jonas.say("Hello there")
    await playground.advance(3_600)
    await jonas.sees_nothing()
    assert len(await playground.calls("sendMessage")) == before + 1
    await jonas.say("Hello there")
    await jonas.sees("fallback.text")


async def test_nobody_learns_from_the_confirmation_whether_it_arrived(playground: Playground) -> None:
    """One partner is there, one has blocked the bot, of one the bot learns it only now."""
    couples = [await linked(playground) for _ in range(3)]
    for mara, _ in couples:
        await mara.say("/space 20")
        await mara.tap("space.choose.settle_thoughts")
    playground.pace = 0
    await couples[1][1].block()
    await playground.fault("status", status=403, method="sendMessage", person=couples[2][1])
    for mara, _ in couples:
        await mara.tap("space.send")
    await playground.advance(10)
    confirmed = [await mara.sees("space.sent") for mara, _ in couples]
    assert len({shown(each) for each in confirmed}) == 1
    assert len({tuple(button["text"] for button in buttons(each)) for each in confirmed}) == 1
    arrived = [await jonas.has("space.request") is not None for _, jonas in couples]
    assert arrived == [True, False, False]
    reachable = look(
        playground, "SELECT reachable FROM people JOIN telegram_accounts ON person_id = id ORDER BY user_id"
    )
    assert [row[0] for row in reachable] == [1, 1, 1, 0, 1, 0]
    await playground.advance(20 * 60)
    asked = [await mara.sees("space.how_now.now") for mara, _ in couples]
    assert len({shown(each) for each in asked}) == 1


async def test_without_a_way_to_telegram_it_goes_on_by_itself(playground: Playground) -> None:
    jonas = await playground.person("Jonas")
    await at_home(jonas)
    for trouble in ({"kind": "status", "status": 502}, {"kind": "reset"}, {"kind": "not_json"}):
        await playground.fault(**trouble, method="getUpdates", times=3)
    await says(jonas, "Hello there")  # to the poll that is open; all later ones fail
    await playground.settle()
    await says(jonas, "And again")
    while not (await playground.clock())["idle"]:  # the bot tries again after 1, 2, 4 … seconds
        await playground.post("clock/jump", {"seconds": 1})
    await playground.settle()
    assert made(playground, "fallback.text") == 2
    assert not (await playground.clock())["due"]
    await jonas.say("Still there?")
    await jonas.sees("fallback.text")


async def test_struck_down_each_update_takes_effect_once(playground: Playground) -> None:
    mara, jonas = await linked(playground)
    await mara.say("/space")
    await mara.tap("space.minutes.20")
    await mara.tap("space.choose.own")
    await playground.restart(signal.SIGKILL)

    word = marker()
    await mara.say(f"I need air {word}")
    await mara.sees("space.preview")
    # Telegram cannot be reached, people go on: all of this waits while the bot is struck down.
    await playground.fault("status", status=502, method="getUpdates", times=1_000)
    preview = next(m for m in reversed((await mara.chat()).messages) if buttons(m))
    send = next(b for b in buttons(preview) if mara.words.label("space.send").match(b["text"]))
    tap = {"message_id": preview["message_id"], "data": send["callback_data"]}
    await playground.post(f"people/{mara.id}/tap", tap)
    await playground.post(f"people/{mara.id}/tap", tap)
    await says(jonas, *["Hello there"] * 20)
    handed_on = await playground.now()
    await playground.restart(signal.SIGKILL)
    assert look(playground, "SELECT count(*) FROM space_requests") == [(1,)]
    assert made(playground, "space.request") == 1
    assert made(playground, "relay.partner_away") == 20
    assert await playground.now() == handed_on

    # And in the middle of answering: some answers are out, none is settled for sure.
    await playground.advance(60)
    assert await seen(jonas, word) == 1
    before = len(await playground.calls("sendMessage"))
    await says(mara, *["/help"] * 20)
    await says(jonas, *["/help"] * 20)
    while len(await playground.calls("sendMessage")) < before + 4:
        pass
    await playground.restart(signal.SIGKILL)
    await playground.advance(60)
    assert made(playground, "help.main") == 40
    assert look(playground, "SELECT DISTINCT state FROM outbox") == [("sent",)]
    for person in (mara, jonas):
        helped = await person.has("help.main")
        assert helped is not None
        assert 20 <= await seen(person, shown(helped)) <= 22, "at most what was in flight comes twice"

    await playground.advance(20 * 60)
    assert made(playground, "space.how_now") + made(playground, "space.how_now.now") <= 1
    assert await mara.has("space.how_now.now") is not None
    assert await jonas.has("space.time_is_up.now") is not None


async def test_after_an_orderly_end_everything_goes_on(playground: Playground) -> None:
    mara, jonas = await linked(playground)
    await mara.say("/space 20")
    await mara.tap("space.choose.own")
    asked, now = await mara.chat(), await playground.now()
    await playground.restart()
    assert await playground.now() == now
    assert [shown(m) for m in (await mara.chat()).messages] == [shown(m) for m in asked.messages]
    word = marker()
    await mara.say(f"I need air {word}")
    await mara.tap("space.send")
    await jonas.sees(re.compile(word))
    await says(jonas, *["Hello there"] * 12)
    await playground.restart()
    await playground.advance(30)
    assert made(playground, "relay.partner_away") == 12
    assert Counter(state for (state,) in look(playground, "SELECT state FROM outbox")).keys() == {"sent"}
    assert "Traceback" not in "\n".join(playground.output)
    assert "Unclosed" not in "\n".join(playground.output)
    assert word not in "\n".join(playground.output)
    await playground.advance(20 * 60)
    await mara.sees("space.how_now.now")


async def test_it_ends_in_order_also_while_telegram_is_away(playground: Playground) -> None:
    jonas = await playground.person("Jonas")
    await playground.fault("status", status=502, method="getUpdates", times=1_000)
    await playground.fault("status", status=502, method="sendMessage", times=1_000)
    await says(jonas, "/start", "Hello there")
    await playground.restart()
    await playground.advance(10)
    assert await jonas.has("hello.first") is not None


async def test_a_revoked_token_or_a_second_instance_ends_it_with_one_line(tmp_path: Path) -> None:
    async with Struck(tmp_path / "struck") as struck:
        mara = await struck.person("Mara")
        await at_home(mara)
        for status, name in ((401, "does not know this token"), (409, "another bot is running")):
            await struck.fault("status", status=status, method="getUpdates", times=1_000)
            await says(mara, "/help")  # to the poll that is open; the next one meets it
            if status == 409:
                await struck.advance(25)
                assert struck.made("help.main") == 2, "a restart may see this for a moment"
                await struck.jump_at_once(10)
            assert await struck.ended() == 2
            assert name in struck.log(1)
            assert "Traceback" not in struck.log()
            await struck.clear_faults()
            await struck.start()
        assert TOKEN not in struck.log(1_000)
