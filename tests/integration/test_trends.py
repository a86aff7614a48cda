"""My weeks: read from the check-ins of one person, shown as a picture or in words, and to nobody else."""

from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bot.domain.decision import Notice, Operation, Priority
from bot.domain.errors import Stale
from bot.domain.model import PersonId, ReminderId
from bot.domain.nudging import Kind
from bot.domain.rules import Times
from bot.domain.trends import Period, Trends
from bot.pictures import studio as studios
from bot.pictures.studio import NoPicture
from bot.services import nudge_answers, reminder_form, trends
from bot.storage import tables
from tests.integration.wire import Bot, wire

from .conftest import NOW, Said, Story
from .test_services_nudges import remind

DAY = timedelta(days=1)


async def checked_in(
    story: Story, person: PersonId, at: datetime, script: str = "pause", **answers: int | str
) -> None:
    """A check-in that was begun then."""
    async with story.storage.unit_of_work() as uow:
        await uow.sessions.keep_script("a" * 64, "pause", 1, "en", {})
        row = {"person_id": person, "script_hash": "a" * 64, "script_id": script, "answers": answers}
        more = {"status": "finished", "step": "", "seq": 3, "started_at": at, "updated_at": at}
        await uow._connection.execute(insert(tables.sessions).values(**row, **more))
        await uow.commit(story.now)


async def three_days(story: Story, person: PersonId) -> None:
    for days in range(3):
        await checked_in(story, person, story.now - days * DAY, before=6 + days, after=3, need="calm")


async def last(story: Story, person: PersonId) -> Said:
    return (await story.heard(person))[-1]


def trends_of(said: Said) -> Trends:
    return Trends.from_json(said.private["trends"])


class TestAsked:
    async def test_the_shortest_period_with_enough_is_shown(self, story: Story, mara: PersonId) -> None:
        await three_days(story, mara)
        await story.do(mara, trends.show)
        assert trends_of(await last(story, mara)).period is Period.TWO_WEEKS
        story.now += 60 * DAY
        await story.do(mara, trends.show)
        seen = trends_of(await last(story, mara))
        assert (seen.period, seen.numbers, seen.before, seen.after) == (Period.THREE_MONTHS, 3, 7, 3)
        story.now += 200 * DAY
        await story.do(mara, trends.show)
        assert trends_of(await last(story, mara)).period is Period.YEAR

    async def test_with_little_it_says_how_much_there_is(self, story: Story, mara: PersonId) -> None:
        for kind in ("none", "one", "other"):
            await story.do(mara, trends.show, Period.YEAR)
            said = await last(story, mara)
            assert (said.kind, said.parameters["period"]) == (f"trends.little.{kind}", "year")
            assert said.private == {}
            await checked_in(story, mara, story.now, "how_am_i", before=5)

    async def test_nothing_is_of_the_partner(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await story.link(mara, jonas)
        await three_days(story, jonas)
        await checked_in(story, mara, story.now, before=2)
        await story.do(mara, trends.show)
        assert (await last(story, mara)).kind == "trends.little.one"

    async def test_days_and_hours_are_where_the_person_is(self, story: Story) -> None:
        """At 23:30 in New York it is the next day in Berlin."""
        late = datetime.fromisoformat("2026-03-01T23:30-05:00")
        for name, zone, part in (("Ada", "America/New_York", "night"), ("Bo", "Europe/Berlin", "morning")):
            person = await story.person(name, zone)
            for minutes in range(3):
                await checked_in(story, person, late + timedelta(minutes=minutes), before=5)
            await story.do(person, trends.show)
            seen = trends_of(await last(story, person))
            on = "2026-03-01" if name == "Ada" else "2026-03-02"
            assert [str(span.begins) for span in seen.spans if span.alone is not None] == [on]
            assert seen.times[part] == 3

    @pytest.mark.parametrize("period", ["", "week", "decade"])
    async def test_a_period_that_is_not_offered_is_stale(
        self, story: Story, mara: PersonId, period: str
    ) -> None:
        await story.refused(Stale, mara, trends.show, period)

    async def test_numbers_are_erased_when_they_have_been_sent(self, story: Story, mara: PersonId) -> None:
        await three_days(story, mara)
        await story.do(mara, trends.show)
        assert "trends" not in (await last(story, mara)).parameters

    async def test_put_away(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, trends.put_away, message=41)
        said = await last(story, mara)
        assert (said.operation, said.kind) == (Operation.DELETE, "clean")


class TestEverySunday:
    SUNDAY = Times((time(18),), frozenset({6}))

    async def come(self, story: Story, person: PersonId) -> ReminderId:
        story.now = NOW  # a Monday
        reminder = await remind(story, person, self.SUNDAY, Kind.LOOK_BACK)
        story.now = datetime.fromisoformat("2026-03-08T12:00+01:00")
        return reminder

    async def sunday(self, story: Story) -> None:
        await story.at(datetime.fromisoformat("2026-03-08T18:00+01:00"))

    async def test_it_comes_with_the_week(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        for person in (mara, jonas):
            await self.come(story, person)
        await three_days(story, mara)
        await checked_in(story, jonas, story.now, before=4)
        await checked_in(story, mara, story.now - 8 * DAY, before=10)
        await self.sunday(story)
        hers, his = await last(story, mara), await last(story, jonas)
        assert (hers.kind, his.kind) == ("nudge.look_back", "nudge.look_back")
        seen = trends_of(hers)
        assert (seen.period, seen.numbers) == (Period.WEEK, 3)
        assert his.private == {}, "too little for a picture: it comes as ever"

    async def test_discreetly_it_is_behind_a_tap(self, story: Story, mara: PersonId) -> None:
        reminder = await self.come(story, mara)
        await story.do(mara, be_discreet)
        await three_days(story, mara)
        await self.sunday(story)
        said = await last(story, mara)
        assert (said.kind, said.private) == ("nudge.discreet", {})
        await story.do(mara, nudge_answers.show, reminder, message=7)
        assert trends_of(await last(story, mara)).numbers == 3

    async def test_under_the_picture_it_is_offered_once(self, story: Story, mara: PersonId) -> None:
        await three_days(story, mara)
        await story.do(mara, trends.show)
        assert (await last(story, mara)).parameters["weekly"] is False
        await story.do(mara, reminder_form.add_weekly, Kind.LOOK_BACK)
        await story.do(mara, trends.show)
        assert (await last(story, mara)).parameters["weekly"] is True


async def be_discreet(visit: Any) -> None:
    await visit.uow.people.set_discreet(visit.person.id, True)


# -- how it is sent, over real HTTP


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with wire(tmp_path) as at_work:
        yield at_work


def a_picture(person: PersonId, **more: Any) -> Notice:
    seen = trends.look(
        [trends.check_in(NOW, {"before": 7, "after": 3, "need": "calm"})] * 3, Period.TWO_WEEKS, NOW.date()
    )
    parameters = {"period": "two_weeks", "weekly": False}
    return Notice("trends.picture", person, parameters, {"trends": seen.to_json()}, **more)


def methods(bot: Bot, chat: int) -> list[str]:
    return [method for method, where, _ in bot.telegram.calls() if int(where) == chat]


async def test_a_picture_of_its_own_and_the_words_under_it(bot: Bot) -> None:
    mara, her = await bot.person("Mara")
    await bot.say(a_picture(her))
    await bot.pass_time(1)
    assert methods(bot, mara) == ["sendPhoto"]
    [said] = bot.telegram.chat(mara)
    assert said.startswith("[photo] Your last two weeks")
    assert "in the 3 with a second number the middle was 7 at first and 3 afterwards" in said
    assert "the need for calm (3 of 3)" in said


async def test_another_period_takes_its_place(bot: Bot) -> None:
    """Whatever stood there: a message cannot become a picture, so the new one comes and the old one goes."""
    mara, her = await bot.person("Mara")
    await bot.say(Notice("menu.alone", her, key="menu"))
    await bot.say(a_picture(her, key="one").editing("menu"))
    await bot.pass_time(5)
    await bot.say(Notice("trends.little.none", her, {"period": "year"}).editing("one"))
    await bot.pass_time(5)
    assert methods(bot, mara)[1:] == ["sendPhoto", "deleteMessage", "sendMessage", "deleteMessage"]
    [said] = bot.telegram.chat(mara)
    assert said.startswith("Your last twelve months")


@pytest.mark.usefixtures("no_tracebacks")
@pytest.mark.parametrize("fault", ["dead", "refused"])
async def test_without_a_picture_the_words_come_alone(bot: Bot, fault: str) -> None:
    mara, her = await bot.person("Mara")
    if fault == "dead":
        await bot.studio.close()
    else:
        refused = "Bad Request: PHOTO_INVALID_DIMENSIONS"
        bot.telegram.fault("status", status=400, description=refused, method="sendPhoto")
    await bot.say(a_picture(her))
    await bot.pass_time(1)
    [said] = bot.telegram.chat(mara)
    assert said.startswith("Your last two weeks")
    assert methods(bot, mara)[-1] == "sendMessage"


async def test_who_asked_does_not_wait_for_everybodys_sunday(bot: Bot) -> None:
    studio = bot.studio
    studio._calls = studios.QUEUE
    with pytest.raises(NoPicture, match="busy"):
        await studio.draw(bytes, 1, bulk=True)
    assert await studio.draw(bytes, 1) == b"\0"
    assert Priority.NUDGE.bulk
