"""`python -m bot content …` as people type it: a real process, a content folder, a pipe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.harness import ROOT, SETTINGS
from tests.unit import made_content
from tests.unit.made_content import STRINGS, change, put

SCRIPT = """\
id: talk
version: 1
title: Talk
promise: "One minute"
source: Made up
start: how
steps:
  how:
    kind: ask
    text: "How is it with {partner}?"
    skip: bye
    choices:
      - {id: good, label: "Good", next: feet}
      - {id: far, label: "Far away", do: signal, when: {linked: true}}
      - {id: shy, label: "Shy", next: bye, when: {leans: back}}
  feet:
    kind: ground
    text: "Feel."
    parts: ["Your feet.", "Your hands."]
    next: bye
  bye:
    kind: end
    text: "Bye."
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    made = made_content.make(tmp_path)
    put(made, "en/scripts/talk.yaml", SCRIPT)
    put(made, "en/strings.yaml", STRINGS + 'check_in:\n  partner: "your partner"\n')
    return made


def run(base: Path | None, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not SETTINGS.match(name)}
    return subprocess.run(
        [sys.executable, "-m", "bot", "content", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT if base is None else base,
        env={**kept, "PYTHONPATH": str(ROOT), **({} if base is None else {"CONTENT_DIR": str(base)})},
    )


def test_a_check_in_is_played_through_a_pipe(base: Path) -> None:
    played = run(base, "play", "talk", typed="1\n\n\n")
    assert (played.returncode, played.stderr) == (0, "")
    told = played.stdout.splitlines()
    assert told[:4] == ["Talk", "One minute", "", "How is it with your partner?"]
    assert [line.strip() for line in told if " of 2: " in line] == [
        "1 of 2: Your feet.",
        "2 of 2: Your hands.",
    ]
    assert told[-1] == "Bye."


def test_who_plays_it(base: Path) -> None:
    played = run(base, "play", "talk", "--linked", "--leans", "back", typed="2\n")
    assert "How is it with Alex?" in played.stdout
    assert "  3  Shy" in played.stdout
    assert played.stdout.endswith("→ This hands over to a small sign to the partner\n")


def test_the_input_ends_half_way(base: Path) -> None:
    played = run(base, "play", "talk")
    assert (played.returncode, played.stderr) == (0, "")
    assert played.stdout.endswith("Stopped half way. What was answered would be kept.\n")


@pytest.mark.parametrize("command", ["play", "graph"])
def test_what_is_not_there(base: Path, command: str) -> None:
    played = run(base, command, "walk")
    assert (played.returncode, played.stdout) == (2, "")
    assert played.stderr == "There is no check-in “walk”. There are: talk\n"
    played = run(base, command, "talk", "--locale", "fr")
    assert (played.returncode, played.stderr) == (2, "--locale: there is no “fr”; there are en\n")


@pytest.mark.parametrize("command", ["play", "graph"])
def test_broken_content_says_what_is_wrong(base: Path, command: str) -> None:
    change(base, "en/scripts/talk.yaml", "next: bye\n", "next: by\n")
    played = run(base, command, "talk")
    assert played.returncode == 1
    assert played.stdout == f"{base}/en/scripts/talk.yaml:20: “by” is no step\n"


def test_a_graph(base: Path) -> None:
    drawn = run(base, "graph", "talk").stdout
    assert drawn.startswith("flowchart TD\n")
    assert '    step_how -->|"Far away (if linked)"| do_signal\n' in drawn


def test_the_check_holds_strings_against_the_source(base: Path) -> None:
    checked = run(base, "check")
    assert checked.returncode == 1
    told = checked.stdout.splitlines()
    assert f"{base}/en/strings.yaml:7: bye is unused: nothing in the bot asks for it" in told
    assert any(line.endswith(": space.request is missing in en/strings.yaml") for line in told)
    assert all(line.count(": ") for line in told)


def test_the_shipped_content_has_no_faults() -> None:
    checked = run(None, "check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.startswith("No faults. Languages: ")


def test_the_fingerprints_of_an_article(tmp_path: Path) -> None:
    """A quote that does not stand in it is named; so nobody makes them of another text."""
    article = tmp_path / "article.txt"
    article.write_text("Another article, with other words.", encoding="utf-8")
    made = run(None, "fingerprint", str(article))
    assert (made.returncode, made.stdout) == (2, "")
    assert "does not stand in" in made.stderr
