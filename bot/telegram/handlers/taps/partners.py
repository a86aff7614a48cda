"""Taps about the other person: invitations, leaving."""

from bot.domain.model import CoupleId, InvitationId
from bot.services import partners
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers.taps.registry import on
from bot.telegram.handlers.ways import ask_zone


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
