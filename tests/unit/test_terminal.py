"""A check-in in the terminal: what is typed, and what is printed."""

from collections.abc import Iterable

import pytest

from bot.domain.conversation import Circumstances
from bot.domain.model import Lean
from bot.domain.script import Action, Choice, Keep, Kind, Script, Step, Way, When
from bot.terminal import HANDED, Player

STEPS = (
    Step("hello", Kind.SAY, "Hello, {partner} is here.", next="strength", more_texts=("Hello again.",)),
    Step("strength", Kind.SCALE, "How strong?", next="need"),
    Step(
        "need",
        Kind.ASK,
        "What now?",
        choices=(
            Choice("write", "Write it", next="line", leans=Lean.OUT),
            Choice("sign", "A sign", do=Action.SIGNAL, when=When(linked=True)),
            Choice("breath", "Breathe", next="sort"),
        ),
        skip="feet",
    ),
    Step(
        "line", Kind.WRITE, "Write.", next="onward", skip="feet", limit=20, label="Not now", keep=Keep.NOTHING
    ),
    Step("sort", Kind.BRANCH, ways=(Way(When(leans=("back",)), "feet"),), next="breath"),
    Step("breath", Kind.BREATHE, "In and out.", next="feet", pattern="sighing", seconds=60),
    Step("feet", Kind.GROUND, "Feel.", parts=("Feet.", "Hands."), next="note"),
    Step("note", Kind.WRITE, "A note?", next="bye"),
    Step(
        "onward",
        Kind.OFFER,
        "You wrote “{line}” at {strength}.",
        choices=(
            Choice("send", "Send it", do=Action.SEND, of="line"),
            Choice("other", "Another", do=Action.SCRIPT, script="pause"),
            Choice("done", "Enough", do=Action.DONE),
        ),
    ),
    Step("bye", Kind.END, "Bye."),
)
SCRIPT = Script("made_up", 1, "A title", "A promise", "S", "hello", {step.id: step for step in STEPS})
LIMITED = "  a line of up to 20 characters"


def play(*lines: str, here: Circumstances | None = None, run: int = 0) -> list[str]:
    """What is printed, line by line."""
    typed: Iterable[str] = iter(f"{line}\n" for line in lines)
    printed: list[str] = []
    player = Player(
        SCRIPT,
        here or Circumstances(),
        lambda: next(iter(typed), None),
        printed.append,
        partner="Jo",
        run=run,
    )
    player.play()
    return "\n".join(printed).splitlines()


def test_it_begins_with_its_title_and_runs_on_to_the_first_question() -> None:
    assert play()[:8] == [
        "A title",
        "A promise",
        "",
        "Hello, Jo is here.",
        "",
        "How strong?",
        "",
        "  0 to 10",
    ]


def test_another_run_has_another_wording() -> None:
    assert "Hello again." in play(run=3)


@pytest.mark.parametrize("said", ["1", "write it"])
def test_numbers_for_choices_and_their_words(said: str) -> None:
    printed = play("7", said)
    assert [line for line in printed if line.startswith(("  1", "  2"))] == ["  1  Write it", "  2  Breathe"]
    assert "(kept: this person leans “out”)" in printed
    assert printed[printed.index("Write.") + 2] == LIMITED


def test_only_the_choices_that_make_sense() -> None:
    linked = Circumstances(linked=True)
    assert "  2  A sign" in play("7", here=linked)
    assert "→ This hands over to a small sign to the partner" in play("7", "2", here=linked)
    assert "That is no answer here." in play("7", "3")
    assert "That is no answer here." in play("7", "a sign")


def test_a_line_and_what_it_hands_over_to() -> None:
    printed = play("7", "1", "My own line", "1")
    assert "You wrote “My own line” at 7." in printed
    assert printed[-2].startswith("→ This hands over to sending this line to the partner")
    assert printed[-2].endswith(": “My own line”")
    assert printed[-1] == "(line: “My own line” would be forgotten)"
    assert "→ This hands over to another check-in “pause”" in play("7", "1", "My own line", "2")


def test_a_line_that_is_too_long_or_empty_is_no_answer() -> None:
    printed = play("7", "1", "x" * 21, "", "x" * 20)
    assert printed.count("That is no answer here.") == 2
    assert f"You wrote “{'x' * 20}” at 7." in printed


def test_a_breath_shows_its_pattern_and_goes_on_at_enter() -> None:
    printed = play("7", "2", "")
    assert "  sighing breathing: in 3 s, top up 1 s, out 6 s; 60 seconds" in printed
    assert "  1 of 2: Feet." in printed


def test_a_branch_asks_who_somebody_is() -> None:
    assert "In and out." not in play("7", "2", here=Circumstances(leans=Lean.BACK))


def test_a_ground_part_by_part() -> None:
    printed = play("7", "s", "", "b", "", "", "I feel it")
    assert printed.count("Feel.") == 1
    assert [line.strip() for line in printed if " of 2: " in line] == [
        "1 of 2: Feet.",
        "2 of 2: Hands.",
        "1 of 2: Feet.",
        "2 of 2: Hands.",
    ]
    assert printed[-2:] == ["Bye.", "(note: “I feel it” would be kept among one’s own lines)"]


def test_back_and_skip() -> None:
    printed = play("7", "1", "b", "B", "b", "3", "s")
    assert printed.count("How strong?") == 2
    assert printed.count("That is no answer here.") == 1, "there is nothing before the first question"
    assert "Feel." in printed


def test_what_is_possible_is_said() -> None:
    printed = play("7", "1", "My line")
    assert [line for line in printed if line.endswith("x stop")] == [
        "  s skip · x stop",
        "  b back · s skip · x stop",
        "  b back · s Not now · x stop",
        "  b back · x stop",
    ]


@pytest.mark.parametrize("end", [(), ("x",), ("X",)])
def test_a_stop_and_the_end_of_the_input(end: tuple[str, ...]) -> None:
    assert play("7", *end)[-1] == "Stopped half way. What was answered would be kept."


def test_to_the_end() -> None:
    assert play("7", "s", "s", "s")[-1] == "Bye."


def test_everything_a_script_can_hand_over_to_has_words() -> None:
    assert set(HANDED) == set(Action)
