from __future__ import annotations

from tests.unit.playground.harness import MARA, Core

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)
BUTTON = {"text": "Yes", "callback_data": "yes", "style": "success"}


async def test_chats_are_named_rightly(core: Core) -> None:
    assert core.refused("sendMessage", text="Hi") == "Bad Request: chat_id is empty"
    assert core.refused("sendMessage", chat_id="@mara", text="Hi") == "Bad Request: chat not found"


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


async def test_what_cannot_be_edited(core: Core) -> None:
    core.start()
    plain = core.ok("sendMessage", chat_id=MARA, text="x")["message_id"]
    keys = {"keyboard": [["A"]]}
    assert (
        core.refused("editMessageText", chat_id=MARA, message_id=plain, text="y", reply_markup=keys)
        == "Bad Request: inline keyboard expected"
    )
    assert core.refused("editMessageText", inline_message_id="abc", text="y") == (
        "Bad Request: MESSAGE_ID_INVALID"
    )


async def test_how_many_messages_can_be_deleted_at_once(core: Core) -> None:
    core.start()
    assert core.refused("deleteMessages", chat_id=MARA, message_ids=[]).startswith("Bad Request")
    assert core.refused("deleteMessages", chat_id=MARA, message_ids=list(range(101))).startswith(
        "Bad Request"
    )


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
