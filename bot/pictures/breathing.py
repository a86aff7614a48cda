"""A breath as a picture that moves: a circle that grows, rests and shrinks, with word and seconds.

One breath, in a loop, as a GIF of few colours: Telegram shows it at once, at any size, and plays it for ever.
Its card has a background of its own, so that it reads the same in a light chat and in a dark one.
"""

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from bot.domain.breathing import Pattern, fingerprint, moment

SIZE = 360
"""Pixels on each side."""
FRAME_MS = 80
"""Between two frames of what moves: GIF counts in hundredths, and viewers are slow below 50 ms."""
SMALLEST, LARGEST = 56, 116
"""Radius in pixels, at rest and when full."""
PAPER, RING, CIRCLE, COUNT, WORD = (
    (250, 246, 239),
    (224, 235, 233),
    (150, 191, 188),
    (28, 62, 66),
    (38, 76, 80),
)
_FINE = 3
"""Drawn so many times larger, for edges without steps."""
_COLOURS = 32
_MIDDLE = (SIZE / 2, 152)
_WORD_AT = (SIZE / 2, 320)

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Frame:
    """What is seen for so long (ms): how full one is (0 to 1), the phase, the seconds it still takes."""

    full: float
    phase: str
    count: int
    ms: int


def frames(pattern: Pattern) -> list[Frame]:
    """One breath. What looks the same is one frame; together they are as long as the breath."""
    found: list[Frame] = []
    for at in range(0, round(pattern.seconds * 1000), FRAME_MS):
        ms = min(FRAME_MS, round(pattern.seconds * 1000) - at)
        now = moment(pattern, at / 1000, pattern.seconds)
        assert now is not None
        phase = next(each for each in pattern.phases if each.name == now.phase and each.full == now.heading)
        left = math.ceil(round(phase.seconds * (1 - now.fraction), 3))
        frame = Frame(_eased(now.full, phase.full, now.fraction, pattern), now.phase, left, ms)
        if found and (found[-1].full, found[-1].phase, found[-1].count) == (frame.full, frame.phase, left):
            found[-1] = Frame(frame.full, frame.phase, left, found[-1].ms + ms)
        else:
            found.append(frame)
    return found


def _eased(full: float, end: float, fraction: float, pattern: Pattern) -> float:
    """Softly begun and softly ended, as a breath is; `full` is the even course."""
    if fraction in (0, 1) or full == end:
        return full
    begin = (full - end * fraction) / (1 - fraction)
    return begin + (end - begin) * (1 - math.cos(math.pi * fraction)) / 2


def animation(pattern: Pattern, words: Mapping[str, str]) -> bytes:
    """The breath as a GIF that loops, with its fingerprint as comment; `words`: each phase's."""
    shown = frames(pattern)
    drawn = [_draw(each, words[each.phase]) for each in shown]
    palette = drawn[len(drawn) // 4].quantize(_COLOURS, dither=Image.Dither.NONE)
    few = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in drawn]
    file = io.BytesIO()
    durations = [each.ms for each in shown]
    few[0].save(
        file,
        "GIF",
        save_all=True,
        append_images=few[1:],
        duration=durations,
        loop=0,
        disposal=1,
        comment=fingerprint(pattern, words).encode(),
    )
    return file.getvalue()


def _draw(frame: Frame, word: str) -> Image.Image:
    picture = Image.new("RGB", (SIZE * _FINE, SIZE * _FINE), PAPER)
    draw = ImageDraw.Draw(picture)
    _circle(draw, LARGEST + 14, RING)
    radius = SMALLEST + (LARGEST - SMALLEST) * frame.full
    _circle(draw, radius + 9, _between(RING, CIRCLE, 0.45))
    _circle(draw, radius, CIRCLE)
    _write(draw, _MIDDLE, str(frame.count), 56, COUNT)
    _write(draw, _WORD_AT, word, 32, WORD)
    return picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def _circle(draw: ImageDraw.ImageDraw, radius: float, colour: Colour) -> None:
    x, y = _MIDDLE
    box = (x - radius, y - radius, x + radius, y + radius)
    draw.ellipse([each * _FINE for each in box], fill=colour)


def _write(draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, colour: Colour) -> None:
    x, y = at
    draw.text((x * _FINE, y * _FINE), text, colour, _font(size * _FINE), anchor="mm")


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The one that Pillow brings along: the same on every machine."""
    return ImageFont.load_default(size)


def _between(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
