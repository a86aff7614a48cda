"""Every fault a script can have: found, all of them at once, at its place."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.model import Lean
from bot.domain.script import (
    SKIPPED,
    WRITTEN,
    Action,
    Choice,
    Keep,
    Kind,
    Measure,
    Script,
    Step,
    TimeOfDay,
    Way,
    When,
)
from bot.domain.script_rules import MOST_ANSWER, MOST_CHOICES, validate
from bot.domain.script_words import MOST_LABEL, MOST_PROMISE, MOST_TEXT


def script(*steps: Step, **more: Any) -> Script:
    head = {"title": "Good", "promise": "Two minutes", "source": "Made up", **more}
    return Script("good", 1, start=steps[0].id, steps={step.id: step for step in steps}, **head)


STRONG = When(at_least={"strength": 7})
GOOD = script(
    Step("hello", Kind.SAY, "Hello, {partner}.", next="strength", more_texts=("Hello again.",)),
    Step("strength", Kind.SCALE, "How strong?", next="sort", skip="need", measures=Measure.OTHER),
    Step(
        "sort",
        Kind.BRANCH,
        ways=(Way(STRONG, "breath"), Way(When(time=(TimeOfDay.NIGHT,)), "feet")),
        next="need",
    ),
    Step(
        "need",
        Kind.ASK,
        "What now?",
        choices=(
            Choice("line", "Write", next="line", leans=Lean.OUT),
            Choice("breath", "Breathe", next="breath", when=When(leans=("back", "unknown"))),
            Choice("other", "Another one", do=Action.SCRIPT, script="pause"),
        ),
        skip="bye",
    ),
    Step("line", Kind.WRITE, "Write.", next="on", label="Not now", skip="bye", limit=200, keep=Keep.NOTHING),
    Step("breath", Kind.BREATHE, "Breathe.", next="feet", pattern="box", seconds=32),
    Step("feet", Kind.GROUND, "Feel.", parts=("Your feet.", "Your hands."), next="bye"),
    Step(
        "on",
        Kind.OFFER,
        "And “{line}”?",
        choices=(
            Choice("send", "Send it", do=Action.SEND, of="line", when=When(linked=True)),
            Choice("keep", "Keep it", do=Action.KEEP, of="line"),
            Choice("on", "Go on", next="bye"),
            Choice("done", "Enough", do=Action.DONE),
        ),
    ),
    Step("bye", Kind.END, "Bye."),
)


def having(step: str, **changes: Any) -> Script:
    """The good script with one step changed."""
    return replace(GOOD, steps={**GOOD.steps, step: replace(GOOD.steps[step], **changes)})


def having_choice(step: str, number: int, **changes: Any) -> Script:
    choices = list(GOOD.steps[step].choices)
    choices[number] = replace(choices[number], **changes)
    return having(step, choices=tuple(choices))


def with_step(step: Step) -> Script:
    return replace(GOOD, steps={**GOOD.steps, step.id: step})


def found(script: Script) -> list[tuple[str, str]]:
    """Every fault: its place, joined by dots, and what is said."""
    return [(".".join(map(str, issue.where)), issue.message) for issue in validate(script)]


def places(script: Script) -> list[str]:
    return [place for place, _ in found(script)]


def test_a_good_one_has_none() -> None:
    assert validate(GOOD) == []


ONE_FAULT: dict[str, tuple[Script, str, str]] = {
    "starts nowhere": (replace(GOOD, start="nowhere"), "start", "“nowhere”, which is no step"),
    "next is no step": (having("hello", next="nowhere"), "steps.hello.next", "“nowhere” is no step"),
    "skip is no step": (having("need", skip="gone"), "steps.need.skip", "“gone” is no step"),
    "a choice leads to no step": (
        having_choice("on", 2, next="gone"),
        "steps.on.choices.2.next",
        "“gone” is no",
    ),
    "a way leads to no step": (
        having("sort", ways=(Way(STRONG, "breath"), Way(When(linked=True), "gone"))),
        "steps.sort.ways.1.next",
        "“gone” is no step",
    ),
    "a dead end": (having("hello", next=None), "steps.hello", "a dead end: a “say” step needs “next”"),
    "a branch without otherwise": (having("sort", next=None), "steps.sort", "a dead end"),
    "an end that goes on": (having("bye", next="hello"), "steps.bye.next", "a “end” step has no “next”"),
    "an ask with next": (having("need", next="bye"), "steps.need.next", "has no “next”"),
    "an ask without skip": (having("need", skip=None), "steps.need", "needs “skip”"),
    "a say with skip": (having("hello", skip="bye"), "steps.hello.skip", "cannot be skipped"),
    "an offer with skip": (having("on", skip="bye"), "steps.on.skip", "cannot be skipped"),
    "a choice without a way": (
        having_choice("on", 2, next=None),
        "steps.on.choices.2",
        "either “next” or “do”",
    ),
    "a choice with two": (having_choice("on", 3, next="bye"), "steps.on.choices.3", "either “next” or “do”"),
    "a say with choices": (
        having("hello", choices=(Choice("a", "A", next="bye"),)),
        "steps.hello",
        "has no choices",
    ),
    "two choices with one id": (having_choice("on", 2, id="send"), "steps.on.choices", "the same id"),
    "two choices with one label": (
        having_choice("on", 2, label="keep  IT"),
        "steps.on.choices.2.label",
        "keep  IT",
    ),
    "too many choices": (
        having(
            "on",
            choices=(*GOOD.steps["on"].choices, *(Choice(f"c{n}", f"C{n}", next="bye") for n in range(3))),
        ),
        "steps.on.choices",
        f"7 choices; a question has at most {MOST_CHOICES}",
    ),
    "an offer without an end": (having_choice("on", 3, do=Action.SPACE), "steps.on", "“do: done”"),
    "an offer that ends for some": (
        having_choice("on", 3, when=When(linked=True)),
        "steps.on",
        "always there",
    ),
    "a callback over 64 bytes": (
        having_choice("on", 2, id="x" * (MOST_ANSWER + 2)),
        "steps.on.choices.2.id",
        "2 bytes too long: a callback has 64 bytes",
    ),
    "a choice called skipped": (
        having_choice("on", 2, id=SKIPPED),
        "steps.on.choices.2.id",
        "means something else",
    ),
    "a choice called written": (
        having_choice("on", 2, id=WRITTEN),
        "steps.on.choices.2.id",
        "means something else",
    ),
    "ways of a say": (having("hello", ways=(Way(STRONG, "bye"),)), "steps.hello", "has no “ways”"),
    "parts of a say": (having("hello", parts=("A", "B")), "steps.hello.parts", "has no “parts”"),
    "a label of an ask": (having("need", label="No"), "steps.need.label", "a “ask” step has no “label”"),
    "a limit of a scale": (having("strength", limit=100), "steps.strength.limit", "has no “limit”"),
    "seconds of a ground": (having("feet", seconds=90), "steps.feet.seconds", "has no “seconds”"),
    "what a write measures": (
        having("line", measures=Measure.OTHER),
        "steps.line.measures",
        "has no “measures”",
    ),
    "one part": (having("feet", parts=("A",)), "steps.feet", "2 to 7 parts, not 1"),
    "eight parts": (having("feet", parts=("A",) * 8), "steps.feet", "2 to 7 parts, not 8"),
    "no way of breathing": (having("breath", pattern="fast"), "steps.breath.pattern", "“fast” is no way"),
    "script without do": (having_choice("on", 2, script="pause"), "steps.on.choices.2", "go together"),
    "do script without one": (having_choice("need", 2, script=None), "steps.need.choices.2", "go together"),
    "of without do": (having_choice("on", 2, of="line"), "steps.on.choices.2", "“of” goes with"),
    "send without of": (having_choice("on", 0, of=None), "steps.on.choices.0", "“of” goes with"),
    "a line of no write step": (
        having_choice("on", 0, of="hello"),
        "steps.on.choices.0.of",
        "no “write” step",
    ),
    "leans without next": (having_choice("need", 2, leans=Lean.BACK), "steps.need.choices.2.leans", "“next”"),
    "a condition that always holds": (
        having_choice("on", 0, when=When()),
        "steps.on.choices.0.when",
        "always",
    ),
    "a condition on no scale": (
        having_choice("on", 0, when=When(at_most={"need": 3})),
        "steps.on.choices.0.when.at_most",
        "“need” is no “scale” step",
    ),
    "an answer nobody can give": (
        having_choice("on", 0, when=When(answer={"need": ("line", "gone")})),
        "steps.on.choices.0.when.answer",
        "“gone” is no answer to “need”",
    ),
    "a lean there is not": (
        having_choice("on", 0, when=When(leans=("in",))),
        "steps.on.choices.0.when.leans",
        "one can lean out, back, depends, unknown",
    ),
    "a condition that comes too early": (
        having_choice("need", 1, when=When(answer={"line": (WRITTEN,)})),
        "steps.need.choices.1.when",
        "“line” is never answered before this",
    ),
    "nobody gets there": (
        with_step(Step("island", Kind.END, "Here.")),
        "steps.island",
        "no way leads to this step",
    ),
    "a title too long": (replace(GOOD, title="x" * (MOST_LABEL + 1)), "title", "25 characters"),
    "a promise too long": (replace(GOOD, promise="x" * (MOST_PROMISE + 1)), "promise", "101 characters"),
    "resting on nothing": (replace(GOOD, source=""), "", "what do its statements rest on"),
    "no text": (having("bye", text=""), "steps.bye.text.0", "needs a text"),
    "an empty wording": (having("hello", more_texts=("Hi.", " ")), "steps.hello.text.2", "needs a text"),
    "a branch that speaks": (having("sort", text="Now."), "steps.sort.text", "chooses silently"),
    "a text too long": (
        having("hello", text="x" * 401),
        "steps.hello.text.0",
        "401 characters; a message has",
    ),
    "a wording too long": (having("hello", more_texts=("x" * 401,)), "steps.hello.text.1", "401 characters"),
    "a part too long": (having("feet", parts=("A", "x" * 394)), "steps.feet.text.0", "401 characters"),
    "two questions": (
        having("strength", text="How? Why?"),
        "steps.strength.text.0",
        "more than one question",
    ),
    "two with the part": (
        having("feet", text="Ready?", parts=("Feet?", "Hands.")),
        "steps.feet.text.0",
        "more than one question",
    ),
    "a tag": (having("bye", text="<i>Bye.</i>"), "steps.bye.text.0", "no tags in scripts"),
    "a tag in a part": (
        having("feet", parts=("<b>Feet", "Hands")),
        "steps.feet.parts.0",
        "no tags in scripts",
    ),
    "a label too long": (having_choice("on", 2, label="x" * 25), "steps.on.choices.2.label", "25 characters"),
    "a skip's label too long": (having("line", label="x" * 25), "steps.line.label", "25 characters"),
    "a placeholder on a button": (
        having_choice("on", 2, label="With {partner}"),
        "steps.on.choices.2.label",
        "a button has no placeholders",
    ),
    "a placeholder in a title": (
        replace(GOOD, title="For {partner}"),
        "title",
        "a title has no placeholders",
    ),
    "no such placeholder": (
        having("bye", text="Bye, {name}."),
        "steps.bye.text.0",
        "“{name}” is no placeholder",
    ),
    "a placeholder with a format": (
        having("on", text="{line!r}"),
        "steps.on.text.0",
        "“{line!r}” is no placeholder",
    ),
    "a say as a placeholder": (
        having("bye", text="{hello}"),
        "steps.bye.text.0",
        "“{hello}” is no placeholder",
    ),
    "a brace alone": (having("bye", text="Bye }"), "steps.bye.text.0", "a brace is not in its place"),
    "not answered on every way": (
        having("bye", text="{strength}"),
        "steps.bye.text.0",
        "may not be answered yet",
    ),
    "skipped": (having("line", skip=None), "steps.on.text.0", "“{line}” may not be answered yet"),
    "not in a wording": (
        having("bye", more_texts=("{need}",)),
        "steps.bye.text.1",
        "may not be answered yet",
    ),
    "not in a part": (
        having("feet", parts=("A.", "{need}")),
        "steps.feet.parts.1",
        "may not be answered yet",
    ),
}


@pytest.mark.parametrize("name", ONE_FAULT)
def test_a_fault_is_found_at_its_place(name: str) -> None:
    broken, place, message = ONE_FAULT[name]
    assert any(at == place and message in said for at, said in found(broken)), found(broken)


MORE_THAN_ONE = {"a dead end", "next is no step", "skipped", "no text", "ways of a say"}
"""Those that make others: nothing leads on from there, or a line may then be missing elsewhere, too."""


@pytest.mark.parametrize("name", sorted(ONE_FAULT.keys() - MORE_THAN_ONE))
def test_and_nothing_else_is_said(name: str) -> None:
    assert len(found(ONE_FAULT[name][0])) == 1, found(ONE_FAULT[name][0])


@pytest.mark.parametrize("limit", [None, 201])
def test_a_line_that_may_be_passed_on_is_short(limit: int | None) -> None:
    [(place, message)] = found(having("line", limit=limit))
    assert place == "steps.on.choices.0.of"
    assert "limit: 200" in message


def test_a_line_is_not_kept_twice() -> None:
    [(place, message)] = found(having("line", keep=Keep.JOURNAL))
    assert place == "steps.on.choices.1.of"
    assert "kept twice" in message


@pytest.mark.parametrize("name", ["partner", "text", "part", "said"])
def test_an_answer_has_a_name_of_its_own(name: str) -> None:
    ask = Step(name, Kind.SCALE, "How?", next="bye")
    assert places(script(ask, Step("bye", Kind.END, "Bye."))) == [f"steps.{name}"]
    say = Step(name, Kind.SAY, "So.", next="bye")
    assert places(script(say, Step("bye", Kind.END, "Bye."))) == []


def test_choices_that_exclude_each_other_may_be_called_the_same() -> None:
    twins = tuple(
        Choice(f"sign_{linked}", "A small sign", next="bye", when=When(linked=linked))
        for linked in (True, False)
    )
    ask = Step("ask", Kind.ASK, "How?", skip="bye", choices=(*twins, Choice("no", "No", next="bye")))
    assert validate(script(ask, Step("bye", Kind.END, "Bye."))) == []


def test_a_choice_must_be_there_for_everybody() -> None:
    ask = Step(
        "ask", Kind.ASK, "How?", skip="bye", choices=(Choice("a", "A", next="bye", when=When(linked=True)),)
    )
    assert places(script(ask, Step("bye", Kind.END, "Bye."))) == ["steps.ask.choices"]


class TestPlaceholders:
    """What is surely answered by then."""

    ASK = Step("ask", Kind.ASK, "A?", choices=(Choice("x", "X", next="then"),), skip="bye")
    END = Step("bye", Kind.END, "Bye.")

    def test_an_answer_that_every_way_gives(self) -> None:
        assert validate(script(self.ASK, Step("then", Kind.END, "{ask}"), self.END)) == []

    def test_a_skip_that_leads_elsewhere(self) -> None:
        write = Step("line", Kind.WRITE, "L", next="then", skip="bye")
        assert validate(script(write, Step("then", Kind.END, "{line}"), self.END)) == []

    def test_a_condition_says_that_it_was_answered(self) -> None:
        scale = Step("scale", Kind.SCALE, "S", next="sort")
        sort = Step("sort", Kind.BRANCH, ways=(Way(When(at_least={"scale": 0}), "then"),), next="bye")
        assert validate(script(scale, sort, Step("then", Kind.END, "{scale}"), self.END)) == []

    def test_so_does_that_of_a_choice(self) -> None:
        scale = Step("scale", Kind.SCALE, "S", next="ask")
        choices = (
            Choice("x", "X", next="then", when=When(at_least={"scale": 0})),
            Choice("y", "Y", next="bye"),
        )
        ask = replace(self.ASK, choices=choices)
        assert validate(script(scale, ask, Step("then", Kind.END, "{scale}"), self.END)) == []

    def test_the_other_way_from_a_branch_does_not(self) -> None:
        scale = Step("scale", Kind.SCALE, "S", next="sort")
        sort = Step("sort", Kind.BRANCH, ways=(Way(When(at_least={"scale": 0}), "bye"),), next="then")
        assert places(script(scale, sort, Step("then", Kind.END, "{scale}"), self.END)) == [
            "steps.then.text.0"
        ]

    def test_a_skip_takes_an_older_answer_away(self) -> None:
        scale = Step("scale", Kind.SCALE, "S", next="then")
        then = Step(
            "then",
            Kind.ASK,
            "A?",
            choices=(Choice("again", "Again", next="scale"), Choice("on", "On", next="last")),
            skip="bye",
        )
        assert places(script(scale, then, Step("last", Kind.END, "{scale}"), self.END)) == [
            "steps.last.text.0"
        ]

    def test_a_line_that_may_be_missing_is_not_passed_on(self) -> None:
        write = Step("line", Kind.WRITE, "L", next="on", limit=200)
        choices = (Choice("send", "S", do=Action.SEND, of="line"), Choice("done", "D", do=Action.DONE))
        offer = Step("on", Kind.OFFER, "On?", choices=choices)
        assert places(script(write, offer)) == ["steps.on.choices.0.of"]
        assert validate(script(replace(write, skip="bye"), offer, self.END)) == []


class TestLoops:
    END = Step("bye", Kind.END, "Bye.")

    def test_one_that_waits_is_allowed(self) -> None:
        assert validate(having_choice("on", 2, next="need")) == []

    def test_islands_that_know_each_other_are_islands(self) -> None:
        one, other = Step("one", Kind.SCALE, "1", next="other"), Step("other", Kind.SCALE, "2", next="bye")
        broken = replace(GOOD, steps={**GOOD.steps, "one": one, "other": other})
        assert places(broken) == ["steps.one", "steps.other"]

    def test_one_that_never_waits(self) -> None:
        ways = (Way(When(linked=True), "again"), Way(When(time=(TimeOfDay.DAY,)), "bye"))
        sort = Step("sort", Kind.BRANCH, ways=ways, next="bye")
        broken = script(
            Step("hello", Kind.SAY, "Hello.", next="again"),
            Step("again", Kind.SAY, "Again.", next="sort"),
            sort,
            self.END,
        )
        assert [(at, said) for at, said in found(broken) if "never waits" in said] == [
            (f"steps.{name}", "a loop that never waits for the person") for name in ("again", "sort")
        ], "not the step that only leads into it"

    def test_a_step_that_leads_to_itself(self) -> None:
        broken = script(Step("hello", Kind.SAY, "Hello.", next="hello"))
        assert [said for _, said in found(broken)] == [
            "a loop: from here no way leads to an end",
            "a loop that never waits for the person",
        ]

    def test_one_without_an_end(self) -> None:
        broken = script(Step("a", Kind.SCALE, "A?", next="b"), Step("b", Kind.SCALE, "B?", next="a"))
        assert places(broken) == ["steps.a", "steps.b"]
        assert all("no way leads to an end" in said for _, said in found(broken))

    def test_an_end_that_not_everybody_sees_is_none(self) -> None:
        choices = (
            Choice("on", "On", do=Action.DONE, when=When(linked=True)),
            Choice("again", "Again", next="ask"),
        )
        broken = script(Step("ask", Kind.ASK, "A?", choices=choices, skip="ask"))
        assert places(broken) == ["steps.ask"]

    def test_who_somebody_is_does_not_change_on_the_way(self) -> None:
        ask = Step("ask", Kind.SCALE, "A?", next="sort")
        for_two = Step("sort", Kind.BRANCH, ways=(Way(When(linked=True), "bye"),), next="ask")
        assert places(script(ask, for_two, self.END)) == ["steps.ask", "steps.sort"]
        until_calm = replace(for_two, ways=(Way(When(at_most={"ask": 3}), "bye"),))
        assert validate(script(ask, until_calm, self.END)) == []

    def test_one_fault_hides_no_other(self) -> None:
        """A way to nowhere is a fault of its own, and no end of what else is looked at."""
        broken = having("hello", next="nowhere")
        assert ("steps.hello.next", "“nowhere” is no step") in found(broken)
        assert ("steps.on", "no way leads to this step") in found(broken)


@pytest.mark.parametrize(
    ("make", "place"),
    [
        (lambda n: having("hello", text="x" * (MOST_TEXT + n)), "steps.hello.text.0"),
        (lambda n: having("feet", text="x" * (MOST_TEXT - 13 + n)), "steps.feet.text.0"),
        (lambda n: having("line", label="x" * (MOST_LABEL + n)), "steps.line.label"),
        (lambda n: having_choice("on", 2, label="x" * (MOST_LABEL + n)), "steps.on.choices.2.label"),
        (lambda n: having_choice("on", 2, id="x" * (MOST_ANSWER + n)), "steps.on.choices.2.id"),
        (lambda n: replace(GOOD, promise="x" * (MOST_PROMISE + n)), "promise"),
    ],
)
def test_exactly_as_long_as_allowed(make: Any, place: str) -> None:
    assert validate(make(0)) == []
    assert places(make(1)) == [place]


def test_the_limits() -> None:
    assert (MOST_TEXT, MOST_LABEL, MOST_CHOICES) == (400, 24, 6)


def test_all_faults_at_once() -> None:
    """A place for each, and nothing stops at the first."""
    choices = (
        Choice("a", "x" * 25, next="gone"),
        Choice("a", "B"),
        Choice("c", "C", next="one", do=Action.DONE),
    )
    broken = replace(
        GOOD,
        start="nowhere",
        steps={
            "one": Step("one", Kind.SAY, "x" * 401, next="nothing"),
            "two": Step("two", Kind.SCALE, "How, {name}?"),
            "three": Step("three", Kind.ASK, "What? Why?", choices=choices, label="y" * 30),
        },
    )
    assert sorted(places(broken)) == sorted(
        [
            "start",
            "steps.one.next",
            "steps.one.text.0",
            "steps.two",
            "steps.two.text.0",
            "steps.three",
            "steps.three.text.0",
            "steps.three.choices.0.next",
            "steps.three.choices.1",
            "steps.three.choices.2",
            "steps.three.choices",
            "steps.three.choices.0.label",
            "steps.three.label",
            "steps.three.label",
        ]
    )


def test_what_waits() -> None:
    assert {kind for kind in Kind if not kind.waits} == {Kind.SAY, Kind.BRANCH, Kind.END}


@pytest.mark.parametrize(
    ("hour", "part"),
    [
        (4, "night"),
        (5, "morning"),
        (10, "morning"),
        (11, "day"),
        (16, "day"),
        (17, "evening"),
        (22, "night"),
        (0, "night"),
    ],
)
def test_the_time_of_day(hour: int, part: str) -> None:
    assert TimeOfDay.at(hour) == part


def test_wordings_take_turns() -> None:
    step = GOOD.steps["hello"]
    assert [step.wording(number) for number in range(3)] == [
        "Hello, {partner}.",
        "Hello again.",
        "Hello, {partner}.",
    ]
