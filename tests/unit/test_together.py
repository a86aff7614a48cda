"""The weekly question: its weeks, its question, and what each of the two sees."""

import re
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.catalog import load
from bot.domain.model import CoupleId, PersonId
from bot.domain.schedule import instant
from bot.domain.together import (
    GONE,
    Answer,
    Exchange,
    Stage,
    earlier,
    end_of,
    question_of,
    stage,
    week_of,
)

MARA, JONAS, KIM = PersonId(1), PersonId(2), PersonId(3)
NOW, BEFORE = CoupleId(20), CoupleId(10)
QUESTIONS = ["one", "two", "three"]
ZONES = sorted(zoneinfo.available_timezones())
moments = st.timedeltas(timedelta(0), timedelta(days=30_000)).map(
    lambda later: datetime(2020, 1, 1, tzinfo=UTC) + later
)
sundays = st.integers(0, 4000).map(lambda weeks: date(2020, 1, 5) + timedelta(weeks=weeks))


def answer(
    number: int, person: PersonId, text: str | None, week: str = "2026-03-01", **more: CoupleId
) -> Answer:
    return Answer(number, more.get("couple", NOW), week, "one", person, text)


class TestWeeks:
    @pytest.mark.parametrize(
        ("moment", "week"),
        [
            ("2026-03-01T00:00+00:00", "2026-03-01"),
            ("2026-02-28T23:59:59.999999+00:00", "2026-02-22"),
            ("2026-03-07T23:59:59+00:00", "2026-03-01"),
            ("2026-03-08T00:00+00:00", "2026-03-08"),
            ("2026-03-01T00:30+01:00", "2026-02-22"),
            ("2026-02-28T20:00-05:00", "2026-03-01"),
            ("2024-02-29T12:00+00:00", "2024-02-25"),
            ("2027-01-01T12:00+00:00", "2026-12-27"),
        ],
    )
    def test_they_begin_on_sunday_in_utc(self, moment: str, week: str) -> None:
        assert week_of(datetime.fromisoformat(moment)) == week

    @settings(derandomize=True, max_examples=300, database=None)
    @given(moments)
    def test_every_moment_is_in_one_week_of_seven_days(self, moment: datetime) -> None:
        week = week_of(moment)
        end = end_of(week)
        assert date.fromisoformat(week).weekday() == 6
        assert end - timedelta(weeks=1) <= moment < end
        assert week_of(end) == (date.fromisoformat(week) + timedelta(weeks=1)).isoformat()
        assert week_of(end - timedelta(microseconds=1)) == week

    @settings(derandomize=True, max_examples=500, database=None)
    @given(moments, st.sampled_from(ZONES), st.sampled_from(ZONES))
    def test_it_is_the_same_week_for_both_wherever_they_are(
        self, moment: datetime, one: str, other: str
    ) -> None:
        assert week_of(moment.astimezone(ZoneInfo(one))) == week_of(moment.astimezone(ZoneInfo(other)))

    @settings(derandomize=True, max_examples=500, database=None)
    @given(sundays, st.sampled_from(ZONES), st.sampled_from([time(18), time(19)]))
    def test_what_is_asked_on_sunday_evening_can_be_answered_until_saturday(
        self, sunday: date, zone: str, evening: time
    ) -> None:
        here = ZoneInfo(zone)
        asked = instant(sunday, evening, here)
        assert week_of(asked) == sunday.isoformat()
        assert week_of(instant(sunday + timedelta(days=6), time(9), here)) == sunday.isoformat()


class TestQuestions:
    def test_each_in_turn_then_from_the_beginning(self) -> None:
        weeks = [(date(2026, 3, 1) + timedelta(weeks=number)).isoformat() for number in range(6)]
        asked = [question_of(week, QUESTIONS) for week in weeks]
        assert sorted(asked[:3]) == sorted(QUESTIONS)
        assert asked[3:] == asked[:3]
        start = QUESTIONS.index(asked[0])
        assert asked[:3] == QUESTIONS[start:] + QUESTIONS[:start]

    def test_a_turn_of_the_year_skips_none(self) -> None:
        asked = [question_of(week, QUESTIONS) for week in ("2026-12-20", "2026-12-27", "2027-01-03")]
        assert len(set(asked)) == 3

    @settings(derandomize=True, max_examples=200, database=None)
    @given(moments, st.lists(st.text(min_size=1), min_size=1, unique=True))
    def test_it_is_one_of_the_list_and_stays_the_same_all_week(
        self, moment: datetime, questions: list[str]
    ) -> None:
        week = week_of(moment)
        assert question_of(week, questions) in questions
        assert question_of(week, questions) == question_of(
            week_of(end_of(week) - timedelta(hours=1)), questions
        )

    def test_what_one_has_answered_holds_for_both_when_the_list_has_changed(self) -> None:
        for text in ("words", None, GONE):
            stored = answer(1, MARA, text)
            assert question_of("2026-03-01", ["new", "newer"], (None, stored)) == "one"
            assert question_of("2026-03-01", ["new", "newer"], (stored, None)) == "one"
        assert question_of("2026-03-01", ["new"], (None, None)) == "new"

    def test_the_shipped_ones(self) -> None:
        content = load()
        ids = content.ids("en", "together.questions")
        assert len(ids) >= 26
        texts = [content.text("en", f"together.questions.{each}") for each in ids]
        assert len(set(texts)) == len(texts)
        for each, text in zip(ids, texts, strict=True):
            assert re.fullmatch("[a-z_]{1,24}", each)
            assert text.endswith("?")
            assert len(text) <= 120


class TestWhatOneSees:
    @pytest.mark.parametrize("theirs", ["words", None, GONE, "no answer at all"])
    @pytest.mark.parametrize("mine", ["words", None, "no answer at all"])
    def test_the_other_can_be_told_from_nothing_but_both_answers(
        self, mine: str | None, theirs: str | None
    ) -> None:
        own, other = (
            None if text == "no answer at all" else answer(number, person, text)
            for number, person, text in ((1, MARA, mine), (2, JONAS, theirs))
        )
        if mine != "words":
            assert stage(own, other) is Stage.OPEN
        elif theirs in ("words", GONE):
            assert stage(own, other) is Stage.BOTH
        else:
            assert stage(own, other) is Stage.WAITING

    def test_deleted_afterwards_the_question_is_not_open_again(self) -> None:
        assert stage(answer(1, MARA, GONE), answer(2, JONAS, "words")) is Stage.BOTH

    def test_a_deleted_answer_has_no_words(self) -> None:
        assert answer(1, MARA, GONE).words is None
        assert answer(1, MARA, GONE).given
        assert answer(1, MARA, None).words is None
        assert not answer(1, MARA, None).given


class TestEarlier:
    WEEK = "2026-03-15"

    def seen(self, *answers: Answer, couple: CoupleId | None = NOW) -> list[Exchange]:
        return earlier(answers, MARA, couple, self.WEEK)

    def test_the_newest_first(self) -> None:
        weeks = ["2026-03-01", "2026-02-22", "2026-03-08"]
        mine = [answer(number, MARA, "m", week) for number, week in enumerate(weeks)]
        theirs = [answer(10 + number, JONAS, "j", week) for number, week in enumerate(weeks)]
        found = self.seen(*mine, *theirs)
        assert [each.own.week for each in found] == sorted(weeks, reverse=True)
        assert all(each.other is not None and each.other.week == each.own.week for each in found)

    def test_not_this_week(self) -> None:
        assert self.seen(answer(1, MARA, "m", self.WEEK), answer(2, JONAS, "j", self.WEEK)) == []

    def test_what_the_other_answered_alone_is_not_seen(self) -> None:
        for mine in ([], [answer(1, MARA, None)]):
            assert self.seen(*mine, answer(2, JONAS, "j")) == []

    def test_what_one_answered_alone_is_ones_own(self) -> None:
        mine = answer(1, MARA, "m")
        for theirs in ([], [answer(2, JONAS, None)]):
            assert self.seen(mine, *theirs) == [Exchange(mine, None)]

    def test_of_a_couple_that_is_no_more_only_ones_own(self) -> None:
        mine, theirs = answer(1, MARA, "m", couple=BEFORE), answer(2, JONAS, "j", couple=BEFORE)
        assert self.seen(mine, theirs) == [Exchange(mine, None)]
        assert self.seen(mine, theirs, couple=None) == [Exchange(mine, None)]
        new = answer(3, KIM, "k")
        assert self.seen(mine, theirs, new) == [Exchange(mine, None)], "not beside a new partner's either"
        this_week = answer(4, MARA, "m", self.WEEK, couple=BEFORE)
        assert self.seen(this_week) == [Exchange(this_week, None)]

    def test_what_is_deleted(self) -> None:
        mine, theirs = answer(1, MARA, "m"), answer(2, JONAS, "j")
        gone_mine, gone_theirs = answer(1, MARA, GONE), answer(2, JONAS, GONE)
        assert self.seen(gone_mine, theirs) == [Exchange(gone_mine, theirs)]
        assert self.seen(mine, gone_theirs) == [Exchange(mine, gone_theirs)]
        assert self.seen(gone_mine, gone_theirs) == []
        assert self.seen(answer(1, MARA, GONE, couple=BEFORE)) == []
