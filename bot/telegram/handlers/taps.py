"""What a tapped button does. A tap is obeyed only if its sender owns what it names: services see to that."""

from collections.abc import Awaitable, Callable
from datetime import time
from typing import Any, TypeVar

from telegram import Update

from bot.domain.errors import Stale
from bot.domain.model import CoupleId, InvitationId, ReminderId, SessionId, SpaceId
from bot.domain.schedule import parse_clock
from bot.places.zones import UnknownZone
from bot.services import (
    breathing,
    care,
    check_ins,
    journal,
    partners,
    reminders,
    settings,
    signals,
    space,
    space_form,
)
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers import typed
from bot.telegram.handlers.ways import ask_zone, hand_over, open_by_name, set_zone

T = TypeVar("T")
Handle = Callable[[Context, Visit, Any], Awaitable[None]]
_handlers: dict[type, Handle] = {}


def on(kind: type[T]) -> Callable[[Callable[[Context, Visit, T], Awaitable[None]]], Handle]:
    """Register what to do for this kind of tap."""

    def register(handle: Handle) -> Handle:
        _handlers[kind] = handle
        return handle

    return register


async def tapped(update: Update, context: Context, visit: Visit) -> None:
    """Find out what the button means, and do it."""
    query = update.callback_query
    assert query is not None
    context.answer_tap(update)
    meant = to.decode(query.data or "")
    if meant is None:
        raise Stale
    await _handlers[type(meant)](context, visit, meant)


@on(to.Open)
async def open_thing(context: Context, visit: Visit, tap: to.Open) -> None:
    await open_by_name(context.tools, visit, tap.what)


@on(to.OpenBeside)
async def open_beside(context: Context, visit: Visit, tap: to.OpenBeside) -> None:
    await open_by_name(context.tools, Visit(visit.uow, visit.person, visit.now), tap.what)


@on(to.AnswerStep)
async def answer_step(context: Context, visit: Visit, tap: to.AnswerStep) -> None:
    action = await check_ins.answer(visit, SessionId(tap.session), tap.seq, tap.value)
    await hand_over(context.tools, visit, action)


@on(to.StopCheckIn)
async def stop_check_in(context: Context, visit: Visit, tap: to.StopCheckIn) -> None:
    if not await check_ins.stop_session(visit, SessionId(tap.session)):
        raise Stale


@on(to.SpaceLength)
async def space_length(context: Context, visit: Visit, tap: to.SpaceLength) -> None:
    await space_form.choose_length(visit, tap.draft, tap.minutes)


@on(to.SpaceOtherTime)
async def space_other_time(context: Context, visit: Visit, tap: to.SpaceOtherTime) -> None:
    await space_form.ask_time(visit, tap.draft)


@on(to.SpaceWording)
async def space_wording(context: Context, visit: Visit, tap: to.SpaceWording) -> None:
    if tap.wording not in (space_form.FEW_MINUTES, space_form.SETTLE):
        raise Stale
    text = context.tools.content.text(visit.person.locale, f"wording.{tap.wording}")
    await space_form.choose_wording(visit, tap.draft, tap.wording, text)


@on(to.SpaceOwnWords)
async def space_own_words(context: Context, visit: Visit, tap: to.SpaceOwnWords) -> None:
    await space_form.ask_words(visit, tap.draft)


@on(to.SpaceAgain)
async def space_again(context: Context, visit: Visit, tap: to.SpaceAgain) -> None:
    await space_form.again(visit, tap.draft)


@on(to.SpaceSend)
async def space_send(context: Context, visit: Visit, tap: to.SpaceSend) -> None:
    await space.send(visit, tap.draft)


@on(to.SpaceBack)
async def space_back(context: Context, visit: Visit, tap: to.SpaceBack) -> None:
    await space.back(visit, SpaceId(tap.request))


@on(to.SpaceMore)
async def space_more(context: Context, visit: Visit, tap: to.SpaceMore) -> None:
    await space.offer_more(visit, SpaceId(tap.request))


@on(to.SpaceExtend)
async def space_extend(context: Context, visit: Visit, tap: to.SpaceExtend) -> None:
    await space.more_time(visit, SpaceId(tap.request), tap.minutes)


@on(to.SpaceTakeBack)
async def space_take_back(context: Context, visit: Visit, tap: to.SpaceTakeBack) -> None:
    await space.withdraw(visit, SpaceId(tap.request))


@on(to.SpaceReply)
async def space_reply(context: Context, visit: Visit, tap: to.SpaceReply) -> None:
    await space.reply(visit, SpaceId(tap.request), tap.reply)


@on(to.InvitationAccept)
async def invitation_accept(context: Context, visit: Visit, tap: to.InvitationAccept) -> None:
    await partners.accept(visit, tap.code)
    if visit.person.zone is None:
        await ask_zone(context.tools, visit)


@on(to.InvitationDecline)
async def invitation_decline(context: Context, visit: Visit, tap: to.InvitationDecline) -> None:
    await partners.decline(visit, tap.code)


@on(to.InvitationConfirm)
async def invitation_confirm(context: Context, visit: Visit, tap: to.InvitationConfirm) -> None:
    await partners.confirm(visit, InvitationId(tap.invitation))


@on(to.InvitationRefuse)
async def invitation_refuse(context: Context, visit: Visit, tap: to.InvitationRefuse) -> None:
    await partners.refuse(visit, InvitationId(tap.invitation))


@on(to.InvitationWithdraw)
async def invitation_withdraw(context: Context, visit: Visit, tap: to.InvitationWithdraw) -> None:
    await partners.withdraw(visit, InvitationId(tap.invitation))


@on(to.SendFarewell)
async def send_farewell(context: Context, visit: Visit, tap: to.SendFarewell) -> None:
    await partners.send_farewell(visit, CoupleId(tap.couple))


@on(to.PickZone)
async def pick_zone(context: Context, visit: Visit, tap: to.PickZone) -> None:
    try:
        await set_zone(context.tools, visit, tap.name)
    except UnknownZone as error:
        raise Stale from error


@on(to.RemindAt)
async def remind_at(context: Context, visit: Visit, tap: to.RemindAt) -> None:
    await reminders.add(visit, tap.time)


@on(to.RemindSwitch)
async def remind_switch(context: Context, visit: Visit, tap: to.RemindSwitch) -> None:
    await reminders.switch(visit, ReminderId(tap.reminder), bool(tap.on))


@on(to.RemindDelete)
async def remind_delete(context: Context, visit: Visit, tap: to.RemindDelete) -> None:
    await reminders.delete(visit, ReminderId(tap.reminder))


@on(to.NudgeLater)
async def nudge_later(context: Context, visit: Visit, tap: to.NudgeLater) -> None:
    await reminders.ask_later(visit, ReminderId(tap.reminder))


@on(to.NudgeIn)
async def nudge_in(context: Context, visit: Visit, tap: to.NudgeIn) -> None:
    await reminders.later(visit, ReminderId(tap.reminder), tap.minutes)


@on(to.BreathStop)
async def breath_stop(context: Context, visit: Visit, tap: to.BreathStop) -> None:
    await breathing.stop(visit)


@on(to.SignalPick)
async def signal_pick(context: Context, visit: Visit, tap: to.SignalPick) -> None:
    await signals.preview(visit, tap.signal)


@on(to.SignalSend)
async def signal_send(context: Context, visit: Visit, tap: to.SignalSend) -> None:
    await signals.send(visit, tap.signal)


@on(to.JournalDelete)
async def journal_delete(context: Context, visit: Visit, tap: to.JournalDelete) -> None:
    await journal.delete(visit, tap.line)


@on(to.QuietHoursPick)
async def quiet_hours_pick(context: Context, visit: Visit, tap: to.QuietHoursPick) -> None:
    start, end = _clock(tap.start), _clock(tap.end)
    await settings.set_quiet(visit, start, end)


def _clock(text: str) -> time:
    found = parse_clock(text)
    if found is None:
        raise Stale
    return found


@on(to.NotMeant)
async def not_meant(context: Context, visit: Visit, tap: to.NotMeant) -> None:
    held = await care.release(visit)
    if held is None or held.private is None:
        raise Stale
    visit.send("care.going_on")
    await typed.route(context, Visit(visit.uow, visit.person, visit.now), held.private, believed=True)


@on(to.Dismiss)
async def dismiss(context: Context, visit: Visit, tap: to.Dismiss) -> None:
    """Leave it, and a half-filled form with it."""
    await visit.uow.drafts.drop(visit.person.id)
    visit.show("cancel.dismissed")


@on(to.LeaveIt)
async def leave_it(context: Context, visit: Visit, tap: to.LeaveIt) -> None:
    visit.strip()
