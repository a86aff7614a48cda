"""Every fault a script can have: found, all of them at once, at its place."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.script import MOST_LABEL, MOST_TEXT, Action, Choice, Issue, Kind, Script, Step, validate

GOOD = Script(
    id="good",
    version=1,
    title="Good",
    promise="Two minutes",
    source="Made up",
    start="hello",
    steps={
        "hello": Step("hello", Kind.SAY, "Hello.", next="strength"),
        "strength": Step("strength", Kind.SCALE, "How strong?", next="need"),
        "need": Step(
            "need",
            Kind.ASK,
            "What now?",
            choices=(Choice("line", "Write", next="line"), Choice("breath", "Breathe", next="breath")),
        ),
        "line": Step("line", Kind.WRITE, "Write.", next="on", label="Skip"),
        "breath": Step("breath", Kind.BREATHE, "Breathe.", next="on"),
        "on": Step(
            "on",
            Kind.OFFER,
            "And?",
            choices=(Choice("space", "Space", do=Action.SPACE), Choice("stop", "Enough", next="bye")),
        ),
        "bye": Step("bye", Kind.END, "Bye."),
    },
)


def having(step: str, **changes: Any) -> Script:
    """The good script with one step changed."""
    return replace(GOOD, steps={**GOOD.steps, step: replace(GOOD.steps[step], **changes)})


def places(script: Script) -> list[tuple[str | int, ...]]:
    return [issue.where for issue in validate(script)]


def test_a_good_one_has_none() -> None:
    assert validate(GOOD) == []


def test_it_starts_nowhere() -> None:
    [issue] = validate(replace(GOOD, start="nowhere"))
    assert issue.where == ("start",)
    assert "nowhere" in issue.message


def test_next_is_no_step() -> None:
    assert validate(having("hello", next="nowhere")) == [
        Issue(("steps", "hello", "next"), "“nowhere” is no step")
    ]


def test_a_choice_leads_to_no_step() -> None:
    choices = (Choice("line", "Write", next="line"), Choice("breath", "Breathe", next="nowhere"))
    assert validate(having("need", choices=choices)) == [
        Issue(("steps", "need", "choices", 1, "next"), "“nowhere” is no step")
    ]


@pytest.mark.parametrize("choice", [Choice("a", "A"), Choice("a", "A", next="bye", do=Action.DONE)])
def test_a_choice_needs_one_way_on(choice: Choice) -> None:
    script = having("on", choices=(choice, Choice("bye", "Bye", next="bye")))
    assert validate(script) == [Issue(("steps", "on", "choices", 0), "a choice needs either “next” or “do”")]


def test_two_choices_with_one_id() -> None:
    choices = (Choice("a", "A", next="line"), Choice("a", "B", next="breath"))
    assert validate(having("need", choices=choices)) == [
        Issue(("steps", "need", "choices"), "two choices have the same id")
    ]


@pytest.mark.parametrize("step", ["hello", "strength", "line", "breath"])
def test_a_dead_end(step: str) -> None:
    [issue] = validate(having(step, next=None))
    assert issue.where == ("steps", step)
    assert "dead end" in issue.message


def test_no_way_leads_there() -> None:
    script = replace(GOOD, steps={**GOOD.steps, "island": Step("island", Kind.END, "Here.")})
    assert validate(script) == [Issue(("steps", "island"), "no way leads to this step")]


def test_islands_that_know_each_other_are_islands() -> None:
    one, other = Step("one", Kind.SCALE, "1", next="other"), Step("other", Kind.SCALE, "2", next="one")
    script = replace(GOOD, steps={**GOOD.steps, "one": one, "other": other})
    assert places(script) == [("steps", "one"), ("steps", "other")]


def test_a_loop_that_waits_is_allowed() -> None:
    assert validate(having("line", next="need")) == []


def test_a_loop_that_never_waits() -> None:
    loop = {
        "hello": Step("hello", Kind.SAY, "Hello.", next="again"),
        "again": Step("again", Kind.SAY, "Again.", next="hello"),
    }
    issues = validate(replace(GOOD, steps=loop))
    assert [issue.where for issue in issues] == [("steps", "hello"), ("steps", "again")]
    assert all("never waits" in issue.message for issue in issues)


def test_a_step_that_leads_to_itself() -> None:
    assert places(replace(GOOD, steps={"hello": Step("hello", Kind.SAY, "Hello.", next="hello")})) == [
        ("steps", "hello")
    ]


@pytest.mark.parametrize("kind", ["text", "label", "choice"])
def test_exactly_as_long_as_allowed(kind: str) -> None:
    match kind:
        case "text":
            make = lambda n: having("hello", text="x" * (MOST_TEXT + n))  # noqa: E731
            where: tuple[str | int, ...] = ("steps", "hello", "text")
        case "label":
            make = lambda n: having("line", label="x" * (MOST_LABEL + n))  # noqa: E731
            where = ("steps", "line", "label")
        case _:
            make = lambda n: having(  # noqa: E731
                "on",
                choices=(Choice("a", "ok", next="bye"), Choice("b", "x" * (MOST_LABEL + n), do=Action.DONE)),
            )
            where = ("steps", "on", "choices", 1, "label")
    assert validate(make(0)) == []
    assert places(make(1)) == [where]


def test_the_limits() -> None:
    assert (MOST_TEXT, MOST_LABEL) == (400, 24)


def test_all_faults_at_once() -> None:
    script = replace(
        GOOD,
        start="nowhere",
        steps={
            "one": Step("one", Kind.SAY, "x" * 401, next="nothing"),
            "two": Step("two", Kind.SCALE, "How?"),
            "three": Step(
                "three",
                Kind.ASK,
                "What?",
                choices=(
                    Choice("a", "x" * 25, next="gone"),
                    Choice("a", "B"),
                    Choice("c", "C", next="one", do=Action.DONE),
                ),
                label="y" * 30,
            ),
        },
    )
    assert sorted(map(str, places(script))) == sorted(
        str(place)
        for place in [
            ("start",),
            ("steps", "one", "next"),
            ("steps", "one", "text"),
            ("steps", "two"),
            ("steps", "three", "choices", 0, "next"),
            ("steps", "three", "choices", 1),
            ("steps", "three", "choices", 2),
            ("steps", "three", "choices"),
            ("steps", "three", "choices", 0, "label"),
            ("steps", "three", "label"),
        ]
    )


def test_what_waits() -> None:
    assert {kind for kind in Kind if not kind.waits} == {Kind.SAY, Kind.END}
