from __future__ import annotations

from typing import Any

import pytest

from bot.playground.state import first_state
from tests.unit.playground.harness import MARA, Core


def described(core: Core, *rows: list[Any], name: str = "inline_keyboard") -> str:
    core.start()
    return core.refused("sendMessage", chat_id=MARA, text="x", reply_markup={name: list(rows)})


@pytest.mark.parametrize(
    ("button", "description"),
    [
        ({"text": "A", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "A", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "A", "copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "A", "copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "A"}, "text buttons are unallowed in the inline keyboard"),
        (
            {"text": "A", "callback_data": "a", "url": "https://a.org"},
            "can't parse inline keyboard button: exactly one action is allowed",
        ),
        (
            {"text": "A", "url": "no where"},
            "inline keyboard button URL 'no where' is invalid: Wrong HTTP URL",
        ),
        (
            {"callback_data": "a"},
            'can\'t parse inline keyboard button: Field "text" must be of type String',
        ),
        ({"text": " ", "callback_data": "a"}, "inline keyboard button text must be non-empty"),
        (
            {"text": "A", "callback_data": "a", "style": "pink"},
            "can't parse inline keyboard button: invalid button style specified",
        ),
        ({"text": "A", "switch_inline_query": "x" * 257}, "BUTTON_SWITCH_QUERY_INVALID"),
    ],
)
async def test_bad_buttons(core: Core, button: dict[str, Any], description: str) -> None:
    assert described(core, [button]) == f"Bad Request: {description}"


@pytest.mark.parametrize(
    "button",
    [
        {"text": "A", "callback_data": "x" * 64},
        {"text": "A", "copy_text": {"text": "x" * 256}},
        {"text": "A", "url": "https://a.org/b"},
        {"text": "A", "switch_inline_query": ""},
        {"text": "A", "switch_inline_query_chosen_chat": {"query": "q", "allow_user_chats": True}},
    ],
)
async def test_good_buttons(core: Core, button: dict[str, Any]) -> None:
    core.start()
    message = core.ok("sendMessage", chat_id=MARA, text="x", reply_markup=core.keyboard(button))
    assert message["reply_markup"]["inline_keyboard"] == [[button]]


async def test_how_many_buttons(core: Core) -> None:
    button = {"text": "A", "callback_data": "a"}
    too_long = "Bad Request: reply markup is too long"
    assert described(core, [button] * 9) == too_long
    assert described(core, *[[button] * 8] * 12, [button] * 5) == too_long
    assert described(core, ["A"] * 9, name="keyboard") == too_long
    most = {"inline_keyboard": [*[[button] * 8] * 12, [button] * 4]}
    assert core.ok("sendMessage", chat_id=MARA, text="x", reply_markup=most)


async def test_markup_that_is_none(core: Core) -> None:
    core.start()
    assert core.refused("sendMessage", chat_id=MARA, text="x", reply_markup="{").startswith(
        "Bad Request: can't parse reply keyboard markup"
    )
    assert core.refused("sendMessage", chat_id=MARA, text="x", reply_markup=[1]) == (
        "Bad Request: object expected as reply markup"
    )
    empty: dict[str, Any] = {"inline_keyboard": []}
    assert "reply_markup" not in core.ok("sendMessage", chat_id=MARA, text="x", reply_markup=empty)


async def test_placeholders(core: Core) -> None:
    core.start()
    markup = {"force_reply": True, "input_field_placeholder": "x" * 65}
    assert core.refused("sendMessage", chat_id=MARA, text="x", reply_markup=markup).startswith("Bad Request")


@pytest.mark.parametrize(
    ("commands", "description"),
    [
        ([{"command": "x" * 33, "description": "d"}], "BOT_COMMAND_INVALID"),
        ([{"command": "Up", "description": "d"}], "BOT_COMMAND_INVALID"),
        ([{"command": "a", "description": ""}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": "a", "description": "x" * 257}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": f"c{n}", "description": "d"} for n in range(101)], "BOT_COMMANDS_TOO_MUCH"),
    ],
)
async def test_bad_commands(core: Core, commands: list[Any], description: str) -> None:
    assert core.refused("setMyCommands", commands=commands) == f"Bad Request: {description}"


async def test_commands_by_scope_and_language(core: Core) -> None:
    ours = [{"command": "space", "description": "I need a few minutes"}]
    core.ok("setMyCommands", commands=ours, scope='{"type": "all_private_chats"}', language_code="de")
    assert core.ok("getMyCommands") == []
    where = {"scope": {"type": "all_private_chats"}, "language_code": "de"}
    assert core.ok("getMyCommands", **where) == ours
    assert core.ok("deleteMyCommands", **where) is True
    assert core.ok("getMyCommands", **where) == []
    assert core.refused("setMyCommands", commands=ours, scope={"type": "chat"}).startswith("Bad Request")


async def test_the_page_sees_the_commands_for_private_chats(core: Core) -> None:
    general, private = ([{"command": name, "description": "d"}] for name in ("a", "b"))
    core.ok("setMyCommands", commands=general)
    assert core.world.view()["bot"]["commands"] == general
    core.ok("setMyCommands", commands=private, scope={"type": "all_private_chats"})
    assert core.world.view()["bot"]["commands"] == private


async def test_names_and_descriptions(core: Core) -> None:
    assert core.ok("getMyName") == {"name": "StillHere"}
    core.ok("setMyName", name="Immer da", language_code="de")
    assert core.ok("getMyName", language_code="de") == {"name": "Immer da"}
    assert core.ok("getMyName", language_code="fr") == {"name": "StillHere"}
    core.ok("setMyName", name="Still")
    assert core.ok("getMe")["first_name"] == "Still"
    core.ok("setMyName", name="")
    assert core.ok("getMe")["first_name"] == "StillHere"
    core.ok("setMyDescription", description="For two")
    core.ok("setMyShortDescription", short_description="Two")
    assert core.ok("getMyDescription") == {"description": "For two"}
    assert core.ok("getMyShortDescription", language_code="de") == {"short_description": "Two"}
    assert core.refused("setMyShortDescription", short_description="x" * 121).startswith("Bad Request")
    assert core.refused("setMyName", name="x", language_code="deu").startswith("Bad Request")


async def test_menu_button_and_chat(core: Core) -> None:
    core.start()
    core.ok("setChatMenuButton", chat_id=MARA, menu_button={"type": "commands"})
    assert core.ok("getChatMenuButton", chat_id=MARA) == {"type": "commands"}
    assert core.refused("setChatMenuButton", menu_button={"type": "rude"}).startswith("Bad Request")
    chat = core.ok("getChat", chat_id=MARA)
    assert (chat["id"], chat["type"], chat["first_name"]) == (MARA, "private", "Mara")
    assert core.refused("getChat", chat_id=1) == "Bad Request: chat not found"
    assert core.refused("leaveChat", chat_id=MARA).startswith("Bad Request")


async def test_get_me(core: Core) -> None:
    me = core.ok("getMe")
    assert (me["id"], me["is_bot"], me["username"]) == (4200001, True, "stillhere_bot")
    assert me["supports_inline_queries"] is True


async def test_an_unknown_action_is_refused(core: Core) -> None:
    core.start()
    assert core.ok("sendChatAction", chat_id=MARA, action="typing") is True
    assert core.refused("sendChatAction", chat_id=MARA, action="dancing").startswith("Bad Request")


async def test_another_world_may_send_at_once_although_its_clock_is_behind(core: Core) -> None:
    core.start()
    before = core.world.clock.now_ms
    core.later(3600)
    core.ok("sendMessage", chat_id=MARA, text="an hour later")
    core.world.begin_anew(first_state(before))
    person = next(iter(core.world.state.people))
    core.start(person)
    core.ok("sendMessage", chat_id=person, text="an hour before that")
