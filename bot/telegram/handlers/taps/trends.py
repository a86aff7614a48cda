"""Taps under the picture of one's own weeks."""

from bot.services import trends
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers.taps.registry import on


@on(to.TrendsOf)
async def trends_of(context: Context, visit: Visit, tap: to.TrendsOf) -> None:
    await trends.show(visit, tap.period)


@on(to.TrendsPutAway)
async def trends_put_away(context: Context, visit: Visit, tap: to.TrendsPutAway) -> None:
    trends.put_away(visit)
