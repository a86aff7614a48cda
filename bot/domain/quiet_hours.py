"""Quiet hours, and times that keep out of them: snoozing, and “tonight”. All datetimes returned are UTC."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.wall_clock import instant, resolve, utc

_DAY = timedelta(days=1)
_EVENING, _TONIGHT, _LATE = time(17), time(20), time(22, 30)
_AHEAD = timedelta(minutes=30)
"""Nearer than that, to now or to the night, and “tonight” would be no different time."""


@dataclass(frozen=True)
class QuietHours:
    """Hours without nudges, by the person's wall clock; they may pass midnight; equal ends mean none.

    Where a clock change repeats their start, the first one counts; where it repeats their end, the last.
    """

    start: time = time(22)
    end: time = time(8)

    def contains(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether `moment` is quiet: the start is, the end is not."""
        return self._end_of_stretch(utc(moment), zone) is not None

    def end_after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first instant (UTC) at or after `moment` that is not quiet."""
        moment = utc(moment)
        while (end := self._end_of_stretch(moment, zone)) is not None:
            moment = end
        return moment

    def _end_of_stretch(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        if self.start == self.end:
            return None
        nights = 0 if self.start < self.end else 1
        today = moment.astimezone(zone).date()
        for day in (today + n * _DAY for n in (-1, 0, 1)):
            if resolve(datetime.combine(day, self.start), zone) > moment:
                return None  # and so do all that come after it
            end = resolve(datetime.combine(day + nights * _DAY, self.end), zone, fold=1)
            if moment < end:
                return end
        return None


def snooze(
    now: datetime, minutes: int, quiet: QuietHours, zone: ZoneInfo, *, anyway: bool = False
) -> datetime:
    """The instant (UTC) `minutes` from `now`, moved to the end of quiet hours if it falls into them.

    `anyway`: it stays there, because whoever asked was told so and wants it. ValueError for no minutes.
    """
    if minutes <= 0:
        raise ValueError(f"a snooze goes forward: {minutes}")
    wished = utc(now) + timedelta(minutes=minutes)
    return wished if anyway else quiet.end_after(wished, zone)


def tonight(now: datetime, quiet: QuietHours, zone: ZoneInfo) -> datetime | None:
    """20:00 today, or half an hour before quiet hours begin this evening, or 22:30: the first that will do.

    None if all are quiet, or less than 30 minutes ahead.
    """
    now = utc(now)
    today = now.astimezone(zone).date()
    evening, at_eight, late = (instant(today, clock, zone) for clock in (_EVENING, _TONIGHT, _LATE))
    before_quiet = max(evening, min(late, instant(today, quiet.start, zone) - _AHEAD))
    for found in (at_eight, before_quiet, late):
        if found - now >= _AHEAD and not quiet.contains(found, zone):
            return found
    return None
