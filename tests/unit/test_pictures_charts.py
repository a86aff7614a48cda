"""The pictures of one's weeks: they fit, they can be read on a phone, and by whoever sees few colours."""

import io
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import combinations

import pytest
from matplotlib import colors, style
from matplotlib.figure import Figure
from PIL import Image

from bot.content.catalog import Content, load
from bot.domain.decision import Notice
from bot.domain.model import Person, PersonId
from bot.domain.trends import NEEDS, CheckIn, Period, Trends, look
from bot.pictures import charts
from bot.telegram.render.trends import TRENDS, Chart, chart_of
from bot.telegram.render.words import Words

TODAY = date(2026, 3, 4)
NOW = datetime(2026, 3, 4, 19, tzinfo=UTC)
PHONE = 360
"""The width in points at which a phone shows a picture, and so how small its letters get."""
SMALLEST_LETTERS = 9
"""In such points; Telegram's times under a message have 11 to 12."""


@cache
def content() -> Content:
    return load()


def a_year() -> list[CheckIn]:
    """Something on every third day, of every kind."""
    return [
        CheckIn(
            datetime.combine(TODAY - timedelta(days=3 * number), time((5 * number) % 24)),
            before=None if number % 7 == 0 else number % 11,
            after=None if number % 3 == 0 else (number * 5) % 11,
            need=NEEDS[number % 3],
            helped=("pausing", "space", "touch", "softly", "listening")[number % 5],
        )
        for number in range(120)
    ]


def drawn_for(locale: str, period: Period, check_ins: list[CheckIn] | None = None) -> Chart:
    reader = Person(PersonId(1), "Mara", locale, "Europe/Berlin", time(22), time(8), True, NOW)
    trends = look(a_year() if check_ins is None else check_ins, period, TODAY)
    notice = Notice(TRENDS, reader.id, {"period": period}, {"trends": trends.to_json()})
    found = chart_of(notice, Words(content(), reader, NOW, "still_here_bot"))
    assert found is not None
    return found


def png(chart: Chart, *, strength_only: bool = False) -> Image.Image:
    return Image.open(io.BytesIO(charts.chart(chart.trends, chart.labels, strength_only)))


@pytest.mark.parametrize("locale", ["de", "en"])
@pytest.mark.parametrize("period", Period)
def test_everything_on_it_is_inside(monkeypatch: pytest.MonkeyPatch, locale: str, period: Period) -> None:
    """No word is cut off, in the longest of them either."""
    figures: list[Figure] = []
    save = Figure.savefig

    def keep(figure: Figure, *args: object, **more: object) -> None:
        figures.append(figure)
        save(figure, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Figure, "savefig", keep)
    png(drawn_for(locale, period))
    [figure] = figures
    tight, whole = figure.get_tightbbox(), figure.bbox_inches
    assert tight.x0 >= 0
    assert tight.y0 >= 0
    assert tight.x1 <= whole.x1
    assert tight.y1 <= whole.y1


def test_it_is_as_wide_as_a_phone_shows_and_no_higher_than_needed() -> None:
    whole = png(drawn_for("en", Period.YEAR))
    assert whole.width == 1080
    assert whole.height <= 1.4 * whole.width, "Telegram makes what is higher narrower"
    strength = png(drawn_for("en", Period.WEEK), strength_only=True)
    assert strength.width == 1080
    assert strength.height < whole.height / 2


def test_what_was_said_too_seldom_is_left_out() -> None:
    numbers = [CheckIn(datetime.combine(TODAY, time(20)), 6, 4)] * 3
    some = [CheckIn(datetime.combine(TODAY, time(20)), need="calm", helped="space")] * 3
    without, with_needs = (
        png(drawn_for("en", Period.TWO_WEEKS, each)) for each in (numbers, [*numbers, *some])
    )
    assert without.height < with_needs.height


def test_letters_can_be_read_on_a_phone() -> None:
    with style.context(charts.STYLE) as _:
        from matplotlib import rcParams

        sizes = [rcParams[f"{each}.labelsize"] for each in ("xtick", "ytick")]
        sizes += [rcParams["legend.fontsize"], rcParams["font.size"]]
    for points in sizes:
        pixels = points / 72 * charts.WIDTH * 288 / charts.WIDTH
        assert pixels * PHONE / 1080 >= SMALLEST_LETTERS


# -- colours, after Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB
SEEN_AS = {
    "by most": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
PAPER = "#FAF6EF"
Seen = tuple[float, float, float]


def seen(colour: str, by: str) -> Seen:
    linear = [_linear(each) for each in colors.to_rgb(colour)]
    red, green, blue = (
        min(max(sum(part * share for part, share in zip(linear, row, strict=True)), 0), 1)
        for row in SEEN_AS[by]
    )
    return red, green, blue


def _linear(value: float) -> float:
    return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)


def luminance(colour: Seen) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def contrast(one: Seen, other: Seen) -> float:
    """After WCAG 2.2, from 1 to 21."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def apart(one: Seen, other: Seen) -> float:
    """How different two colours are: CIE76, in L*a*b* with white D65. About 2 can just be seen."""
    return float(sum((a - b) ** 2 for a, b in zip(_lab(one), _lab(other), strict=True)) ** 0.5)


def _lab(rgb: Seen) -> Seen:
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    x, y, z = (
        sum(part * share for part, share in zip(rgb, row, strict=True)) / full
        for row, full in zip(rows, white, strict=True)
    )
    fx, fy, fz = (each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("by", SEEN_AS)
@pytest.mark.parametrize("family", [tuple(charts.NEEDS.values()), (charts.BEFORE, charts.AFTER)])
def test_colours_can_be_told_apart(by: str, family: tuple[str, ...]) -> None:
    for one, other in combinations(family, 2):
        assert apart(seen(one, by), seen(other, by)) > 20, (one, other)


@pytest.mark.parametrize("by", SEEN_AS)
def test_marks_stand_out_from_the_paper(by: str) -> None:
    """Three to one, as WCAG 2.2 asks of what is not text; bars have their number or their edge, too."""
    paper = seen(PAPER, by)
    for colour in (charts.BEFORE, charts.AFTER, charts.INK, charts.NEEDS["calm"]):
        assert contrast(seen(colour, by), paper) >= 3, colour
    for colour in charts.NEEDS.values():
        assert contrast(seen(colour, by), paper) >= 2, colour


def test_the_same_trends_are_the_same_picture() -> None:
    chart = drawn_for("en", Period.YEAR)
    assert isinstance(chart.trends, Trends)
    one, other = (charts.chart(chart.trends, chart.labels) for _ in range(2))
    assert one == other
