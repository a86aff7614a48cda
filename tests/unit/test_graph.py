"""A script as a Mermaid flowchart: everything is on it, and every line is one that Mermaid reads."""

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.catalog import load
from bot.content.graph import condition, mermaid
from bot.domain.script import Action, Choice, Kind, Script, Step, TimeOfDay, Way, When

# What Mermaid's own parser takes (it was asked once): a name, a shape, in quotes a text without its signs.
TEXT = r'"((?:[^"<>`&#]|#\d+;|<br/>)*)"'
SHAPES = [r"\(\(T\)\)", r"\(\[T\]\)", r"\[\[T\]\]", r"\[/T/\]", r"\[T\]", r"{T}"]
NODE = re.compile(r"    (start|step_\w+|do_\w+)(?:" + "|".join(SHAPES).replace("T", TEXT) + ")")
EDGE = re.compile(rf"    (start|step_\w+) (-->|-\.->)(?:\|{TEXT}\|)? (step_\w+|do_\w+)")


def read(text: str) -> tuple[dict[str, str], list[tuple[str, str, str, str]]]:
    """The nodes with their texts, and the edges: from, arrow, label, to."""
    first, *lines = text.splitlines()
    assert first == "flowchart TD"
    assert text.endswith("\n")
    nodes: dict[str, str] = {}
    edges = []
    for line in lines:
        if node := NODE.fullmatch(line):
            assert node[1] not in nodes
            nodes[node[1]] = plain(next(each for each in node.groups()[1:] if each is not None))
        else:
            edge = EDGE.fullmatch(line)
            assert edge, line
            edges.append((edge[1], edge[2], plain(edge[3] or ""), edge[4]))
    return nodes, edges


def plain(text: str) -> str:
    """As it is shown: Mermaid's #38; is HTML's &#38;."""
    return html.unescape(re.sub(r"#(\d+);", r"&#\1;", text.replace("<br/>", "\n")))


def script(*steps: Step, title: str = "Good") -> Script:
    return Script("good", 1, title, "P", "S", steps[0].id, {step.id: step for step in steps})


WAY = script(
    Step("hello", Kind.SAY, "Hello. " * 20, next="strength", more_texts=("Hi.",)),
    Step("strength", Kind.SCALE, "How\nstrong?", next="sort", skip="end"),
    Step("sort", Kind.BRANCH, ways=(Way(When(at_least={"strength": 7}, linked=True), "breath"),), next="ask"),
    Step("breath", Kind.BREATHE, "Breathe.", next="feet", pattern="box", seconds=64),
    Step("feet", Kind.GROUND, "Feel.", parts=("A", "B"), next="end"),
    Step(
        "ask",
        Kind.ASK,
        "And?",
        choices=(
            Choice("on", "Go on", next="line", when=When(leans=("out", "back"))),
            Choice("other", "Another", do=Action.SCRIPT, script="pause"),
        ),
        skip="end",
    ),
    Step("line", Kind.WRITE, "Write.", next="offer", skip="end"),
    Step(
        "offer",
        Kind.OFFER,
        "Now?",
        choices=(Choice("send", "Send", do=Action.SEND, of="line"), Choice("done", "Enough", do=Action.DONE)),
    ),
    Step("end", Kind.END, "Bye."),
)


def test_every_step_is_a_node_with_its_kind_and_the_beginning_of_its_text() -> None:
    nodes, _ = read(mermaid(WAY))
    assert nodes["start"] == "Good"
    assert nodes["step_hello"] == f"hello · say, 2 wordings\n{'Hello. ' * 8}Hel…"
    assert nodes["step_strength"] == "strength · scale\nHow strong?"
    assert nodes["step_sort"] == "sort · branch"
    assert nodes["step_breath"] == "breath · breathe, box, 64 s\nBreathe."
    assert nodes["step_feet"] == "feet · ground, 2 parts\nFeel."
    assert nodes["step_end"] == "end · end\nBye."
    assert {name.removeprefix("step_") for name in nodes if name.startswith("step_")} == set(WAY.steps)


def test_what_it_hands_over_to_are_nodes() -> None:
    nodes, _ = read(mermaid(WAY))
    assert {name: text for name, text in nodes.items() if name.startswith("do_")} == {
        "do_script_pause": "do: script pause",
        "do_send_line": "do: send line",
        "do_done": "do: done",
    }


def test_every_way_is_an_edge_with_its_choice_skip_or_condition() -> None:
    _, edges = read(mermaid(WAY))
    assert edges == [
        ("start", "-->", "", "step_hello"),
        ("step_hello", "-->", "", "step_strength"),
        ("step_strength", "-->", "", "step_sort"),
        ("step_strength", "-.->", "skip", "step_end"),
        ("step_sort", "-->", "strength ≥ 7 and linked", "step_breath"),
        ("step_sort", "-->", "otherwise", "step_ask"),
        ("step_breath", "-->", "", "step_feet"),
        ("step_feet", "-->", "", "step_end"),
        ("step_ask", "-->", "Go on (if leans = out or back)", "step_line"),
        ("step_ask", "-->", "Another", "do_script_pause"),
        ("step_ask", "-.->", "skip", "step_end"),
        ("step_line", "-->", "", "step_offer"),
        ("step_line", "-.->", "skip", "step_end"),
        ("step_offer", "-->", "Send", "do_send_line"),
        ("step_offer", "-->", "Enough", "do_done"),
    ]


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (When(at_most={"s": 3}), "s ≤ 3"),
        (When(answer={"a": ("x", "y")}), "a = x or y"),
        (When(linked=False), "not linked"),
        (When(time=(TimeOfDay.NIGHT, TimeOfDay.MORNING)), "time = night or morning"),
        (When(at_least={"s": 1, "t": 2}, leans=("out",)), "s ≥ 1 and t ≥ 2 and leans = out"),
        (When(), "always"),
    ],
)
def test_a_condition_in_words(when: When, words: str) -> None:
    assert condition(when) == words


ODD = 'He said "no" [really] {x} (y) | <b>&amp;#35; `code` end\n  subgraph --> ; %% # \\ “q”'


def test_signs_that_mean_something_to_mermaid_are_text() -> None:
    choices = (Choice("a", ODD, next="bye"), Choice("b", "B", next="bye", when=When(linked=True)))
    nodes, edges = read(
        mermaid(script(Step("ask", Kind.ASK, ODD[:40], choices=choices, skip="bye"), title=ODD))
    )
    whole = "\n".join(" ".join(line.split()) for line in ODD.splitlines())
    assert nodes["start"] == whole
    assert nodes["step_ask"] == f"ask · ask\n{ODD[:40]}"
    assert [label for _, _, label, _ in edges] == ["", whole, "B (if linked)", "skip"]


@settings(derandomize=True, database=None)
@given(st.text(min_size=1))
def test_any_text_can_be_drawn(text: str) -> None:
    read(mermaid(script(Step("end", Kind.END, text), title=text)))


def test_every_shipped_script_can_be_drawn() -> None:
    content = load()
    for locale in content.locales:
        for script_id in content.script_ids(locale):
            drawn = content.script(locale, script_id).script
            nodes, edges = read(mermaid(drawn))
            assert {f"step_{step}" for step in drawn.steps} <= set(nodes)
            assert {end for *_, end in edges} | {"start"} == set(nodes), "every node has a way to it"
