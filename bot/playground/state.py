"""What the playground remembers: plain data that goes to JSON and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

BOT_ID = 4_200_001
BOT_USERNAME = "stillhere_bot"


@dataclass
class Person:
    id: int
    first_name: str
    username: str
    language_code: str
    started: bool = False
    blocked: bool = False

    def user(self) -> Json:
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "username": self.username,
            "language_code": self.language_code,
        }


@dataclass
class Post:
    """A message in a chat, with what Telegram knows and does not tell."""

    message: Json
    silent: bool = False
    locked: bool = False  # sent with something else than an inline keyboard: never editable


@dataclass
class Chat:
    info: Json
    next_id: int
    posts: dict[int, Post] = field(default_factory=dict)
    keyboard: Json | None = None
    keyboard_hidden: bool = False
    answers: list[Json] = field(default_factory=list)


@dataclass
class Query:
    """A tap or an inline query that waits for its answer."""

    id: str
    user_id: int
    chat_id: int | None
    at_ms: int
    inline: bool = False
    text: str = ""


@dataclass
class Pending:
    """An update that the bot has not confirmed."""

    update: Json
    kind: str
    at_ms: int
    given: bool = False
    failures: int = 0
    retry_ms: int = 0

    @property
    def line(self) -> tuple[str, Any]:
        """A webhook gets what stands in one line one by one: messages by chat, the rest by person."""
        of_chat = self.kind in ("message", "edited_message")
        whose = self.update[self.kind].get("chat" if of_chat else "from")
        return "message" if of_chat else self.kind, whose.get("id") if isinstance(whose, dict) else None


@dataclass
class Webhook:
    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    ip_address: str = ""
    last_error_date: int = 0
    last_error_message: str = ""


@dataclass
class Profile:
    name: dict[str, str] = field(default_factory=lambda: {"": "StillHere"})
    description: dict[str, str] = field(default_factory=dict)
    short_description: dict[str, str] = field(default_factory=dict)
    commands: dict[str, list[Json]] = field(default_factory=dict)
    menu_buttons: dict[str, Json] = field(default_factory=dict)


@dataclass
class StoredFile:
    """A file by its id; `about` holds what a message tells of it."""

    path: str
    kind: str
    unique_id: str
    size: int
    about: Json


@dataclass
class State:
    now_ms: int
    people: dict[int, Person] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    profile: Profile = field(default_factory=Profile)
    webhook: Webhook = field(default_factory=Webhook)
    pending: list[Pending] = field(default_factory=list)
    allowed_updates: list[str] = field(default_factory=list)
    queries: dict[str, Query] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    next_update_id: int = 731_000_001
    next_person_id: int = 7_000_000_001  # more than 32 bits, as many real ones
    next_number: int = 1


def skip_ids(state: State) -> State:
    """A crash loses the last moments; no id given out in them may be given out again."""
    state.next_update_id += 1000
    state.next_number += 1000
    for chat in state.chats.values():
        chat.next_id += 100
    return state


def first_state(now_ms: int) -> State:
    people = [
        Person(5_012_345_678, "Mara", "mara_playground", "en"),
        Person(6_098_765_432, "Jonas", "jonas_playground", "en"),
    ]
    return State(now_ms, people={person.id: person for person in people})
