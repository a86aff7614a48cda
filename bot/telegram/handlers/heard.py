"""Words of crisis are heard wherever something is written."""

from bot.services import care
from bot.services.visit import Visit
from bot.telegram.context import Context


async def heard(context: Context, visit: Visit, text: str) -> bool:
    """Whether there are words of crisis in a text; they have been answered then, and it goes nowhere else."""
    danger = context.tools.content.danger(text)
    if danger is not None:
        await care.hold(visit, text, danger, context.said)
    return danger is not None
