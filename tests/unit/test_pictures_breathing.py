"""The pictures of breaths: they are as long as the breath, they move with it, and can be read anywhere."""

import io
from functools import cache
from itertools import pairwise

import pytest
from PIL import Image

from bot.content import pictures, reading
from bot.content.catalog import Content, load
from bot.domain.breathing import PATTERNS, Pattern, fingerprint, moment, own_pattern, pattern_named
from bot.pictures import breathing

LOCALES = ("de", "en")
MOST_BYTES, MOST_PIXELS = 500_000, 640
LIGHT, DARK = (255, 255, 255), (14, 22, 33)
"""Telegram's chats."""

each_pattern = pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)


@cache
def content() -> Content:
    return load()


def shipped(locale: str, pattern: Pattern) -> Image.Image:
    return Image.open(pictures.file_of(reading.shipped() / locale, pattern))


def circle(frame: Image.Image) -> int:
    """How many pixels the moving circle has, without what is written on it."""
    wanted = breathing.CIRCLE
    colours = frame.convert("RGB").getcolors(1 << 20) or []
    return sum(count for count, colour in colours if _distance(colour, wanted) < 30)


def _distance(one: object, other: tuple[int, int, int]) -> int:
    assert isinstance(one, tuple)
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def _contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """After WCAG 2.2: relative luminance, from 1 to 21."""

    def luminance(colour: tuple[int, int, int]) -> float:
        parts = [value / 255 for value in colour]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@each_pattern
@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_shipped_is_light_and_made_of_these_words(locale: str, pattern: Pattern) -> None:
    file = pictures.file_of(reading.shipped() / locale, pattern)
    assert file.stat().st_size <= MOST_BYTES
    words = {phase.name: content().text(locale, f"breath.phase.{phase.name}") for phase in pattern.phases}
    with shipped(locale, pattern) as picture:
        assert max(picture.size) <= MOST_PIXELS
        assert picture.info["comment"].decode() == fingerprint(pattern, words)
        assert picture.info["loop"] == 0, "for ever"
    assert content().picture(locale, pattern.id) == file


@each_pattern
def test_one_round_is_one_breath_and_its_circle_goes_with_it(pattern: Pattern) -> None:
    with shipped("en", pattern) as picture:
        at, seen = 0.0, []
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            now = moment(pattern, at, pattern.seconds)
            assert now is not None
            seen.append((now.full, circle(picture)))
            at += picture.info["duration"] / 1000
        assert at == pytest.approx(pattern.seconds, abs=breathing.FRAME_MS / 1000)
    empty, full = min(size for _, size in seen), max(size for _, size in seen)
    assert full > 3 * empty
    assert all(size > 0.8 * full for share, size in seen if share == 1)
    assert all(size < 1.4 * empty for share, size in seen if share == 0)


@each_pattern
def test_the_seconds_are_counted_down_in_each_phase(pattern: Pattern) -> None:
    shown = breathing.frames(pattern)
    assert sum(each.ms for each in shown) == pattern.seconds * 1000
    for phase in pattern.phases:
        counts = [each.count for each in shown if each.phase == phase.name]
        assert max(counts) == max(each.seconds for each in pattern.phases if each.name == phase.name)
        assert min(counts) == 1
    for one, other in pairwise(shown):
        assert other.count in (one.count, one.count - 1) or one.phase != other.phase or one.count == 1


def test_it_reads_on_its_own_card_and_the_card_stands_out_from_a_dark_chat() -> None:
    assert _contrast(breathing.WORD, breathing.PAPER) >= 7
    assert _contrast(breathing.COUNT, breathing.CIRCLE) >= 4.5
    assert _contrast(breathing.PAPER, DARK) >= 7


@each_pattern
def test_what_is_shipped_is_what_the_command_draws(pattern: Pattern) -> None:
    """Pixel by pixel, at the top of the breath; so nobody forgets the command."""
    words = {phase.name: content().text("de", f"breath.phase.{phase.name}") for phase in pattern.phases}
    shown = breathing.frames(pattern)
    number = next(place for place, each in enumerate(shown) if each.full > 0.9)
    drawn = breathing._draw(shown[number], words[shown[number].phase])
    with shipped("de", pattern) as picture:
        at, until = 0, sum(each.ms for each in shown[:number])
        for place in range(getattr(picture, "n_frames", 1)):
            picture.seek(place)
            at += picture.info["duration"]
            if at > until:
                break
        buffer = io.BytesIO()
        picture.convert("RGB").save(buffer, "PNG")
    near = Image.open(buffer)
    far = sum(
        _distance(near.getpixel((x, y)), drawn.getpixel((x, y))) > 60  # type: ignore[arg-type]
        for x in range(0, breathing.SIZE, 4)
        for y in range(0, breathing.SIZE, 4)
    )
    assert far < 40


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("4-6", ["in", "out"]),
        (" 4 / 7 / 8 ", ["in", "hold", "out"]),
        ("4,4,4,4", ["in", "hold", "out", "hold"]),
        ("20-20", ["in", "out"]),
    ],
)
def test_a_rhythm_of_ones_own(typed: str, names: list[str]) -> None:
    pattern = own_pattern(typed)
    assert pattern is not None
    assert [each.name for each in pattern.phases] == names
    assert pattern_named(pattern.id) == pattern


@pytest.mark.parametrize(
    "typed", ["", "4", "0-5", "21-5", "20-20-20", "4-4-4-4-4", "four-six", "4-6; x", "-4-6"]
)
def test_what_is_no_rhythm(typed: str) -> None:
    assert own_pattern(typed) is None
