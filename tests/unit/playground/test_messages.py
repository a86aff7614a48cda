from __future__ import annotations

from typing import Any

import pytest

from tests.unit.playground.conftest import START
from tests.unit.playground.harness import JONAS, MARA, Core

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)
BUTTON = {"text": "Yes", "callback_data": "yes", "style": "success"}


async def test_nobody_can_be_written_to_before_start(core: Core) -> None:
    assert core.refused("sendMessage", chat_id=MARA, text="Hi") == "Bad Request: chat not found"
    core.start()
    message = core.ok("sendMessage", chat_id=str(MARA), text="Hi")
    assert message["text"] == "Hi"
    assert message["from"] == {
        "id": 4200001,
        "is_bot": True,
        "first_name": "StillHere",
        "username": "stillhere_bot",
    }
    assert message["chat"] == {
        "id": MARA,
        "first_name": "Mara",
        "username": "mara_playground",
        "type": "private",
    }
    assert message["date"] == int(START.timestamp())


async def test_chats_are_named_rightly(core: Core) -> None:
    assert core.refused("sendMessage", text="Hi") == "Bad Request: chat_id is empty"
    assert core.refused("sendMessage", chat_id="@mara", text="Hi") == "Bad Request: chat not found"


async def test_message_ids_rise_and_do_not_start_at_one(core: Core) -> None:
    core.start(MARA, JONAS)
    ids = [core.ok("sendMessage", chat_id=MARA, text="x")["message_id"] for _ in range(3)]
    assert ids == sorted(set(ids))
    assert ids[0] > 100


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("", "Bad Request: message text is empty"),
        (" \n ", "Bad Request: text must be non-empty"),
        ("<b></b>", "Bad Request: text must be non-empty"),
        ("x" * 4097, "Bad Request: message is too long"),
        ("🙂" * 2049, "Bad Request: message is too long"),
        ("<b>x", "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""),
    ],
)
async def test_texts_that_cannot_be_sent(core: Core, text: str, description: str) -> None:
    core.start()
    assert core.refused("sendMessage", chat_id=MARA, text=text, parse_mode="HTML") == description


async def test_length_counts_after_parsing(core: Core) -> None:
    core.start()
    message = core.ok("sendMessage", chat_id=MARA, text="<b>" + "&lt;" * 4096 + "</b>", parse_mode="HTML")
    assert len(message["text"]) == 4096


async def test_options_are_kept_and_shown(core: Core) -> None:
    core.start()
    message = core.ok(
        "sendMessage",
        chat_id=MARA,
        text="Hi",
        disable_notification=True,
        protect_content="true",
        link_preview_options='{"is_disabled": true}',
        reply_markup=core.keyboard(BUTTON),
    )
    assert message["has_protected_content"] is True
    assert message["link_preview_options"] == {"is_disabled": True}
    assert message["reply_markup"] == {"inline_keyboard": [[BUTTON]]}
    assert "silent" not in message
    from bot.playground.people import seen

    shown = seen(core.world, core.world.person(MARA))["messages"][-1]
    assert shown == {**message, "silent": True}


async def test_replies_show_what_they_answer(core: Core) -> None:
    core.start()
    first = core.ok("sendMessage", chat_id=MARA, text="one")
    second = core.ok(
        "sendMessage", chat_id=MARA, text="two", reply_parameters={"message_id": first["message_id"]}
    )
    assert second["reply_to_message"] == first
    third = core.do(MARA, "say", text="three", reply_to=second["message_id"])
    assert "reply_to_message" not in third["reply_to_message"]
    nowhere = {"message_id": 9}
    description = core.refused("sendMessage", chat_id=MARA, text="x", reply_parameters=nowhere)
    assert description == "Bad Request: message to be replied not found"
    nowhere["allow_sending_without_reply"] = True
    assert "reply_to_message" not in core.ok("sendMessage", chat_id=MARA, text="x", reply_parameters=nowhere)


async def test_editing_replaces_text_and_removes_the_keyboard(core: Core) -> None:
    core.start()
    sent = core.ok(
        "sendMessage", chat_id=MARA, text="<b>a</b>", parse_mode="HTML", reply_markup=core.keyboard(BUTTON)
    )
    where = {"chat_id": MARA, "message_id": sent["message_id"]}
    core.later(5)
    edited = core.ok("editMessageText", **where, text="b")
    assert edited["text"] == "b"
    assert edited["edit_date"] == sent["date"] + 5
    assert edited["date"] == sent["date"]
    assert "entities" not in edited
    assert "reply_markup" not in edited
    assert core.refused("editMessageText", **where, text=" b ") == NOT_MODIFIED
    assert core.refused("editMessageReplyMarkup", **where) == NOT_MODIFIED
    assert core.ok("editMessageReplyMarkup", **where, reply_markup=core.keyboard(BUTTON))["text"] == "b"
    assert core.refused("editMessageReplyMarkup", **where, reply_markup=core.keyboard(BUTTON)) == NOT_MODIFIED


async def test_what_cannot_be_edited(core: Core) -> None:
    core.start()
    own = core.do(MARA, "say", text="mine")["message_id"]
    keyed = core.ok("sendMessage", chat_id=MARA, text="x", reply_markup={"keyboard": [["A"]]})["message_id"]
    plain = core.ok("sendMessage", chat_id=MARA, text="x")["message_id"]

    def why(method: str, message_id: int, **more: Any) -> str:
        return core.refused(method, chat_id=MARA, message_id=message_id, **more)

    assert why("editMessageText", 1, text="y") == "Bad Request: message to edit not found"
    assert why("editMessageText", own, text="y") == "Bad Request: message can't be edited"
    assert why("editMessageText", keyed, text="y") == "Bad Request: message can't be edited"
    assert why("editMessageCaption", plain, caption="y") == (
        "Bad Request: there is no caption in the message to edit"
    )
    assert why("editMessageText", plain, text="y", reply_markup={"keyboard": [["A"]]}) == (
        "Bad Request: inline keyboard expected"
    )
    assert core.refused("editMessageText", inline_message_id="abc", text="y") == (
        "Bad Request: MESSAGE_ID_INVALID"
    )


async def test_deleting_works_for_both_sides_within_48_hours(core: Core) -> None:
    core.start()
    theirs = core.do(MARA, "say", text="mine")["message_id"]
    ours = core.ok("sendMessage", chat_id=MARA, text="x")["message_id"]
    old = core.ok("sendMessage", chat_id=MARA, text="old")["message_id"]
    assert core.ok("deleteMessage", chat_id=MARA, message_id=theirs) is True
    assert core.refused("deleteMessage", chat_id=MARA, message_id=theirs) == (
        "Bad Request: message to delete not found"
    )
    assert core.ok("deleteMessages", chat_id=MARA, message_ids=[ours, 1]) is True
    assert set(core.world.state.chats[MARA].posts) & {theirs, ours} == set()
    core.later(48 * 3600 + 1)
    assert core.refused("deleteMessage", chat_id=MARA, message_id=old) == (
        "Bad Request: message can't be deleted for everyone"
    )
    assert core.ok("deleteMessages", chat_id=MARA, message_ids=f"[{old}]") is True
    assert old in core.world.state.chats[MARA].posts


async def test_how_many_messages_can_be_deleted_at_once(core: Core) -> None:
    core.start()
    assert core.refused("deleteMessages", chat_id=MARA, message_ids=[]).startswith("Bad Request")
    assert core.refused("deleteMessages", chat_id=MARA, message_ids=list(range(101))).startswith(
        "Bad Request"
    )


async def test_who_has_blocked_the_bot_hears_nothing(core: Core) -> None:
    core.start()
    sent = core.ok("sendMessage", chat_id=MARA, text="x")["message_id"]
    core.do(MARA, "block")
    forbidden = "Forbidden: bot was blocked by the user"
    assert core.refused("sendMessage", chat_id=MARA, text="x") == forbidden
    assert core.refused("editMessageText", chat_id=MARA, message_id=sent, text="y") == forbidden
    assert core.refused("sendChatAction", chat_id=MARA, action="typing") == forbidden
    assert core.ok("deleteMessage", chat_id=MARA, message_id=sent) is True


async def test_reply_keyboards_appear_and_go(core: Core) -> None:
    core.start()
    keyboard = {"keyboard": [["A", {"text": "B"}]], "resize_keyboard": True}
    message = core.ok("sendMessage", chat_id=MARA, text="x", reply_markup=keyboard)
    assert "reply_markup" not in message
    chat = core.world.state.chats[MARA]
    assert chat.keyboard == {**keyboard, "keyboard": [[{"text": "A"}, {"text": "B"}]]}
    core.ok("sendMessage", chat_id=MARA, text="x", reply_markup={"force_reply": True})
    assert chat.keyboard is not None
    core.ok("sendMessage", chat_id=MARA, text="x", reply_markup={"remove_keyboard": True})
    assert chat.keyboard is None
