"""How fast one person may speak to the bot.

Whoever sends a thousand updates a minute gets no thousand answers, a second apart, for a quarter of an hour:
what is beyond their pace is not read, and they are told so once. Nobody else waits for it.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

import structlog
from telegram import Update

from bot.content.catalog import Content
from bot.domain.decision import Notice
from bot.telegram.context import Turn

log = structlog.get_logger()

A_MINUTE = 60
"""Updates a person may send in a minute, and at once; nobody taps and types faster for long."""
QUERIES_A_MINUTE = 600
"""Inline queries come with every letter that is typed, and cost little."""
_MINUTE = timedelta(minutes=1)


@dataclass
class _Sender:
    left: float
    at: datetime
    told: bool = False


class Pace:
    """Counts what each person sends; who has been quiet for a minute is forgotten."""

    def __init__(self, a_minute: int = A_MINUTE) -> None:
        self._a_minute = a_minute
        self._senders: OrderedDict[tuple[int, bool], _Sender] = OrderedDict()
        """By account, and whether it is about inline queries; who was heard last comes last."""

    def __len__(self) -> int:
        return len(self._senders)

    async def passes_over(self, turn: Turn, update: Update) -> bool:
        """Count this update; whether it is more than its sender's pace allows. They are told so once."""
        user, inline = update.effective_user, update.inline_query is not None
        if user is None or _must_be_read(update, turn.tools.content):
            return False
        sender = self._counted((user.id, inline), turn.now)
        if sender.left >= 1:
            sender.left -= 1
            return False
        if not inline and not sender.told:
            sender.told = True
            log.warning("sender.too_fast", update=update.update_id)
            person = await turn.uow.people.by_account(user.id)
            if person is not None:
                turn.uow.outbox.add(Notice("errors.too_fast", person.id))
        return True

    def _counted(self, key: tuple[int, bool], now: datetime) -> _Sender:
        """What this sender has left now."""
        most = float(max(QUERIES_A_MINUTE, self._a_minute) if key[1] else self._a_minute)
        sender = self._senders.pop(key, None) or _Sender(most, now)
        self._senders[key] = sender
        passed = max(timedelta(), now - sender.at) / _MINUTE
        sender.left, sender.at = min(most, sender.left + passed * most), now
        if sender.left == most:
            sender.told = False
        for other in list(islice(self._senders, 2)):  # two a call keep up with whoever comes
            if now - self._senders[other].at >= _MINUTE:
                del self._senders[other]
        return sender


def _must_be_read(update: Update, content: Content) -> bool:
    """Words of crisis are read at any pace; and so is that somebody blocks the bot."""
    if update.message is None:
        return update.my_chat_member is not None
    return content.danger(update.message.text or "") is not None
