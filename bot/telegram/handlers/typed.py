"""What somebody types. In this order: words of crisis, a form that waits, an open check-in, a known wish."""

import re
from collections.abc import Awaitable, Callable

from telegram import Message, Update

from bot.domain.agreement import WORDINGS
from bot.domain.model import Draft
from bot.domain.phrases import Action as Wish
from bot.domain.phrases import Wanted, same_words
from bot.domain.reminder_wish import Wish as ReminderWish
from bot.services import (
    breathing,
    care,
    check_ins,
    hello,
    journal,
    keeping,
    kept,
    partners,
    relay,
    reminder_form,
    reminder_list,
    settings,
    signal_lines,
    space,
    space_form,
    space_return,
    space_sharing,
    talk,
    together,
    topics_form,
    waiting,
)
from bot.services.visit import Visit
from bot.telegram.context import Context
from bot.telegram.handlers.heard import heard
from bot.telegram.handlers.place_lookup import PlaceLookup, take_place
from bot.telegram.handlers.ways import hand_over, open_by_name

FREE_TEXT = (
    space_form.WORDS,
    settings.NAME,
    journal.LINE,
    journal.WORD,
    relay.WORDS,
    kept.WORDS,
    signal_lines.LINE,
    together.ANSWER,
    topics_form.TOPIC,
)
"""Forms that take any text, also one that reads like a wish."""
_INVITATION = re.compile(r"t\.me/\w+\?start=i_([A-Za-z0-9_-]{10,64})")


async def typed(update: Update, context: Context, visit: Visit) -> None:
    """A plain text."""
    message = update.message
    assert message is not None
    await route(context, visit, message.text or "")


async def route(context: Context, visit: Visit, text: str, *, believed: bool = False) -> None:
    """Find out what a text is about. `believed`: the person said they didn't mean it as a crisis."""
    if not believed and await heard(context, visit, text):
        return
    draft = await visit.awaiting()
    invitation = _INVITATION.search(text)
    if invitation and (draft is None or draft.awaits not in FREE_TEXT):
        await partners.open_invitation(visit, invitation[1])
        return
    wanted, titled = _wanted(context, visit, text), _titled(context, visit, text)
    is_wish = wanted is not None or titled is not None
    if draft is not None and (not is_wish or draft.awaits in FREE_TEXT):
        await _fill(context, visit, draft, text)
        return
    if await _answer_check_in(context, visit, text):
        return
    if titled is None and await space_return.take_answer(visit, text):
        return
    if titled is not None:
        await visit.uow.drafts.stop_awaiting(visit.person.id)
        await check_ins.start(visit, context.tools.content, titled)
    elif (reminder := _reminder(context, visit, text, wanted)) is not None:
        await reminder_form.preview(visit, reminder)
    elif wanted is not None:
        await _grant(context, visit, wanted.action, wanted.minutes)
    elif not await check_ins.remind_current(visit, "fallback.question", if_awake=True):
        await _not_understood(visit, text)


async def _not_understood(visit: Visit, text: str) -> None:
    """What is asked is asked again; what is written while the other is away can be kept for them."""
    asked = await space_return.open_question(visit)
    if asked is not None:
        await space_sharing.show_own(visit, asked)
    elif len(text) <= relay.LONGEST and await keeping.break_of_partner(visit) is not None:
        await relay.preview(visit, text)
    else:
        await hello.menu_under(visit, "fallback.text")


def _wanted(context: Context, visit: Visit, text: str) -> Wanted | None:
    """What a text plainly asks for; the very words the bot offers for asking are a request for space."""
    content = context.tools.content
    scripts = (content.text(locale, f"wording.{each}") for locale in content.locales for each in WORDINGS)
    if any(same_words(text, script) for script in scripts):
        return Wanted(Wish.SPACE)
    return content.phrases(visit.person.locale).action(text)


def _reminder(context: Context, visit: Visit, text: str, wanted: Wanted | None) -> ReminderWish | None:
    """“Remind me weekdays at 9”, said out of the blue. Times of day need to know where the person is."""
    if visit.person.zone is None or (wanted is not None and wanted.action is not Wish.REMIND):
        return None
    return reminder_form.understood(visit, context.tools.content, text)


def _titled(context: Context, visit: Visit, text: str) -> str | None:
    """The check-in of this name: “Pause” is one, whatever else the word could ask for."""
    content, locale = context.tools.content, visit.person.locale
    said = " ".join(text.split()).strip(" .!?“”„\"'").casefold()
    ids = content.script_ids(locale)
    return next((each for each in ids if content.script(locale, each).script.title.casefold() == said), None)


async def _fill(context: Context, visit: Visit, draft: Draft, text: str) -> None:
    """The text fills in what a form waits for."""
    match draft.kind, draft.awaits:
        case hello.ZONE, _:
            await take_place(context, visit, text)
        case space_form.DRAFT, space_form.WORDS:
            await space_form.take_words(visit, draft, text)
        case space_form.DRAFT, space_form.TIME:
            await space_form.take_time(visit, text)
        case space_return.DRAFT, _:
            await space_return.take_time(visit, draft, text)
        case reminder_list.DRAFT, _:
            await reminder_form.take(visit, context.tools.content, text)
        case settings.DRAFT, settings.NAME:
            await settings.take_name(visit, text)
        case settings.DRAFT, settings.QUIET:
            await settings.take_quiet(visit, text)
        case journal.DRAFT, _:
            await journal.write(visit, text)
        case together.DRAFT, _:
            await together.take_text(visit, draft, text, context.tools.content)
        case _:
            await _fill_line(context, visit, draft, text)


async def _fill_line(context: Context, visit: Visit, draft: Draft, text: str) -> None:
    """The same for lines to the partner, and for the journal's search."""
    match draft.kind:
        case relay.DRAFT:
            await relay.preview(visit, text)
        case kept.DRAFT:
            await kept.take_words(visit, draft, text)
        case topics_form.DRAFT if draft.awaits == topics_form.TOPIC:
            await topics_form.take_topic(visit, context.tools.content, draft, text)
        case topics_form.DRAFT:
            await topics_form.take_time(visit, draft, text)
        case waiting.DRAFT:
            await waiting.take_ready_time(visit, context.tools.content, draft, text)
        case talk.DRAFT:
            await talk.take_time(visit, context.tools.content, text)
        case signal_lines.DRAFT:
            await signal_lines.take(visit, draft, text)
        case journal.SEARCH:
            await journal.find(visit, text)


async def _answer_check_in(context: Context, visit: Visit, text: str) -> bool:
    """A typed line, number or choice for the open question, or “stop”; False if it is no answer to it."""
    stop = context.tools.content.text(visit.person.locale, "check_in.stop")
    if text.strip(" .!").casefold() == stop.casefold() and await check_ins.stop_session(visit):
        return True
    taken, action = await check_ins.typed_answer(visit, text)
    if taken:
        await hand_over(context.tools, visit, action)
    return taken


async def _grant(context: Context, visit: Visit, wish: Wish, minutes: int | None) -> None:
    """Offer what was wished for. Nothing is sent to anybody before a tap on it."""
    simple: dict[Wish, Callable[[], Awaitable[None]]] = {
        Wish.SPACE: lambda: space_form.ask_length(visit, minutes),
        Wish.BACK: lambda: space.show_open(visit),
        Wish.BREATHE: lambda: breathing.start(visit),
    }
    match wish:
        case Wish.CHECK_IN:
            visit.send("fallback.offer.check_in")
        case Wish.TALK:
            visit.send("fallback.offer.talk")
        case Wish.GROUND:
            visit.send("fallback.offer.ground")
        case Wish.REMIND | Wish.JOURNAL | Wish.AGREEMENT | Wish.LATER | Wish.TRENDS:
            await open_by_name(context.tools, visit, wish.value)
        case Wish.HELP:
            care.show_help(visit, context.said)
        case _:
            await simple[wish]()


async def located(update: Update, context: Context, visit: Visit) -> None:
    """A location: it becomes a time zone and is not kept."""
    message = update.message
    assert message is not None
    assert message.location is not None
    draft = await visit.awaiting()
    if draft is None or draft.kind != hello.ZONE:
        visit.send("fallback.location")
        return
    found = (message.location.latitude, message.location.longitude)
    context.turn.jobs.append(PlaceLookup(visit.person.id, location=found))


async def edited(update: Update, context: Context, visit: Visit) -> None:
    """A changed message changes nothing, but its words are heard."""
    message = update.edited_message
    assert message is not None
    text = message.text or message.caption
    if text is None:
        return  # a live location that moves
    if not await heard(context, visit, text):
        visit.send("fallback.edited")


async def media(update: Update, context: Context, visit: Visit) -> None:
    """A sticker, a voice message, a picture …: the open question stays open."""
    assert update.message is not None
    if await heard(context, visit, _written_on(update.message)):
        return
    if not await check_ins.remind_current(visit, "fallback.question", if_awake=True):
        await hello.menu_under(visit, "fallback.media")


def _written_on(message: Message) -> str:
    """The words that come with something else: a caption, a forwarded poll, the name of a contact."""
    words = [message.caption]
    if message.poll is not None:
        words += [message.poll.question, *(option.text for option in message.poll.options)]
    if message.contact is not None:
        words += [message.contact.first_name, message.contact.last_name]
    return "\n".join(each for each in words if each)


async def membership(update: Update, context: Context, visit: Visit) -> None:
    """The person blocked the bot, or came back: until then nothing is sent to them."""
    member = update.my_chat_member
    assert member is not None
    gone = member.new_chat_member.status == "kicked"
    await visit.uow.people.set_reachable(visit.person.id, not gone)
