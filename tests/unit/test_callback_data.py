"""Buttons: whatever they mean comes back as it went in, and nothing else means anything."""

import dataclasses
import inspect
import zoneinfo
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import talk, waiting
from bot.domain.script import Action
from bot.services import signals, space, space_form
from bot.telegram import callback_data as to
from bot.telegram.callback_data import LONGEST, decode, encode
from bot.telegram.handlers import taps

TAPS: list[type] = [cls for _, cls in inspect.getmembers(to, dataclasses.is_dataclass)]
MOST = 10**18 - 1
ZONES = sorted(zoneinfo.available_timezones())
# What may stand in fields that hold text, by their name; identifiers of scripts have up to 24 characters.
TEXTS: dict[str, list[str]] = {
    "what": ["menu", "remind_time", "settings_quiet", *(action.value for action in Action)],
    "value": ["a" * 24, "0", "10", "skipped", "done"],
    "wording": [space_form.FEW_MINUTES, space_form.SETTLE],
    "reply": list(space.REPLIES),
    "name": ZONES,
    "time": ["0830", "2359"],
    "slot": list(signals.SLOTS),
    "when": [talk.HOUR, talk.EVENING, talk.TOMORROW],
    "ready": [waiting.ON_RETURN, waiting.AFTER, waiting.EVENING, waiting.MORNING],
    "start": ["2200"],
    "end": ["0800"],
    "week": ["2026-03-01"],
    "locale": ["en", "de"],
    "lean": ["out", "back", "depends", "none"],
}


def texts(field: str) -> list[str]:
    return TEXTS.get(field, ["some_other_text"])


def meant(cls: type, ints: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    """Values of this kind of tap, as the bot makes them."""
    parts = {
        each.name: ints if each.type is int else st.sampled_from(texts(each.name))
        for each in dataclasses.fields(cls)
    }
    return st.builds(cls, **parts)


anything = st.sampled_from(TAPS).flatmap(lambda cls: meant(cls, st.integers(0, MOST)))


def test_there_are_taps_and_each_has_somebody_who_handles_it() -> None:
    assert len(TAPS) >= 30
    assert set(taps.HANDLERS) == set(TAPS)


@pytest.mark.parametrize("cls", TAPS)
def test_the_largest_of_each_kind_fits_a_button(cls: type) -> None:
    ints = {each.name: MOST for each in dataclasses.fields(cls) if each.type is int}
    longest = {
        each.name: max(texts(each.name), key=len) for each in dataclasses.fields(cls) if each.type is not int
    }
    value = cls(**ints, **longest)
    assert len(encode(value).encode()) <= LONGEST == 64
    assert decode(encode(value)) == value


@settings(derandomize=True, max_examples=500, database=None)
@given(anything)
def test_it_comes_back_as_it_went_in(value: Any) -> None:
    assert decode(encode(value)) == value


def test_every_time_zone_fits() -> None:
    for name in ZONES:
        assert decode(encode(to.PickZone(name))) == to.PickZone(name)


def test_a_colon_may_stand_in_the_last_text_only() -> None:
    assert decode(encode(to.RemindAt("08:30"))) == to.RemindAt("08:30")
    with pytest.raises(ValueError, match="does not fit"):
        encode(to.QuietHoursPick("22:00", "08:00"))


@pytest.mark.parametrize("value", [to.Open("x" * 63), to.Open("ä" * 32), to.AnswerStep(MOST, MOST, "a" * 25)])
def test_what_is_too_long_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        encode(value)


@pytest.mark.parametrize(
    "data",
    [
        "",
        ":",
        "::",
        "zzz",
        "o",
        "a:1:2",
        "a:1",
        "a::2:x",
        "a:1::x",
        "a:-1:2:x",
        "a:+1:2:x",
        "a: 1:2:x",
        "a:1.0:2:x",
        "a:1e3:2:x",
        "a:0x1:2:x",
        "a:1_0:2:x",
        "a:٣:2:x",
        "a:²:2:x",
        f"a:{10**18}:2:x",
        "a:" + "9" * 60,
        "ss",
        "ss:",
        "ss:1:2",
        "ss:1 ",
        "ss:1\n",
        "bs:",
        "bs:1",
        "x:",
        "SS:1",
        " ss:1",
        "ss;1",
        "\x00",
        "💔",
    ],
)
def test_what_was_never_ours_means_nothing(data: str) -> None:
    assert decode(data) is None


@settings(derandomize=True, max_examples=500, database=None)
@given(st.text(max_size=64))
def test_random_text_never_hurts(data: str) -> None:
    found = decode(data)
    assert found is None or type(found) in TAPS


@settings(derandomize=True, max_examples=500, database=None)
@given(st.binary(max_size=64))
def test_random_bytes_never_hurt(data: bytes) -> None:
    found = decode(data.decode("utf-8", "replace"))
    assert found is None or type(found) in TAPS


@settings(derandomize=True, max_examples=300, database=None)
@given(
    code=st.sampled_from(["a", "ss", "se", "rs", "ni", "bs", "q"]),
    rest=st.text(":0123456789-ax", max_size=20),
)
def test_what_looks_like_ours_is_read_whole_or_not_at_all(code: str, rest: str) -> None:
    found = decode(f"{code}:{rest}")
    if found is None:
        return
    for each in dataclasses.fields(found):
        value = getattr(found, each.name)
        assert type(value) is each.type
        if isinstance(value, int):
            assert 0 <= value <= MOST
    assert decode(encode(found)) == found


@settings(derandomize=True, max_examples=300, database=None)
@given(anything, st.data())
def test_cut_off_it_means_nothing_or_another_thing_of_the_same_kind(value: Any, data: st.DataObject) -> None:
    whole = encode(value)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    found = decode(cut)
    if cut.count(":") < whole.count(":"):
        assert found is None or type(found) is not type(value)
    elif found is not None and ":" in whole:
        assert type(found) is type(value)
