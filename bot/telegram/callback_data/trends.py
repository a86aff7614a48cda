"""What a button under one's own weeks means."""

from bot.telegram.callback_data.codec import tap


@tap("tp")
class TrendsOf:
    """`period` is one of `domain.trends.OFFERED`."""

    period: str


@tap("tx")
class TrendsPutAway:
    """Delete the picture."""
