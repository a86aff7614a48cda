"""The tests' own tools: matching words, reading transcripts, knowing what is news."""

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.playground.script import player
from tests.acceptance import harness
from tests.acceptance.harness import Chat, Person, Playground, UnexpectedError
from tests.acceptance.transcript import Transcript, TranscriptError, load, play, seconds
from tests.acceptance.words import Words

STRINGS = """
start:
  hello: "Hello, <b>{name}</b> &amp; welcome.\\n\\nShall we?"
space:
  minutes: {20: "20 minutes", on: "Now on"}
  preview: "“{wording}” Back at {back_at}."
  left: {one: "{n} minute left", other: "{n} minutes left"}
  thanks: [Thank you., Thanks.]
  own: "{text}"
"""
SCRIPT = """
id: pause
steps:
  - {id: need, text: "What do I need?", choices: [{id: calm, text: Calm}]}
"""


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    (folder / "en" / "scripts").mkdir(parents=True)
    (folder / "en" / "strings.yaml").write_text(STRINGS, encoding="utf-8")
    (folder / "en" / "scripts" / "pause.yaml").write_text(SCRIPT, encoding="utf-8")
    return folder


@pytest.fixture
def words(content: Path) -> Words:
    return Words("en", content)


@pytest.mark.parametrize(
    ("key", "values", "text", "found"),
    [
        ("start.hello", {}, "Hello, Mara & welcome. Shall we?", True),
        ("start.hello", {"name": "Jonas"}, "Hello, Mara & welcome. Shall we?", False),
        (
            "space.preview",
            {"back_at": "18:40"},
            "So it reads: “I (really) need 5.” Back at 18:40. Send it?",
            True,
        ),
        ("space.preview", {"back_at": "18:4"}, "“I need 5.” Back at 18:40.", False),
        ("space.left", {}, "1 minute left", True),
        ("space.left", {}, "5 minutes left", True),
        ("space.left", {"n": 4}, "5 minutes left", False),
        ("space.thanks", {}, "Thanks.", True),
        ("space.own", {"text": "a.b"}, "a.b", True),
        ("space.own", {"text": "a.b"}, "acb", False),
        ("scripts.pause.steps.need.text", {}, "What do I need?", True),
        ("scripts.pause.steps.need.choices.calm.text", {}, "Calm", True),
    ],
)
def test_words_are_found_in_what_people_read(
    words: Words, key: str, values: dict[str, object], text: str, found: bool
) -> None:
    assert bool(words.finder(key, values).search(text)) is found


@pytest.mark.parametrize(
    ("key", "label", "found"),
    [
        ("space.minutes.20", "20 minutes", True),
        ("space.minutes.20", "20 minutes more", False),
        ("space.minutes.20", "in 20 minutes", False),
        ("space.minutes.on", "Now on", True),
        ("space.left", "5 minutes left of 20", True),
        ("space.thanks", "Thanks.", True),
    ],
)
def test_labels_with_placeholders_may_go_on(words: Words, key: str, label: str, found: bool) -> None:
    assert bool(words.label(key).match(label)) is found


def test_a_wrong_key_says_which_there_are(words: Words) -> None:
    with pytest.raises(AssertionError, match=r"space\.minutes\.20"):
        words.finder("space.minutes")
    with pytest.raises(AssertionError, match=r"there are: space\.thanks"):
        words.finder("space.thank")
    with pytest.raises(AssertionError, match="only placeholders"):
        words.finder("space.own")


@pytest.mark.parametrize(
    ("span", "expected"),
    [("+20m", 1200), ("+1h30m", 5400), ("+2d", 172800), ("+45s", 45), ("+1h 5min", 3900)],
)
def test_spans(span: str, expected: int) -> None:
    assert seconds(span) == expected


@pytest.mark.parametrize("span", ["+", "20", "+m", "+1w", "soon"])
def test_what_is_no_span(span: str) -> None:
    with pytest.raises(TranscriptError):
        seconds(span)


def written(folder: Path, steps: str, **parts: str) -> Path:
    (folder / "parts").mkdir(exist_ok=True)
    for name, text in parts.items():
        (folder / "parts" / f"{name}.yaml").write_text(text, encoding="utf-8")
    file = folder / "story.yaml"
    file.write_text(
        "locale: en\nstart: 2026-03-02T18:00+01:00\n"
        f"people: {{mara: {{}}, jonas: {{language: en}}}}\nsteps:\n{steps}",
        encoding="utf-8",
    )
    return file


def test_a_transcript_is_read(tmp_path: Path) -> None:
    steps = """
  - include: hello
    as: {person: mara}
  - jonas sees nothing
  - mara sees: space.preview
    with: {back_at: "18:40"}
  - clock: +20m
  - jonas does not see: [a.b, c.d]
"""
    transcript = load(written(tmp_path, steps, hello="- $person says: /start\n- $person sees: start.hello"))

    assert transcript.start == "2026-03-02T18:00+01:00"
    assert [(step.subject, step.verb, step.value) for step in transcript.steps] == [
        ("mara", "says", "/start"),
        ("mara", "sees", "start.hello"),
        ("jonas", "sees nothing", None),
        ("mara", "sees", "space.preview"),
        ("", "clock", "+20m"),
        ("jonas", "does not see", ["a.b", "c.d"]),
    ]
    assert transcript.steps[3].values == {"back_at": "18:40"}


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ("  - maria says: x", "maria says"),
        ("  - mara shouts: x", "mara shouts"),
        ("  - {mara says: x, jonas says: y}", "one action"),
        ("  - include: gone\n", "gone"),
        ("  - include: hello", r"\$person"),
    ],
)
def test_mistakes_in_a_transcript(tmp_path: Path, steps: str, why: str) -> None:
    with pytest.raises((TranscriptError, FileNotFoundError), match=why):
        load(written(tmp_path, steps, hello="- $person says: /start"))


def bot_says(message_id: int, text: str, *labels: str) -> dict[str, Any]:
    rows = [[{"text": label, "callback_data": f"d:{label}"}] for label in labels]
    message = {"message_id": message_id, "date": message_id, "from": {"is_bot": True}, "text": text}
    return message | ({"reply_markup": {"inline_keyboard": rows}} if rows else {})


def test_news_are_new_and_edited_messages() -> None:
    before = Chat("Mara", [bot_says(1, "one"), bot_says(2, "two", "A"), bot_says(3, "three")]).fingerprints()
    after = Chat("Mara", [bot_says(1, "one"), bot_says(2, "two"), bot_says(4, "four")])
    assert [message["message_id"] for message in after.since(before)] == [2, 4]


class FakeServer:
    """A control API of a few lines, whose bot answers with what `reply` says."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.done: list[tuple[str, Any]] = []
        self.reply: Callable[[str, Any], list[dict[str, Any]]] = lambda _call, _body: []

    async def handle(self, request: web.Request) -> web.Response:
        call = request.path.removeprefix("/playground/")
        body = await request.json() if request.can_read_body else {}
        if call.endswith("/messages"):
            return web.json_response({"messages": self.messages, "keyboard": None})
        self.done.append((call, body))
        if call == "people":
            return web.json_response({"id": 7, "first_name": body["first_name"]})
        if call.endswith("/tap") and body["data"] == "d:Broken":
            return web.json_response({"error": "no such button"}, status=404)
        self.messages += self.reply(call, body)
        return web.json_response({})

    def calls(self) -> list[str]:
        return [call for call, _ in self.done]


@pytest.fixture
async def server() -> AsyncIterator[tuple[FakeServer, Playground]]:
    fake = FakeServer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    playground = Playground(Path())
    await playground.connect(f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield fake, playground
    await playground.stop()
    await runner.cleanup()


@pytest.fixture
def mara(server: tuple[FakeServer, Playground], words: Words) -> Person:
    return server[1].meet(7, "Mara", words=words)


async def test_a_person_acts_and_sees(server: tuple[FakeServer, Playground], mara: Person) -> None:
    fake, playground = server
    fake.reply = lambda call, _: (
        [bot_says(1, "Hello, Mara & welcome.\n\nShall we?")] if call.endswith("say") else []
    )
    await mara.say("/start")

    assert fake.calls() == ["people/7/say", "settle", "clock/advance"]
    await mara.sees("start.hello", name="Mara")
    await mara.sees("start.hello")  # looking twice is fine as long as nothing happens
    await mara.sees_nothing()
    await playground.advance(60)
    with pytest.raises(UnexpectedError, match=r"does not see 'start\.hello'"):
        await mara.sees("start.hello")


async def test_what_came_before_one_s_own_action_is_no_news(
    server: tuple[FakeServer, Playground], mara: Person
) -> None:
    server[0].messages.append(bot_says(1, "Thanks."))
    await mara.say("hm")
    await mara.does_not_see("space.thanks")
    assert await mara.has("space.thanks")


async def test_taps_the_newest_button_of_that_name(
    server: tuple[FakeServer, Playground], mara: Person
) -> None:
    fake, _ = server
    fake.messages = [
        bot_says(1, "old", "20 minutes", "20 minutes more"),
        bot_says(2, "new", "20 minutes"),
        bot_says(3, "x", "Broken"),
    ]
    await mara.tap("space.minutes.20")
    assert ("people/7/tap", {"message_id": 2, "data": "d:20 minutes"}) in fake.done

    with pytest.raises(UnexpectedError, match=r"no button 'space.left'[\s\S]*\[20 minutes\]"):
        await mara.tap("space.left")
    with pytest.raises(UnexpectedError, match="404"):
        await mara.tap(re.compile("Broken"))


async def test_the_newest_link_anybody_sees(server: tuple[FakeServer, Playground], mara: Person) -> None:
    fake, playground = server
    with pytest.raises(UnexpectedError, match=r"t\.me"):
        await playground.last_link()
    share = {
        "text": "Share",
        "url": "https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fs_bot%3Fstart%3Dj-2_x&text=hi",
    }
    fake.messages = [
        bot_says(1, "https://t.me/s_bot?start=j-1"),
        bot_says(2, "share it") | {"reply_markup": {"inline_keyboard": [[share]]}},
    ]
    assert await playground.last_link() == "https://t.me/s_bot?start=j-2_x"


async def test_a_transcript_is_played(
    server: tuple[FakeServer, Playground], content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, playground = server
    monkeypatch.setattr(player, "words_of", lambda locale: Words(locale, content))
    fake.reply = lambda call, body: [bot_says(len(fake.done), body["text"])] if call.endswith("say") else []
    steps = """
  - mara says: "Thank you. {marker}"
  - mara sees: [space.thanks, {text: "{marker}"}]
  - mara sees: {key: space.own, with: {text: "Thank you. {marker}"}}
  - jump: 2026-03-02T20:00+01:00
  - clock: next
  - mara sees nothing
  - mara has no: space.preview
  - fault: {kind: status, status: 502, person: mara}
  - mara sees: space.preview
"""
    transcript: Transcript = load(written(tmp_path, steps))
    with pytest.raises(UnexpectedError, match=r"story \(en\), step 9: mara sees: space.preview") as failure:
        await play(transcript, playground)

    typed = next(body["text"] for call, body in fake.done if call.endswith("say"))
    assert typed.removeprefix("Thank you. ") in str(failure.value)
    moves = [body for call, body in fake.done if call.startswith("clock/")]
    assert moves == [{"seconds": 2}, {"until": "2026-03-02T20:00+01:00"}, {"next": True}]
    assert ("faults", {"kind": "status", "status": 502, "chat_id": 7}) in fake.done


def test_a_chat_is_shown_as_a_person_sees_it() -> None:
    own = {"message_id": 2, "from": {"is_bot": False}, "text": "hm"}
    keyboard = {"keyboard": [[{"text": "Pause"}, "Space"]]}
    text = str(
        Chat("Mara", [bot_says(1, "one\ntwo", "A", "B"), own, {"message_id": 3, "sticker": {}}], keyboard)
    )
    for part in ("bot │ one", "│ two", "[A]", "Mara │ hm", "[sticker]", "[Pause] [Space]"):
        assert part in text


def test_a_marker_is_a_word_of_its_own() -> None:
    assert harness.marker() != harness.marker()
    assert harness.marker().isalnum()


def test_no_setting_of_the_developer_reaches_the_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TELEGRAM_TOKEN", "DATABASE_URL", "DATA_KEY", "PLAYGROUND_URL", "PORT"):
        monkeypatch.setenv(name, "x")
    environment = Playground(Path(), settings={"LOG_LEVEL": "debug"}).environment()
    assert "x" not in [
        environment.get(name) for name in ("TELEGRAM_TOKEN", "DATABASE_URL", "DATA_KEY", "PORT")
    ]
    assert environment["LOG_LEVEL"] == "debug"
