"""Taps on the couple's agreement."""

from bot.services import agreement, agreement_form
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers.taps.registry import on


@on(to.AgreementAsk)
async def agreement_ask(context: Context, visit: Visit, tap: to.AgreementAsk) -> None:
    await agreement_form.ask(visit, tap.draft, tap.part)


@on(to.AgreementChoose)
async def agreement_choose(context: Context, visit: Visit, tap: to.AgreementChoose) -> None:
    await agreement_form.choose(visit, tap.draft, tap.part, tap.value)


@on(to.AgreementForm)
async def agreement_go_on(context: Context, visit: Visit, tap: to.AgreementForm) -> None:
    await agreement_form.go_on(visit, tap.draft, tap.revision)


@on(to.AgreementPreview)
async def agreement_preview(context: Context, visit: Visit, tap: to.AgreementPreview) -> None:
    await agreement_form.preview(visit, tap.draft)


@on(to.AgreementSend)
async def agreement_send(context: Context, visit: Visit, tap: to.AgreementSend) -> None:
    await agreement_form.send(visit, tap.draft)


@on(to.AgreementConfirm)
async def agreement_confirm(context: Context, visit: Visit, tap: to.AgreementConfirm) -> None:
    await agreement.agree(visit, tap.agreement, tap.revision)


@on(to.AgreementChange)
async def agreement_change(context: Context, visit: Visit, tap: to.AgreementChange) -> None:
    await agreement_form.change(visit, tap.agreement, tap.revision)


@on(to.AgreementTakeBack)
async def agreement_take_back(context: Context, visit: Visit, tap: to.AgreementTakeBack) -> None:
    await agreement.take_back(visit, tap.agreement, tap.revision)


@on(to.WelcomeMark)
async def welcome_mark(context: Context, visit: Visit, tap: to.WelcomeMark) -> None:
    await agreement.mark(visit, tap.couple, tap.phrase, bool(tap.on))
