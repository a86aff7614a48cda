from __future__ import annotations

import pytest

from bot.playground import people
from bot.playground.errors import ControlError
from bot.playground.raw_updates import put_raw
from tests.unit.playground.harness import JONAS, MARA, Core

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
YES = {"text": "Yes", "callback_data": "yes"}


async def test_two_people_wait_unstarted(core: Core) -> None:
    first = list(core.world.state.people.values())
    assert [(each.first_name, each.language_code, each.started) for each in first] == [
        ("Mara", "en", False),
        ("Jonas", "en", False),
    ]
    assert people.seen(core.world, first[0]) == {"messages": [], "keyboard": None}


async def test_a_new_person(core: Core) -> None:
    person = people.add_person(core.world, {"first_name": "Noor", "language_code": "ar"})
    assert (person.first_name, person.language_code, person.started) == ("Noor", "ar", False)
    assert person.id not in (MARA, JONAS)
    with pytest.raises(ControlError):
        people.add_person(core.world, {"first_name": " "})


async def test_commands_carry_their_entity(core: Core) -> None:
    core.do(MARA, "say", text="/start abc")
    [update] = await core.updates()
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert update["message"]["from"]["language_code"] == "en"


async def test_links_open_the_bot(core: Core) -> None:
    for link in ("https://t.me/stillhere_bot?start=aB_-9", "tg://resolve?domain=stillhere_bot&start=aB_-9"):
        assert core.do(MARA, "open", link=link)["text"] == "/start aB_-9"
    assert core.do(MARA, "open", link="t.me/StillHere_bot")["text"] == "/start"
    bad = [
        "https://t.me/other_bot?start=a",
        f"t.me/stillhere_bot?start={'x' * 65}",
        "t.me/stillhere_bot?start=a.b",
    ]
    for link in bad:
        with pytest.raises(ControlError):
            core.do(MARA, "open", link=link)


async def test_a_tap_carries_the_whole_message(core: Core) -> None:
    core.start()
    sent = core.ok("sendMessage", chat_id=MARA, text="Ready?", reply_markup=core.keyboard(YES))
    tapped = core.do(MARA, "tap", text="Yes")
    [update] = await core.updates()
    query = update["callback_query"]
    assert query["id"] == tapped["callback_query_id"]
    assert query["message"] == sent
    assert query["data"] == "yes"
    assert query["from"]["id"] == MARA
    assert query["chat_instance"]


async def test_chat_instance_is_of_the_chat(core: Core) -> None:
    core.start(MARA, JONAS)
    for person in (MARA, JONAS, MARA):
        core.ok("sendMessage", chat_id=person, text="x", reply_markup=core.keyboard(YES))
        core.do(person, "tap", data="yes")
    a, b, c = (update["callback_query"]["chat_instance"] for update in await core.updates())
    assert a == c != b


async def test_the_newest_message_with_the_button_is_tapped(core: Core) -> None:
    core.start()
    old = core.ok("sendMessage", chat_id=MARA, text="1", reply_markup=core.keyboard(YES))
    new = core.ok("sendMessage", chat_id=MARA, text="2", reply_markup=core.keyboard(YES))
    core.do(MARA, "tap", data="yes")
    core.do(MARA, "tap", data="yes", message_id=old["message_id"])
    tapped = [update["callback_query"]["message"]["message_id"] for update in await core.updates()]
    assert tapped == [new["message_id"], old["message_id"]]


async def test_buttons_that_are_not_there(core: Core) -> None:
    core.start()
    link = {"text": "Read", "url": "https://a.org"}
    sent = core.ok("sendMessage", chat_id=MARA, text="1", reply_markup=core.keyboard(link))
    with pytest.raises(ControlError) as caught:
        core.do(MARA, "tap", data="yes")
    assert caught.value.status == 404
    with pytest.raises(ControlError) as caught:
        core.do(MARA, "tap", text="Read")
    assert caught.value.status == 400
    core.do(MARA, "tap_raw", message_id=sent["message_id"], data="forged")
    core.do(MARA, "tap_raw", message_id=1, data="gone")
    forged, gone = [update["callback_query"] for update in await core.updates()]
    assert (forged["data"], forged["message"]) == ("forged", sent)
    assert gone["message"] == {"chat": sent["chat"], "message_id": 1, "date": 0}


async def test_a_tap_is_answered_once_and_in_time(core: Core) -> None:
    core.start()
    core.ok("sendMessage", chat_id=MARA, text="1", reply_markup=core.keyboard(YES))
    first, second, third = (core.do(MARA, "tap", data="yes")["callback_query_id"] for _ in range(3))
    assert core.refused("answerCallbackQuery", callback_query_id=first, text="x" * 201) == (
        "Bad Request: MESSAGE_TOO_LONG"
    )
    assert core.ok("answerCallbackQuery", callback_query_id=first, text="Done", show_alert=True) is True
    assert core.refused("answerCallbackQuery", callback_query_id=first) == TOO_OLD
    assert core.refused("answerCallbackQuery", callback_query_id="nonsense") == TOO_OLD
    core.later(150)
    assert core.ok("answerCallbackQuery", callback_query_id=second) is True
    core.later(0.001)
    assert core.refused("answerCallbackQuery", callback_query_id=third) == TOO_OLD
    answers = core.world.state.chats[MARA].answers
    assert [(each["callback_query_id"], each["text"], each["show_alert"]) for each in answers] == [
        (first, "Done", True),
        (second, "", False),
    ]
    assert answers[0]["at"] == "2026-03-01T19:40:00.000Z"


async def test_keys_of_the_reply_keyboard(core: Core) -> None:
    core.start()
    where = {"text": "Where I am", "request_location": True}
    markup = {"keyboard": [[{"text": "A"}, where]], "one_time_keyboard": True}
    core.ok("sendMessage", chat_id=MARA, text="x", reply_markup=markup)
    with pytest.raises(ControlError):
        core.do(MARA, "press", text="B")
    with pytest.raises(ControlError):
        core.do(MARA, "press", text="Where I am")
    message = core.do(MARA, "press", text="Where I am", latitude=48.2, longitude=16.4)
    assert message["location"] == {"latitude": 48.2, "longitude": 16.4}
    assert people.seen(core.world, core.world.person(MARA))["keyboard"] is None
    with pytest.raises(ControlError):
        core.do(MARA, "press", text="A")


async def test_editing_and_location(core: Core) -> None:
    sent = core.do(MARA, "say", text="helo /x")
    core.later(3)
    core.do(MARA, "edit", message_id=sent["message_id"], text="hello")
    core.do(MARA, "location", latitude=1, longitude=2)
    first, edited, place = await core.updates()
    assert first["message"]["text"] == "helo /x"
    assert edited["edited_message"]["text"] == "hello"
    assert edited["edited_message"]["edit_date"] == sent["date"] + 3
    assert "entities" not in edited["edited_message"]
    assert place["message"]["location"] == {"latitude": 1, "longitude": 2}
    with pytest.raises(ControlError):
        core.do(MARA, "location", latitude=91, longitude=2)


@pytest.mark.parametrize("kind", ["sticker", "voice", "photo", "document", "video_note", "contact", "dice"])
async def test_other_things_people_send(core: Core, kind: str) -> None:
    message = core.do(MARA, "media", kind=kind, forwarded=True)
    assert kind in message
    assert message["forward_origin"]["type"] == "hidden_user"
    with pytest.raises(ControlError):
        core.do(MARA, "media", kind="smell")


async def test_blocking_is_told_and_writing_unblocks(core: Core) -> None:
    core.start()
    assert core.do(MARA, "block").blocked
    core.do(MARA, "block")
    core.do(MARA, "say", text="/start")
    blocked, unblocked, message = await core.updates()
    status = [
        (
            each["my_chat_member"]["old_chat_member"]["status"],
            each["my_chat_member"]["new_chat_member"]["status"],
        )
        for each in (blocked, unblocked)
    ]
    assert status == [("member", "kicked"), ("kicked", "member")]
    assert blocked["my_chat_member"]["new_chat_member"]["until_date"] == 0
    assert message["message"]["text"] == "/start"
    assert core.ok("sendMessage", chat_id=MARA, text="back")


async def test_who_has_not_started_cannot_tap_or_block(core: Core) -> None:
    for action in ("block", "tap", "press", "edit"):
        with pytest.raises(ControlError):
            core.do(MARA, action, text="x", message_id=1)


async def test_what_cannot_be_said(core: Core) -> None:
    for text in ("", "  ", "x" * 4097):
        with pytest.raises(ControlError):
            core.do(MARA, "say", text=text)


async def test_updates_by_hand_open_their_chat(core: Core) -> None:
    group = {"id": -1001, "type": "supergroup", "title": "Friends"}
    message = {
        "message_id": 7,
        "date": 1,
        "chat": group,
        "from": {"id": 9, "is_bot": False, "first_name": "X"},
    }
    update_id = put_raw(core.world, {"message": {**message, "text": "hi"}})
    [update] = await core.updates()
    assert update == {"update_id": update_id, "message": {**message, "text": "hi"}}
    reply = core.ok("sendMessage", chat_id=-1001, text="x", reply_parameters={"message_id": 7})
    assert reply["chat"] == group
    assert reply["message_id"] > 7
    assert core.ok("leaveChat", chat_id=-1001) is True
    assert core.refused("sendMessage", chat_id=-1001, text="x") == "Bad Request: chat not found"
    for bad in ({}, {"message": {}, "poll": {}}, {"message": 1}):
        with pytest.raises(ControlError):
            put_raw(core.world, bad)


async def test_inline_queries_by_hand(core: Core) -> None:
    query = {"id": "55", "from": {"id": MARA}, "query": "20", "offset": ""}
    put_raw(core.world, {"inline_query": query})
    result = {
        "type": "article",
        "id": "1",
        "title": "20 minutes",
        "input_message_content": {"message_text": "<b>x</b>", "parse_mode": "HTML"},
    }
    answer = {"inline_query_id": "55", "is_personal": True, "cache_time": 0}
    for bad, why in (
        ([{**result, "id": "x" * 65}], "RESULT_ID_INVALID"),
        ([result, result], "RESULT_ID_DUPLICATE"),
        ([{**result, "title": ""}], "ARTICLE_TITLE_EMPTY"),
        ([{**result, "id": str(n)} for n in range(51)], "RESULTS_TOO_MUCH"),
    ):
        assert core.refused("answerInlineQuery", **answer, results=bad) == f"Bad Request: {why}"
    assert core.refused("answerCallbackQuery", callback_query_id="55") == TOO_OLD
    assert core.ok("answerInlineQuery", **answer, results=[result]) is True
    put_raw(core.world, {"inline_query": {**query, "id": "56"}})
    core.later(31)
    assert core.refused("answerInlineQuery", inline_query_id="56", results=[result]) == TOO_OLD
