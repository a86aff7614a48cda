"""Everything together: people, chats, clock and queue, and what both sides do to them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from bot.playground.clock import Clock, real_now
from bot.playground.errors import ControlError, blocked, chat_not_found
from bot.playground.events import Events
from bot.playground.faults import Faults
from bot.playground.pace import Pace
from bot.playground.presence import Presence
from bot.playground.queue import UpdateQueue
from bot.playground.state import BOT_ID, BOT_USERNAME, Chat, Json, Person, Post, Query, State
from bot.playground.steering import Steering
from bot.playground.store import Store

_QUERY_KEPT_MS = 24 * 3600 * 1000


class World:
    """Its methods are synchronous: what one call does is done before the next begins."""

    def __init__(self, store: Store, *, flowing: bool, start_ms: int | None = None) -> None:
        self.store = store
        self.state: State = store.load(real_now() if start_ms is None else start_ms)
        self.clock = Clock(self.state.now_ms, flowing=flowing)
        self.events = Events()
        self.queue = UpdateQueue(self.state, self.clock)
        self.presence = Presence(self._presence_changed)
        self.steering = Steering(self.clock, self.queue, self.presence, self.tell_clock)
        self.faults = Faults(lambda: self.clock.iso)
        self.pace = Pace()
        self.inline_cache: dict[tuple[str, int | None], tuple[int, Json]] = {}
        """what was answered, until when (ms): by the query, and whom it is for (None: everybody)"""
        self.webhook_changed: Callable[[], None] = lambda: None
        self.stage: Callable[[], Json | None] = lambda: None
        """what can be begun or is being played here, if anything"""
        store.watch(self.snapshot)

    def snapshot(self) -> State:
        self.state.now_ms = self.clock.now_ms
        return self.state

    def close(self) -> None:
        """End every call that waits."""
        self.queue.closing = self.steering.closing = True
        self.presence.close()
        self.events.close()
        self.clock.changed.notify()

    def begin_anew(self, fresh: State) -> None:
        """Nobody is here any more but the people of `fresh`; ids go on, that none is used twice."""
        fresh.next_update_id, fresh.next_number = self.state.next_update_id, self.state.next_number
        for field in fields(State):
            setattr(self.state, field.name, getattr(fresh, field.name))
        self.store.forget_files()
        self.inline_cache.clear()
        self.pace = Pace()  # what was sent in another world, at other times, counts no more
        self.faults.clear()
        self.pace = Pace()  # it counts by the clock, which may go back now
        self.steering.forget()
        self.clock.begin(fresh.now_ms)
        self.webhook_changed()
        self.store.touch()
        self.events.publish("world", {})

    # chats

    @property
    def bot_user(self) -> Json:
        name = self.state.profile.name[""]
        return {"id": BOT_ID, "is_bot": True, "first_name": name, "username": BOT_USERNAME}

    def person(self, person_id: int) -> Person:
        try:
            return self.state.people[person_id]
        except KeyError:
            raise ControlError("no such person", 404) from None

    def chat(self, chat_id: int | None) -> Chat:
        """A chat that the bot may know."""
        chat = self.state.chats.get(chat_id) if chat_id is not None else None
        if chat is None:
            raise chat_not_found()
        return chat

    def writable(self, chat_id: int | None) -> Chat:
        chat = self.chat(chat_id)
        person = self.state.people.get(chat.info["id"])
        if person is not None and person.blocked:
            raise blocked()
        return chat

    def open_chat(self, info: Json) -> Chat:
        """The chat with this `Chat` object, made if it is new."""
        chat_id = info["id"]
        if chat_id not in self.state.chats:
            # near each other, so that ids collide between chats, as real ones may
            self.state.chats[chat_id] = Chat(info, next_id=400 + chat_id % 97)
        return self.state.chats[chat_id]

    def post(self, chat: Chat, content: Json, sender: Json, **hidden: bool) -> Post:
        message = {
            "message_id": chat.next_id,
            "from": sender,
            "chat": chat.info,
            "date": self.clock.seconds,
            **content,
        }
        post = chat.posts[chat.next_id] = Post(message, **hidden)
        chat.next_id += 1
        self.tell_message("message", chat, post)
        return post

    def new_number(self) -> int:
        self.state.next_number += 1
        return self.state.next_number

    def chat_instance(self, chat_id: int) -> str:
        digest = hashlib.sha256(f"instance {chat_id}".encode()).digest()
        return str(int.from_bytes(digest[:8], "big", signed=True))

    def remember_query(self, query: Query) -> None:
        now = self.clock.now_ms
        queries = self.state.queries
        for old in [key for key, each in queries.items() if now - each.at_ms > _QUERY_KEPT_MS]:
            del queries[old]
        queries[query.id] = query

    # telling the pages

    def tell_message(self, name: str, chat: Chat, post: Post) -> None:
        if self.events.heard:
            self.events.publish(name, {"person": chat.info["id"], "message": for_people(post)})

    def tell_keyboard(self, chat: Chat) -> None:
        self.events.publish("keyboard", {"person": chat.info["id"], "keyboard": visible_keyboard(chat)})

    def tell_state(self) -> None:
        if self.events.heard:
            self.events.publish("state", self.view())

    def tell_clock(self) -> None:
        if self.events.heard:
            self.events.publish("clock", self.steering.view())

    def _presence_changed(self) -> None:
        self.clock.changed.notify()
        self.tell_state()
        self.tell_clock()

    def view(self) -> Json:
        bot: Json = {key: value for key, value in self.bot_user.items() if key != "is_bot"}
        bot["commands"] = self._commands("en")
        languages = {each.language_code[:2] for each in self.state.people.values()}
        bot["by_language"] = {
            code: {"commands": self._commands(code), "description": self._description(code)}
            for code in sorted(languages)
        }
        bot["connected"] = self.presence.connected
        people = list(self.state.people.values())
        return {"bot": bot, "clock": self.steering.view(), "people": people, "stage": self.stage()}

    def _description(self, language: str) -> str:
        words = self.state.profile.description
        return words.get(language) or words.get("", "")

    def _commands(self, language: str) -> Any:
        """The menu of somebody with this language, found as Telegram finds it."""
        commands = self.state.profile.commands
        for scope in ("all_private_chats", "default"):
            for code in (language, ""):
                if found := commands.get(f"{scope}|{code}"):
                    return found
        return []


def for_people(post: Post) -> Json:
    return {**post.message, "silent": True} if post.silent else post.message


def visible_keyboard(chat: Chat) -> Json | None:
    return None if chat.keyboard_hidden else chat.keyboard
