"""Sending, editing, deleting, answering: what comes back, and the words of what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.clients import Client, Refused
from tests.conformance.telegram_side import BEGIN, JONAS, MARA, NOBODY, TOKEN, TelegramSide

PIXEL = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x07\x00\x00\x00\x05"
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
BLOCKED = Refused(403, "Forbidden: bot was blocked by the user", {})
CHAT_NOT_FOUND = Refused(400, "Bad Request: chat not found", {})
BUTTON = {"text": "Yes", "callback_data": "yes", "style": "success"}
KEYBOARD = {"inline_keyboard": [[BUTTON]]}


def bad_request(what: str) -> Refused:
    return Refused(400, f"Bad Request: {what}", {})


async def test_get_me(client: Client) -> None:
    raw = await client.call("getMe")
    assert (raw["id"], raw["is_bot"], raw["username"]) == (4_200_001, True, "stillhere_bot")
    assert raw["supports_inline_queries"] is True
    assert (await client.typed("getMe")).first_name == "StillHere"


async def test_a_message_that_is_sent(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    raw = await client.call(
        "sendMessage",
        chat_id=MARA,
        text="<b>Ready?</b>",
        parse_mode="HTML",
        reply_markup=KEYBOARD,
        disable_notification=True,
        protect_content=True,
        link_preview_options={"is_disabled": True},
    )
    assert raw["from"]["username"] == "stillhere_bot"
    assert raw["chat"] == {
        "id": MARA,
        "first_name": "Mara",
        "username": "mara_playground",
        "type": "private",
    }
    assert raw["date"] == side.world.clock.seconds
    assert raw["date"] >= BEGIN.timestamp()
    assert raw["reply_markup"] == KEYBOARD
    assert raw["has_protected_content"] is True
    assert raw["link_preview_options"] == {"is_disabled": True}
    assert raw["message_id"] > 1, "the ids of a private chat are the account's: they start anywhere"
    sent = await client.typed("sendMessage", chat_id=MARA, text="<i>a</i>", parse_mode="HTML")
    assert (sent.text, sent.message_id, client.marked(sent)) == (
        "a",
        raw["message_id"] + 1,
        [("italic", "a")],
    )


async def test_an_answer_shows_what_it_answers(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    first = await client.call("sendMessage", chat_id=MARA, text="one")
    reply = {"message_id": first["message_id"]}
    second = await client.call("sendMessage", chat_id=MARA, text="two", reply_parameters=reply)
    assert second["reply_to_message"] == first
    third = await client.call(
        "sendMessage", chat_id=MARA, text="three", reply_parameters={"message_id": second["message_id"]}
    )
    assert "reply_to_message" not in third["reply_to_message"]
    nowhere: dict[str, Any] = {"message_id": 9}
    assert await client.refused(
        "sendMessage", chat_id=MARA, text="x", reply_parameters=nowhere
    ) == bad_request("message to be replied not found")
    nowhere["allow_sending_without_reply"] = True
    sent = await client.call("sendMessage", chat_id=MARA, text="x", reply_parameters=nowhere)
    assert "reply_to_message" not in sent


# -- who can be written to


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("sendMessage", {"text": "x"}),
        ("sendPhoto", {"photo": "AgACx"}),
        ("sendChatAction", {"action": "typing"}),
        ("editMessageText", {"message_id": 1, "text": "x"}),
        ("editMessageReplyMarkup", {"message_id": 1}),
        ("deleteMessage", {"message_id": 1}),
        ("getChat", {}),
    ],
)
async def test_nobody_is_known_who_has_not_pressed_start(
    client: Client, side: TelegramSide, method: str, parameters: dict[str, Any]
) -> None:
    for chat in (MARA, NOBODY, "@somebody"):
        assert await client.refused(method, chat_id=chat, **parameters) == CHAT_NOT_FOUND


async def test_who_blocks_the_bot_is_told_of_and_hears_nothing(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    sent = (await client.call("sendMessage", chat_id=MARA, text="x"))["message_id"]
    side.act(MARA, "block")
    [update] = await client.typed("getUpdates")
    change = update.my_chat_member
    assert (change.old_chat_member.status, change.new_chat_member.status) == ("member", "kicked")
    assert await client.refused("sendMessage", chat_id=MARA, text="x") == BLOCKED
    assert await client.refused("editMessageText", chat_id=MARA, message_id=sent, text="y") == BLOCKED
    assert await client.refused("sendChatAction", chat_id=MARA, action="typing") == BLOCKED
    assert await client.call("deleteMessage", chat_id=MARA, message_id=sent) is True
    side.act(MARA, "unblock")
    [_, update] = await client.typed("getUpdates")
    assert update.my_chat_member.new_chat_member.status == "member"
    assert await client.call("sendMessage", chat_id=MARA, text="x")


# -- editing


async def test_an_edit_replaces_the_text_and_takes_the_keyboard_away(
    client: Client, side: TelegramSide
) -> None:
    side.starts(MARA)
    sent = await client.call(
        "sendMessage", chat_id=MARA, text="<b>a</b>", parse_mode="HTML", reply_markup=KEYBOARD
    )
    where = {"chat_id": MARA, "message_id": sent["message_id"]}
    side.later(5)
    edited = await client.call("editMessageText", **where, text="b")
    assert (edited["text"], edited["date"], edited["edit_date"]) == ("b", sent["date"], sent["date"] + 5)
    assert "entities" not in edited
    assert "reply_markup" not in edited
    typed = await client.typed("editMessageReplyMarkup", **where, reply_markup=KEYBOARD)
    assert (typed.text, typed.reply_markup.inline_keyboard[0][0].callback_data) == ("b", "yes")


async def test_an_edit_that_changes_nothing(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    text = {"text": "<b>a</b>", "parse_mode": "HTML"}
    sent = await client.call("sendMessage", chat_id=MARA, **text, reply_markup=KEYBOARD)
    where = {"chat_id": MARA, "message_id": sent["message_id"]}
    for method, parameters in (
        ("editMessageText", {**text, "reply_markup": KEYBOARD}),
        ("editMessageText", {"text": " <strong>a</strong> ", "parse_mode": "HTML", "reply_markup": KEYBOARD}),
        ("editMessageReplyMarkup", {"reply_markup": KEYBOARD}),
    ):
        assert await client.refused(method, **where, **parameters) == Refused(400, NOT_MODIFIED, {})
    assert await client.call("editMessageText", **where, text="a", reply_markup=KEYBOARD), "no longer bold"
    await client.call("editMessageReplyMarkup", **where)
    assert await client.refused("editMessageReplyMarkup", **where) == Refused(400, NOT_MODIFIED, {})


async def test_what_cannot_be_edited(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    own = side.act(MARA, "say", text="mine")["message_id"]
    keys = {"keyboard": [[{"text": "A"}]]}
    keyed = (await client.call("sendMessage", chat_id=MARA, text="x", reply_markup=keys))["message_id"]
    plain = (await client.call("sendMessage", chat_id=MARA, text="x"))["message_id"]

    async def why(method: str, message_id: int, **more: Any) -> str:
        refused = await client.refused(method, chat_id=MARA, message_id=message_id, **more)
        assert refused.code == 400
        return refused.description.removeprefix("Bad Request: ")

    assert await why("editMessageText", 1, text="y") == "message to edit not found"
    assert await why("editMessageReplyMarkup", 1) == "message to edit not found"
    assert await why("editMessageText", own, text="y") == "message can't be edited"
    assert await why("editMessageText", keyed, text="y") == "message can't be edited"
    assert await why("editMessageCaption", plain, caption="y") == "there is no caption in the message to edit"
    assert await why("editMessageText", plain, text="") == "message text is empty"
    assert await why("editMessageText", plain, text="x" * 4097) == "message is too long"


# -- deleting


async def test_messages_of_both_sides_are_deleted_within_48_hours(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    theirs = side.act(MARA, "say", text="mine")["message_id"]
    ours = (await client.call("sendMessage", chat_id=MARA, text="x"))["message_id"]
    old = (await client.call("sendMessage", chat_id=MARA, text="old"))["message_id"]
    assert await client.call("deleteMessage", chat_id=MARA, message_id=theirs) is True
    assert await client.refused("deleteMessage", chat_id=MARA, message_id=theirs) == bad_request(
        "message to delete not found"
    )
    assert await client.call("deleteMessages", chat_id=MARA, message_ids=[ours, 1]) is True
    side.later(48 * 3600 + 1)
    assert await client.refused("deleteMessage", chat_id=MARA, message_id=old) == bad_request(
        "message can't be deleted for everyone"
    )
    assert await client.call("deleteMessages", chat_id=MARA, message_ids=[old]) is True
    left = side.world.state.chats[MARA].posts
    assert old in left, "those that may not be deleted are skipped"
    assert {ours, theirs} & set(left) == set()


# -- answering taps


async def test_a_tap_is_answered_once(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    sent = await client.call("sendMessage", chat_id=MARA, text="Ready?", reply_markup=KEYBOARD)
    side.act(MARA, "tap", text="Yes")
    [update] = await client.typed("getUpdates")
    query = update.callback_query
    assert (query.data, query.message.message_id, query.message.text) == ("yes", sent["message_id"], "Ready?")
    answer = {"callback_query_id": query.id, "text": "Good", "show_alert": True}
    assert await client.call("answerCallbackQuery", **answer) is True
    assert await client.refused("answerCallbackQuery", **answer) == Refused(400, TOO_OLD, {})
    [told] = side.world.state.chats[MARA].answers
    assert (told["text"], told["show_alert"]) == ("Good", True)


async def test_a_query_that_is_too_old_or_none(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    late = side.act(MARA, "tap_raw", message_id=1, data="x")["callback_query_id"]
    typed = side.act(MARA, "inline", query="late")["inline_query_id"]
    side.later(151)
    for tap in (late, "12", typed):
        assert await client.refused("answerCallbackQuery", callback_query_id=tap) == Refused(400, TOO_OLD, {})
    for query in (typed, "12", late):
        refused = await client.refused("answerInlineQuery", inline_query_id=query, results=[])
        assert refused == Refused(400, TOO_OLD, {})


# -- whose bot it is, and what it can


async def test_somebody_elses_token(client: Client, side: TelegramSide) -> None:
    for token in ("4200001:guessed", "77:" + TOKEN.partition(":")[2]):
        stranger = type(client)(side.url, token)
        assert await stranger.refused("getMe") == Refused(401, "Unauthorized", {})
        await stranger.close()


async def test_a_method_that_there_is_not(client: Client) -> None:
    assert await client.refused("sendNothing") == Refused(404, "Not Found: method not found", {})


# -- files


async def test_a_picture_is_uploaded_fetched_and_sent_again(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    raw = await client.call(
        "sendPhoto",
        chat_id=MARA,
        photo=client.upload(PIXEL, "breathe.png"),
        caption="<b>calm</b>",
        parse_mode="HTML",
        reply_markup=KEYBOARD,
    )
    photo = raw["photo"][-1]
    assert (photo["width"], photo["height"], photo["file_size"]) == (7, 5, len(PIXEL))
    assert raw["reply_markup"] == KEYBOARD, "as a form brings it"
    path = (await client.call("getFile", file_id=photo["file_id"]))["file_path"]
    assert await client.download(path) == PIXEL
    again = await client.typed("sendPhoto", chat_id=MARA, photo=photo["file_id"], caption="x")
    assert again.photo[-1].file_id == photo["file_id"]
    where = {"chat_id": MARA, "message_id": again.message_id}
    assert (await client.call("editMessageCaption", **where, caption="calm"))["caption"] == "calm"
    assert await client.refused("editMessageText", **where, text="x") == bad_request(
        "there is no text in the message to edit"
    )


async def test_files_that_cannot_be_sent(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    document = await client.call("sendDocument", chat_id=MARA, document=client.upload(b"{}", "data.json"))
    assert document["document"]["file_name"] == "data.json"
    for photo, why in (
        ("AgACnothing", "wrong file identifier/HTTP URL specified"),
        (document["document"]["file_id"], "can't use file of type Document as Photo"),
        (client.upload(b"no picture", "x.png"), "IMAGE_PROCESS_FAILED"),
    ):
        assert await client.refused("sendPhoto", chat_id=MARA, photo=photo) == bad_request(why)
    large = client.upload(PIXEL + bytes(10 * 1024 * 1024), "x.png")
    refused = await client.refused("sendPhoto", chat_id=MARA, photo=large)
    assert refused == Refused(413, "Request Entity Too Large", {})
    assert await client.refused("getFile", file_id="AgACnothing") == bad_request(
        "wrong file_id or the file is temporarily unavailable"
    )


async def test_each_chat_counts_its_own_messages(client: Client, side: TelegramSide) -> None:
    side.starts(MARA, JONAS)
    first = await client.call("sendMessage", chat_id=MARA, text="x")
    await client.call("sendMessage", chat_id=JONAS, text="x")
    second = await client.call("sendMessage", chat_id=MARA, text="y")
    assert second["message_id"] == first["message_id"] + 1
