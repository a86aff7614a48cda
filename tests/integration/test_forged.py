"""Every button the bot shows in the transcripts, sent by everybody it is not for.

As soon as it comes up: by a stranger who is linked with somebody else, a former partner, somebody who never
spoke to the bot, and the partner; and by its owner twice. At the end of the story: after the link has ended,
and after its owner was forgotten. Nobody sees, changes or learns anything, and nothing fails.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.content.catalog import Content
from bot.places.lookup import Places
from bot.telegram import callback_data as to
from tests.acceptance.transcript import FOLDER, Transcript, load
from tests.integration.families import BEARER, NOBODYS, SHARED
from tests.integration.forger import Forger
from tests.integration.stage import Stage, stage
from tests.integration.staged import Actor, Staged
from tests.unit.test_callback_data import TAPS

pytestmark = pytest.mark.sqlite_only

NOT_PLAYED = ("two_weeks",)
"""Here timers are taken one by one, as no machine that slept would; others show its buttons."""
MORE = Path(__file__).with_name("buttons.yaml")
"""The buttons that no transcript shows."""


OFTEN = 1
"""So many buttons of a kind are tried as soon as they come up: they come up in other stories, too."""


class Watched:
    """A story, in which new kinds of buttons are tried at once. `tried`: how often each was, in all."""

    def __init__(self, on: Stage, file: Path, transcript: Transcript, tried: Counter[str]) -> None:
        self.on, self.tried = on, tried
        self.staged = Staged(transcript, on, transcript.locales[0], self.after)
        self.forger = Forger(on, file, self.staged.marker)
        self.met: set[tuple[int, type]] = set()
        """whose, and what"""

    async def play(self) -> None:
        await self.forger.enter()
        await self.staged.enter()
        await self.staged.play(self.staged.transcript.steps)
        await self.the_link_ends()
        await self.they_are_forgotten()
        self.forger.close()

    async def after(self, actor: Actor | None) -> None:
        if actor is not None and actor.tapped is not None:
            await self.twice(actor)
        for account in self.staged.scene.actors:
            new = self.newly_shown(account)
            if new:
                await self.forger.meets(account)
                await self.forger.try_all(account, new)

    def newly_shown(self, account: int) -> list[str]:
        """Buttons of kinds that this person has not had before, and that were not tried often."""
        new: dict[type, str] = {}
        for data in self.on.emitted[account]:
            kind = type(to.decode(data))
            if (account, kind) not in self.met:
                new.setdefault(kind, data)
        self.met |= {(account, kind) for kind in new}
        return [data for kind, data in new.items() if self.seldom(kind.__name__)]

    def seldom(self, what: str) -> bool:
        self.tried[what] += 1
        return self.tried[what] <= OFTEN

    async def twice(self, actor: Actor) -> None:
        """A second tap reaches nobody but its sender."""
        assert actor.tapped is not None
        if self.seldom(f"twice {actor.tapped[1].partition(':')[0]}"):
            await self.forger.changes_nothing(actor.account, [actor.tapped[1]], own=True)

    async def the_link_ends(self) -> None:
        """All there ever was, sent by its owner, the other and a stranger, once there is no link any more."""
        accounts = list(self.staged.scene.actors)
        for account in accounts:
            if await self.forger.partner(account) is not None:
                await self.on.says(account, "/unlink")
        every = {data for account in accounts for data in self.on.emitted[account]}
        for account in (*accounts, self.forger.kim, self.forger.lena):
            mine = self.on.emitted[account].keys()
            own = {data for data in mine if not isinstance(to.decode(data), to.SendFarewell)}
            await self.forger.changes_nothing(account, one_of_each(own), own=True)
            named = {data for data in every - mine if not isinstance(to.decode(data), NOBODYS)}
            theirs = (
                account in accounts
            )  # they may have things of the same numbers, or a question that is open
            await self.forger.changes_nothing(account, one_of_each(named), silent=not theirs, own=theirs)

    async def they_are_forgotten(self) -> None:
        """Who was forgotten finds nobody behind their old buttons, and neither does anybody else."""
        [first, *others] = self.staged.scene.actors
        news = await self.on.says(first, "/forget")
        [gone] = [data for data in news[-1].data if isinstance(to.decode(data), to.Forget)]
        every = one_of_each(self.on.emitted[first])
        await self.on.taps(first, news[-1], gone)
        assert await self.forger.changes_nothing(first, every) == []
        for account in (*others, self.forger.kim):
            await self.forger.changes_nothing(account, every, own=account in others)


def one_of_each(data: Iterable[str]) -> list[str]:
    """One button of each kind for each thing it names, whichever answer it gives."""
    found: dict[Any, str] = {}
    for each in sorted(data):
        meant = to.decode(each)
        found[(type(meant), *(value for value in vars(meant).values() if isinstance(value, int)))] = each
    return list(found.values())


async def test_whatever_the_bot_shows_is_of_no_use_to_anybody_else(tmp_path: Path, content: Content) -> None:
    places, met, tried = Places(), set(), Counter[str]()
    try:
        for path in [*sorted(FOLDER.glob("*.yaml")), MORE]:
            if path.stem in NOT_PLAYED:
                continue
            transcript = load(path)
            folder = tmp_path / path.stem
            folder.mkdir()
            async with stage(folder, content, datetime.fromisoformat(transcript.start), places) as on:
                watched = Watched(on, folder / "test.db", transcript, tried)
                await watched.play()
                met |= {kind for _, kind in watched.met}
    finally:
        await places.close()
    assert {kind.__name__ for kind in TAPS} - {kind.__name__ for kind in met} == set(), (
        "no transcript shows these"
    )


def test_the_families_are_of_taps_there_are_and_apart() -> None:
    every = [*NOBODYS, *SHARED, *BEARER]
    assert len(every) == len(set(every))
    assert set(every) <= set(TAPS)
