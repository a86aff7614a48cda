"""What people do on their phones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.playground import inline, limits
from bot.playground.composing import quoted
from bot.playground.errors import ControlError
from bot.playground.samples import sample
from bot.playground.state import BOT_USERNAME, Chat, Json, Person, Post, Query
from bot.playground.text import clean, find, normalize, trim, utf16_length
from bot.playground.world import World, for_people, visible_keyboard

_LINK_HOSTS = ("t.me", "telegram.me", "telegram.dog")


def add_person(world: World, body: Json) -> Person:
    first_name = clean(_text(body, "first_name")).strip()
    if not 1 <= utf16_length(first_name) <= 64:
        raise ControlError("first_name: 1 to 64 characters are needed")
    person_id = world.state.next_person_id
    world.state.next_person_id += 1
    username = str(body.get("username") or f"person_{person_id}")
    person = Person(person_id, first_name, username, str(body.get("language_code") or "en"))
    world.state.people[person_id] = person
    world.tell_state()
    return person


def say(world: World, person: Person, body: Json) -> Json:
    fields = _text_fields(_text(body, "text"))
    if body.get("reply_to") is not None:
        fields["reply_to_message"] = quoted(_post(open_chat(world, person), body["reply_to"]))
    return _send(world, person, fields)


def locate(world: World, person: Person, body: Json) -> Json:
    return _send(world, person, {"location": _location(body)})


def send_media(world: World, person: Person, body: Json) -> Json:
    fields = sample(world, person, _text(body, "kind"))
    if body.get("forwarded"):
        origin = {"type": "hidden_user", "date": world.clock.seconds, "sender_user_name": "Somebody"}
        fields["forward_origin"] = origin
    return _send(world, person, fields)


def edit(world: World, person: Person, body: Json) -> Json:
    chat = open_chat(world, person)
    post = _post(chat, body.get("message_id"))
    if post.message["from"]["id"] != person.id or "text" not in post.message:
        raise ControlError("only one's own text can be edited")
    kept = {name: value for name, value in post.message.items() if name not in ("text", "entities")}
    fields = _text_fields(_text(body, "text"))
    post.message = {**kept, **fields, "edit_date": world.clock.seconds}
    world.tell_message("edited", chat, post)
    world.queue.put("edited_message", post.message)
    return for_people(post)


def tap(world: World, person: Person, body: Json) -> Json:
    """Tap an inline button that is there."""
    chat = open_chat(world, person)
    if body.get("message_id") is None:
        posts = list(reversed(chat.posts.values()))
    else:
        posts = [_post(chat, body["message_id"])]
    for post in posts:
        for button in _buttons(post):
            if _meant(button, body):
                if "callback_data" not in button:
                    raise ControlError("this button tells the bot nothing: it opens, copies or shares")
                return _press(world, person, post.message, button["callback_data"])
    raise ControlError("no such button is visible", 404)


def tap_raw(world: World, person: Person, body: Json) -> Json:
    """Tap with any data, as an old client or a forger may."""
    chat = open_chat(world, person)
    message_id = body.get("message_id")
    post = chat.posts.get(message_id) if isinstance(message_id, int) else None
    gone = {"chat": chat.info, "message_id": message_id, "date": 0}
    return _press(world, person, post.message if post else gone, _text(body, "data"))


def press_key(world: World, person: Person, body: Json) -> Json:
    """Press a key of the keyboard that the bot put under the chat."""
    chat = open_chat(world, person)
    keyboard = visible_keyboard(chat)
    wanted = _text(body, "text")
    keys = [key for row in (keyboard or {}).get("keyboard", []) for key in row]
    key = next((key for key in keys if key["text"] == wanted), None)
    if key is None:
        raise ControlError("no such key is visible", 404)
    if key.get("request_location"):
        fields: Json = {"location": _location(body)}
    elif key.get("request_contact"):
        fields = sample(world, person, "contact")
    else:
        fields = _text_fields(wanted)
    message = _send(world, person, fields)
    if (keyboard or {}).get("one_time_keyboard"):
        chat.keyboard_hidden = True
        world.tell_keyboard(chat)
    return message


def open_link(world: World, person: Person, body: Json) -> Json:
    """Follow a link to the bot and press Start."""
    payload = _payload(_text(body, "link"))
    return _send(world, person, _text_fields(f"/start {payload}" if payload else "/start"))


def set_blocked(world: World, person: Person, *, blocked: bool) -> Person:
    open_chat(world, person)
    if person.blocked != blocked:
        person.blocked = blocked
        members = ["kicked", "member"] if not blocked else ["member", "kicked"]
        old, new = (_member(world, status) for status in members)
        change = {
            "chat": world.state.chats[person.id].info,
            "from": person.user(),
            "date": world.clock.seconds,
            "old_chat_member": old,
            "new_chat_member": new,
        }
        world.queue.put("my_chat_member", change)
        world.tell_state()
    return person


def open_chat(world: World, person: Person) -> Chat:
    """The chat of somebody who has pressed Start."""
    if person.id not in world.state.chats:
        raise ControlError("this person has not started the bot")
    return world.state.chats[person.id]


def seen(world: World, person: Person) -> Json:
    chat = world.state.chats.get(person.id)
    if chat is None:
        return {"messages": [], "keyboard": None}
    messages = [for_people(post) for post in chat.posts.values()]
    return {"messages": messages, "keyboard": visible_keyboard(chat)}


def answers(world: World, person: Person) -> Json:
    """What the bot said to this person's taps, over the chat."""
    chat = world.state.chats.get(person.id)
    return {"answers": chat.answers if chat else []}


def _send(world: World, person: Person, fields: Json) -> Json:
    """Who writes has pressed Start, and unblocks."""
    user = person.user()
    info = {"id": person.id, "first_name": person.first_name, "username": person.username, "type": "private"}
    chat = world.open_chat(info)
    if person.blocked:
        set_blocked(world, person, blocked=False)
    if not person.started:
        person.started = True
        world.tell_state()
    post = world.post(chat, fields, user)
    world.queue.put("message", post.message)
    return for_people(post)


def _press(world: World, person: Person, message: Json, data: str) -> Json:
    query = Query(
        id=str((person.id << 20) + world.new_number()),
        user_id=person.id,
        chat_id=person.id,
        at_ms=world.clock.now_ms,
    )
    world.remember_query(query)
    content = {
        "id": query.id,
        "from": person.user(),
        "message": message,
        "chat_instance": world.chat_instance(person.id),
        "data": data,
    }
    world.queue.put("callback_query", content)
    return {"callback_query_id": query.id}


def _buttons(post: Post) -> list[Json]:
    rows = post.message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def _meant(button: Json, body: Json) -> bool:
    if body.get("data") is not None:
        return bool(button.get("callback_data") == body["data"])
    return bool(button["text"] == _text(body, "text"))


def _text_fields(source: str) -> Json:
    text, entities = trim(clean(source), normalize(source, []))
    if not text:
        raise ControlError("text: something must be said")
    if utf16_length(text) > limits.TEXT:
        raise ControlError(f"text: at most {limits.TEXT} characters")
    entities = find(text, entities)
    return {"text": text, "entities": entities} if entities else {"text": text}


def _payload(link: str) -> str:
    parts = urlsplit(link if "://" in link else f"https://{link}")
    query = parse_qs(parts.query, keep_blank_values=True)
    if parts.scheme == "tg":
        bot = query.get("domain", [""])[0]
    else:
        bot = parts.path.strip("/") if parts.hostname in _LINK_HOSTS else ""
    if bot.lower() != BOT_USERNAME:
        raise ControlError(f"not a link to @{BOT_USERNAME}")
    payload = query.get("start", [""])[0]
    if payload and not limits.START_PAYLOAD.fullmatch(payload):
        raise ControlError("the start payload must be 1 to 64 of A-Z a-z 0-9 _ -")
    return payload


def _location(body: Json) -> Json:
    place: Json = {}
    for name, most in (("latitude", 90), ("longitude", 180)):
        value: Any = body.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > most:
            raise ControlError(f"{name}: a number from -{most} to {most} is needed")
        place[name] = value
    return place


def _post(chat: Chat, message_id: Any) -> Post:
    post = chat.posts.get(message_id) if isinstance(message_id, int) else None
    if post is None:
        raise ControlError("no such message", 404)
    return post


def _member(world: World, status: str) -> Json:
    until = {"until_date": 0} if status == "kicked" else {}
    return {"user": world.bot_user, "status": status, **until}


def _text(body: Json, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise ControlError(f"{name}: a text is needed")
    return value


Action = Callable[[World, Person, Json], Any]
ACTIONS: dict[str, Action] = {
    "say": say,
    "location": locate,
    "media": send_media,
    "edit": edit,
    "tap": tap,
    "tap_raw": tap_raw,
    "press": press_key,
    "open": open_link,
    "inline": inline.ask,
    "block": lambda world, person, _: set_blocked(world, person, blocked=True),
    "unblock": lambda world, person, _: set_blocked(world, person, blocked=False),
}
