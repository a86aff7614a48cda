"""One's weeks in numbers: each check-in counts once and in its place."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.catalog import Content, load
from bot.domain import trends
from bot.domain.script import Kind, Measure
from bot.domain.trends import NEEDS, CheckIn, Period, Trends, begins, check_in, look, most

TODAY = date(2026, 3, 4)  # a Wednesday
NUMBERS = st.none() | st.integers(0, 10)


def at(day: date, hour: int = 20) -> datetime:
    return datetime.combine(day, time(hour))


CHECK_INS = st.lists(
    st.builds(
        CheckIn,
        st.datetimes(at(TODAY - timedelta(days=400)), at(TODAY + timedelta(days=2))),
        NUMBERS,
        NUMBERS,
        st.none() | st.sampled_from(NEEDS),
        st.none() | st.sampled_from(sorted(set(trends.HELPS.values()))),
    ),
    max_size=60,
)


@given(CHECK_INS, st.sampled_from(Period))
def test_every_check_in_counts_once_and_only_in_its_span(check_ins: list[CheckIn], period: Period) -> None:
    seen = look(check_ins, period, TODAY)
    first = seen.spans[0].begins
    inside = [each for each in check_ins if first <= each.at.date() <= TODAY]
    assert seen.numbers == sum(each.before is not None or each.after is not None for each in inside)
    assert seen.pairs == sum(each.before is not None and each.after is not None for each in inside)
    for need in NEEDS:
        assert seen.needs[need] == sum(each.need == need for each in inside)
        assert seen.needs[need] == sum(span.needs[need] for span in seen.spans)
    assert sum(seen.times.values()) == seen.numbers
    for span in seen.spans:
        there = [each for each in inside if _span_of(seen, each.at.date()) == span.begins]
        assert (span.before is None) is (span.after is None) is not any(each.is_pair for each in there)


def _span_of(seen: Trends, day: date) -> date:
    return max(span.begins for span in seen.spans if span.begins <= day)


@given(CHECK_INS, st.sampled_from(Period))
def test_it_can_be_written_down_and_read(check_ins: list[CheckIn], period: Period) -> None:
    seen = look(check_ins, period, TODAY)
    assert Trends.from_json(seen.to_json()) == seen


@pytest.mark.parametrize(
    ("period", "first", "last", "count"),
    [
        (Period.WEEK, date(2026, 2, 26), TODAY, 7),
        (Period.TWO_WEEKS, date(2026, 2, 19), TODAY, 14),
        (Period.THREE_MONTHS, date(2025, 12, 4), date(2026, 2, 26), 13),
        (Period.YEAR, date(2025, 4, 1), date(2026, 3, 1), 12),
    ],
)
def test_a_period_ends_today(period: Period, first: date, last: date, count: int) -> None:
    starts = begins(period, TODAY)
    assert (starts[0], starts[-1], len(starts)) == (first, last, count)
    assert sorted(set(starts)) == list(starts)


def test_middle_values_are_of_those_that_have_both_numbers() -> None:
    """Three hard moments with one number each say nothing about whether a breath helps."""
    hard = [CheckIn(at(TODAY, hour), before=10) for hour in (8, 12, 16)]
    pairs = [CheckIn(at(TODAY, 20), 7, 3), CheckIn(at(TODAY, 21), 4, 4), CheckIn(at(TODAY, 22), 5, 2)]
    seen = look([*hard, *pairs], Period.TWO_WEEKS, TODAY)
    assert (seen.before, seen.after, seen.pairs, seen.numbers) == (5, 3, 3, 6)
    today = seen.spans[-1]
    assert (today.before, today.after, today.alone) == (5, 3, 10)


@pytest.mark.parametrize(("numbers", "enough"), [(0, False), (2, False), (3, True)])
def test_from_three_on_there_is_a_picture(numbers: int, enough: bool) -> None:
    words_only = [CheckIn(at(TODAY), need="calm")] * 5
    seen = look([*words_only, *[CheckIn(at(TODAY), before=5)] * numbers], Period.WEEK, TODAY)
    assert seen.enough is enough


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ({"calm": 3, "connection": 1}, ("calm", 3, 4)),
        ({"connection": 0, "calm": 3}, ("calm", 3, 3)),
        ({"calm": 2, "connection": 2}, None),  # even
        ({"calm": 2, "connection": 0}, None),  # too few to be “most”
        ({"calm": 0, "connection": 0}, None),
    ],
)
def test_what_was_most_often_there(counts: Mapping[str, int], found: Any) -> None:
    assert most(counts) == found


@pytest.mark.parametrize(
    ("answers", "read"),
    [
        ({"need": "calm", "before": 7, "after": 3}, CheckIn(at(TODAY), 7, 3, "calm")),
        (
            {"need": "unsure", "before": 7, "word_now": "connection"},
            CheckIn(at(TODAY), 7, None, "connection"),
        ),
        ({"need": "heard", "before": "skipped", "after": 2}, CheckIn(at(TODAY), None, 2)),
        ({"helped": "pause"}, CheckIn(at(TODAY), helped="pausing")),
        ({"helped": "unclear", "story_true": 8}, CheckIn(at(TODAY))),
        ({}, CheckIn(at(TODAY))),
    ],
)
def test_what_is_read_of_a_check_in(answers: dict[str, int | str], read: CheckIn) -> None:
    assert check_in(at(TODAY), answers) == read


@pytest.fixture(scope="module")
def content() -> Content:
    return load()


class TestTheScriptsThatAreShipped:
    """The steps whose answers are looked at are there, under the names they are looked for."""

    def test_every_number_for_how_strong_it_is_counts(self, content: Content) -> None:
        for script_id in content.script_ids("en"):
            for step in content.script("en", script_id).script.steps.values():
                if step.kind is Kind.SCALE and step.measures is Measure.INTENSITY:
                    assert step.id in (trends.BEFORE, trends.AFTER), f"{script_id}: {step.id}"

    def test_the_needs_are_those_of_the_pause(self, content: Content) -> None:
        steps = content.script("en", "pause").script.steps
        for step in (trends.NEED, trends.NEED_NOW):
            assert {each.id for each in steps[step].choices} == {*NEEDS, "unsure"}

    def test_whatever_helped_counts(self, content: Content) -> None:
        said = {
            choice.id
            for script_id in content.script_ids("en")
            for step in content.script("en", script_id).script.steps.values()
            if step.id == trends.HELPED
            for choice in step.choices
        }
        assert said == {*trends.HELPS, "unclear", "else", "nothing"}
