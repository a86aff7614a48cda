"""One person's weeks as a picture: how strong it was, what they needed, when, and what helped.

Every mark has a shape or a place of its own beside its colour, and the colours differ in lightness, too: the
picture reads the same to whoever sees few colours, or none.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.trends import ENOUGH, Trends

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

STYLE = Path(__file__).with_suffix(".mplstyle")
WIDTH = 3.75
"""Inches, of 288 pixels each (the style)."""
STRENGTH_HIGH, NEEDS_HIGH, COUNTS_HIGH = 1.85, 1.75, 1.5
"""Inches, of each row with its title."""
INK, SOFT = "#1C3E42", "#8AA5A3"
BEFORE, AFTER = "#A8471F", "#1B6F8A"
NEEDS = {"connection": "#D98A3D", "calm": "#1F4E79", "understanding": "#6FB0A0"}
BESIDE = 0.36
"""So far to the right stands a number that was given alone: it covers no other."""
MOST_HELPED = 4
"""As many rows as there are times of day beside them."""
HATCHES = {"connection": "", "calm": "", "understanding": "////"}


@dataclass(frozen=True)
class Labels:
    """The words on the picture, in one language. `spans`: one for each span of time, empty for most."""

    strength: str
    before: str
    after: str
    alone: str
    need: str
    needs: Mapping[str, str]
    time: str
    times: Mapping[str, str]
    help: str
    helped: Mapping[str, str]
    spans: tuple[str, ...]


def chart(trends: Trends, labels: Labels, strength_only: bool = False) -> bytes:
    """A PNG, 1080 pixels wide; parts with too little to show are left out."""
    from matplotlib import style
    from matplotlib.figure import Figure

    needs = not strength_only and sum(trends.needs.values()) >= ENOUGH
    heights = [STRENGTH_HIGH, *([NEEDS_HIGH] if needs else []), *([] if strength_only else [COUNTS_HIGH])]
    with style.context(STYLE):
        figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.08, h_pad=0.07, hspace=0.03, wspace=0.02)  # type: ignore[union-attr, call-arg]
        rows = iter(figure.subfigures(len(heights), height_ratios=heights, squeeze=False)[:, 0])
        _strength(_part(next(rows), labels.strength), trends, labels)
        if needs:
            _needs(_part(next(rows), labels.need), trends, labels)
        if not strength_only:
            _counts(next(rows), trends, labels)
        file = io.BytesIO()
        figure.savefig(file, format="png")
    return file.getvalue()


def _part(room: "SubFigure", title: str) -> "Axes":
    """A part with its title at the edge: over the axes alone, a long one would not fit."""
    room.suptitle(title, x=0.03, ha="left", fontweight="bold", fontsize="large")
    return room.subplots()


def _strength(axes: "Axes", trends: Trends, labels: Labels) -> None:
    """A round mark for the first number, a square one for the second, and a line between them."""
    places = range(len(trends.spans))
    pairs = [
        (at, span.before, span.after)
        for at, span in zip(places, trends.spans, strict=True)
        if span.before is not None and span.after is not None
    ]
    alone = [
        (at, span.alone) for at, span in zip(places, trends.spans, strict=True) if span.alone is not None
    ]
    axes.vlines([at for at, _, _ in pairs], [b for _, b, _ in pairs], [a for _, _, a in pairs], SOFT, lw=2)
    marks = {"linestyle": "", "clip_on": False, "zorder": 3}
    if pairs:
        at, before, after = zip(*pairs, strict=True)
        axes.plot(at, before, "o", color=BEFORE, markersize=8, label=labels.before, **marks)  # type: ignore[arg-type]
        axes.plot(at, after, "s", color=AFTER, markersize=6.5, label=labels.after, **marks)  # type: ignore[arg-type]
    if alone:
        at, number = zip(*alone, strict=True)
        hollow = {"color": "none", "markeredgecolor": INK, "markeredgewidth": 1.4, **marks}
        beside = [each + BESIDE for each in at]
        axes.plot(beside, number, "o", markersize=4.5, label=labels.alone, **hollow)  # type: ignore[arg-type]
    axes.set_ylim(0, 10)
    axes.set_yticks([0, 5, 10])
    axes.grid(axis="y")
    _time_axis(axes, trends, labels)
    _legend(axes)


def _needs(axes: "Axes", trends: Trends, labels: Labels) -> None:
    """How often each was named, one upon the other."""
    under = [0] * len(trends.spans)
    for need, colour in NEEDS.items():
        counts = [span.needs[need] for span in trends.spans]
        axes.bar(
            range(len(counts)),
            counts,
            width=0.72,
            bottom=under,
            color=colour,
            edgecolor="#FAF6EF",
            hatch=HATCHES[need],
            label=labels.needs[need],
        )
        under = [below + count for below, count in zip(under, counts, strict=True)]
    highest = max(under)
    axes.set_ylim(0, max(highest, 2))
    axes.set_yticks([0, highest] if highest < 4 else [0, highest // 2, highest])
    axes.grid(axis="y")
    _time_axis(axes, trends, labels)
    _legend(axes)


def _counts(row: "SubFigure", trends: Trends, labels: Labels) -> None:
    """When it was; and beside it what helped, if it was said often enough."""
    helped = {labels.helped[each]: count for each, count in trends.helped.items() if count}
    parts = [(labels.time, {labels.times[each]: count for each, count in trends.times.items()})]
    if sum(helped.values()) >= ENOUGH:
        parts.append((labels.help, dict(sorted(helped.items(), key=lambda each: -each[1])[:MOST_HELPED])))
    for room, (title, counts) in zip(row.subfigures(1, len(parts), squeeze=False)[0], parts, strict=True):
        _bars(_part(room, title), counts)


def _bars(axes: "Axes", counts: Mapping[str, int]) -> None:
    """A row each, with its number: nothing has to be read off an axis."""
    places = range(len(counts))
    bars = axes.barh(places, list(counts.values()), height=0.62, color=AFTER)
    axes.bar_label(bars, padding=4, fontsize=9)
    axes.set_yticks(places, list(counts))
    axes.set_ylim(len(counts) - 0.4, -0.6)
    axes.set_xlim(0, max(*counts.values(), 1) * 1.18)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)


def _time_axis(axes: "Axes", trends: Trends, labels: Labels) -> None:
    named = [at for at, label in enumerate(labels.spans) if label]
    axes.set_xticks(named, [labels.spans[at] for at in named])
    axes.set_xlim(-0.6, len(trends.spans) - 0.4)


def _legend(axes: "Axes") -> None:
    """Under the axis: what lies on the picture would hide some of it."""
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.24), ncols=3)
