"""What a handler is given: the unit of work of its batch, the time, and the things it asks of others."""

from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from telegram import Update
from telegram.ext import Application, CallbackContext, ExtBot

from bot.clock import Clock
from bot.content.catalog import Content
from bot.domain.model import Person
from bot.places.lookup import Places
from bot.services.visit import Visit
from bot.storage.unit_of_work import Storage, UnitOfWork

LONGEST_TOAST = 200
"""Characters in the answer to a tap."""


Job = Callable[["Tools", Storage, Clock], Awaitable[None]]


@dataclass
class Turn:
    """One batch: its unit of work, and the calls to make once it has committed."""

    uow: UnitOfWork
    now: datetime
    tools: "Tools"
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    error: BaseException | None = None
    jobs: list[Job] = field(default_factory=list)
    """what takes its time: run after the commit, in a unit of work of its own"""


current_turn: ContextVar[Turn] = ContextVar("current_turn")


@dataclass
class Tools:
    """What handlers use beside the database."""

    content: Content
    places: Places
    backup_days: int | None = None
    """how long backups are kept, if the bot itself makes them"""


class Context(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """python-telegram-bot's context, with the batch's unit of work in it."""

    def __init__(self, application: Any, chat_id: int | None = None, user_id: int | None = None) -> None:
        super().__init__(application, chat_id=chat_id, user_id=user_id)
        self.turn = current_turn.get()
        self.is_new = False
        """Whether this update is the person's first."""
        self.account = 0
        """The Telegram id behind this update: their private chat with the bot has the same."""
        self.said: int | None = None
        """The id of the message behind this update, if one was written."""

    @property
    def tools(self) -> Tools:
        return self.turn.tools

    async def visit(self, update: Update) -> Visit:
        """The person behind this update (made at their first one), at this moment."""
        user = update.effective_user
        assert user is not None
        turn = self.turn
        self.account = user.id
        person = await turn.uow.people.by_account(user.id)
        if person is None or person.leaving:
            self.is_new = True
            locale = self.tools.content.best_locale(user.language_code)
            name = _name_of(user.first_name)
            if person is None:
                person = await turn.uow.people.add(user.id, name, locale, turn.now)
            else:
                person = await turn.uow.people.stay(person.id, name, locale)
        elif not person.reachable:
            await turn.uow.people.set_reachable(person.id, True)
        query = update.callback_query
        message = query.message.message_id if query is not None and query.message is not None else None
        await self._note_message(update, person)
        return Visit(turn.uow, person, turn.now, message)

    async def _note_message(self, update: Update, person: Person) -> None:
        if update.message is not None:
            self.said = update.message.message_id
            await self.turn.uow.log.note_message(person.id, update.message.message_id, self.turn.now)

    async def is_known(self, update: Update) -> bool:
        """Whether somebody stands behind this update: nobody does after they were forgotten."""
        user = update.effective_user
        person = None if user is None else await self.turn.uow.people.by_account(user.id)
        return person is not None and not person.leaving

    def answer_tap(self, update: Update, text: str | None = None) -> None:
        """Answer the tap as soon as the batch has committed."""
        query = update.callback_query
        assert query is not None
        parameters: dict[str, Any] = {"callback_query_id": query.id}
        if text is not None:
            parameters["text"] = text[:LONGEST_TOAST]
        self.turn.calls.append(("answerCallbackQuery", parameters))

    def answer_inline(self, update: Update, results: list[dict[str, Any]], button: dict[str, str]) -> None:
        """Answer the inline query as soon as the batch has committed: for this person and moment alone."""
        query = update.inline_query
        assert query is not None
        parameters: dict[str, Any] = {
            "inline_query_id": query.id,
            "results": results,
            "is_personal": True,
            "cache_time": 0,  # times of return are made of the time it is
            "button": button,
        }
        self.turn.calls.append(("answerInlineQuery", parameters))


def _name_of(first_name: str) -> str:
    """The name a partner sees until the person changes it."""
    return " ".join(first_name.split())[:40] or "?"


App = Application[Any, Any, Any, Any, Any, Any]


async def prefetch(uow: UnitOfWork, updates: Sequence[Update]) -> None:
    """Load what the handlers will ask for, in a few queries for the whole batch."""
    accounts = {update.effective_user.id for update in updates if update.effective_user is not None}
    if accounts:
        persons = await uow.people.prefetch(accounts)
        await uow.couples.prefetch(persons)
        await uow.sessions.prefetch(persons)
        await uow.drafts.prefetch(persons)
        if any(update.message is not None for update in updates):  # a text can be meant for much
            await uow.couples.prefetch_untold(persons)
            await uow.space.prefetch(persons)
