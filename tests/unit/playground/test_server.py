from __future__ import annotations

import asyncio
import io
import json
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.playground.errors import DamagedFolder
from bot.playground.server import PlaygroundServer, serve
from bot.serving import PortTaken
from tests.unit.playground.conftest import START
from tests.unit.playground.harness import MARA, PIXEL, TOKEN, Playground


def make(folder: Path, port: int = 0) -> PlaygroundServer:
    return PlaygroundServer(
        host="127.0.0.1", port=port, folder=folder, token=TOKEN, flowing=False, start=START
    )


async def upload(playground: Playground, method: str, kind: str, data: bytes, name: str) -> tuple[int, Any]:
    form = aiohttp.FormData()
    form.add_field("chat_id", str(MARA))
    form.add_field("caption", "<b>calm</b>")
    form.add_field("parse_mode", "HTML")
    form.add_field(kind, io.BytesIO(data), filename=name)
    async with playground.http.post(f"{playground.url}/bot{TOKEN}/{method}", data=form) as answer:
        return answer.status, await answer.json()


async def test_a_photo_is_uploaded_fetched_and_sent_again(playground: Playground) -> None:
    await playground.do(MARA, "say", text="/start")
    _, body = await upload(playground, "sendPhoto", "photo", PIXEL, "breathe.png")
    message = body["result"]
    [photo] = message["photo"]
    assert (photo["width"], photo["height"], photo["file_size"]) == (7, 5, len(PIXEL))
    assert (message["caption"], message["caption_entities"][0]["type"]) == ("calm", "bold")
    path = (await playground.ok("getFile", file_id=photo["file_id"]))["file_path"]
    for where in (f"file/bot{TOKEN}/{path}", f"playground/files/{photo['file_id']}"):
        async with playground.http.get(f"{playground.url}/{where}") as answer:
            assert await answer.read() == PIXEL
    again = await playground.ok("sendPhoto", chat_id=MARA, photo=photo["file_id"])
    assert again["photo"] == [photo]
    edited = await playground.ok(
        "editMessageCaption", chat_id=MARA, message_id=again["message_id"], caption="x"
    )
    assert (edited["caption"], edited["photo"]) == ("x", [photo])
    where = {"chat_id": MARA, "message_id": again["message_id"]}
    _, body = await playground.call("editMessageText", **where, text="x")
    assert body["description"] == "Bad Request: there is no text in the message to edit"
    [_, first, _] = (await playground.get("calls"))["calls"][:3]
    assert first["method"] == "getFile"


async def test_animations_and_documents(playground: Playground) -> None:
    await playground.do(MARA, "say", text="/start")
    gif = b"GIF89a\x10\x00\x20\x00"
    _, body = await upload(playground, "sendAnimation", "animation", gif, "breath.gif")
    animation = body["result"]["animation"]
    assert (animation["width"], animation["height"], animation["mime_type"]) == (16, 32, "image/gif")
    assert body["result"]["document"]["file_id"] == animation["file_id"]
    _, body = await upload(playground, "sendDocument", "document", b"{}", "data.json")
    assert body["result"]["document"]["file_name"] == "data.json"
    for method, kind, value, why in (
        ("sendPhoto", "photo", "AgACnothing", "wrong file identifier/HTTP URL specified"),
        ("sendPhoto", "photo", "https://a.org/x.png", "failed to get HTTP URL content"),
        ("sendPhoto", "photo", animation["file_id"], "can't use file of type Animation as Photo"),
        ("sendDocument", "document", "", "there is no document in the request"),
    ):
        _, body = await playground.call(method, chat_id=MARA, **{kind: value})
        assert body["description"] == f"Bad Request: {why}"
    status, _ = await upload(playground, "sendPhoto", "photo", b"no picture", "x.png")
    assert status == 400
    status, _ = await upload(playground, "sendPhoto", "photo", PIXEL + bytes(11 * 1024 * 1024), "x.png")
    assert status == 413


async def test_files_by_other_paths_are_not_served(playground: Playground) -> None:
    for path in ("../playground.json", "%2e%2e/playground.json", "photos/none.png"):
        async with playground.http.get(f"{playground.url}/file/bot{TOKEN}/{path}") as answer:
            assert answer.status == 404


async def test_the_page_is_served(playground: Playground) -> None:
    async with playground.http.get(f"{playground.url}/") as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-cache"
    async with playground.http.get(f"{playground.url}/static/nothing.js") as answer:
        assert answer.status == 404


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        server = make(tmp_path)
        await server.start()
        playground = Playground(server, http)
        _, person = await playground.post("people", first_name="Noor", language_code="ar")
        await playground.do(MARA, "say", text="/start")
        await playground.do(person["id"], "say", text="undelivered")
        markup = {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}
        await playground.ok(
            "sendMessage", chat_id=MARA, text="kept", reply_markup=markup, disable_notification=True
        )
        tapped = await playground.do(MARA, "tap", data="a")
        _, photo = await upload(playground, "sendPhoto", "photo", PIXEL, "x.png")
        await playground.ok("setMyCommands", commands=[{"command": "a", "description": "b"}])
        await playground.ok("setMyDescription", description="For two")
        await playground.ok("getUpdates", limit=1)
        await playground.post("clock/jump", seconds=60)
        state = await playground.get("state")
        messages = await playground.get(f"people/{MARA}/messages")
        await server.stop()

        server = make(tmp_path)
        await server.start()
        playground = Playground(server, http)
        again = await playground.get("state")
        assert again["clock"]["now"] == "2026-03-01T19:41:00.000Z"
        assert again["people"] == state["people"]
        assert again["bot"]["commands"] == [{"command": "a", "description": "b"}]
        assert await playground.get(f"people/{MARA}/messages") == messages
        updates = await playground.ok("getUpdates")
        said = await playground.do(MARA, "say", text="later")
        assert said["message_id"] > messages["messages"][-1]["message_id"] + 1, "a crash may have lost some"
        assert [list(each)[1] for each in updates] == ["message", "message", "callback_query"]
        assert await playground.ok("answerCallbackQuery", **tapped) is True
        file_id = photo["result"]["photo"][0]["file_id"]
        assert await playground.ok("sendPhoto", chat_id=MARA, photo=file_id)
        assert await playground.ok("getMyDescription") == {"description": "For two"}
        await server.stop()


async def test_changes_reach_the_disk_without_a_stop(playground: Playground, tmp_path: Path) -> None:
    await playground.do(MARA, "say", text="soon on disk")
    snapshot = tmp_path / "playground.json"
    async with asyncio.timeout(5):
        while not snapshot.exists():
            await playground.get("state")
    assert "soon on disk" in snapshot.read_text()


async def test_damaged_data_is_said_in_one_line(tmp_path: Path) -> None:
    for broken in ("{", "[]", '{"version": 9, "state": {}}', '{"version": 1, "state": {"people": []}}'):
        (tmp_path / "playground.json").write_text(broken)
        with pytest.raises(DamagedFolder) as caught:
            await make(tmp_path).start()
        assert "\n" not in str(caught.value)
        assert "playground.json" in str(caught.value)


async def test_a_busy_port_is_told_before_anything_else(tmp_path: Path) -> None:
    server = make(tmp_path / "a")
    await server.start()
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(PortTaken, match="in use"):
        await make(tmp_path / "b", port).start()
    assert not (tmp_path / "b").exists()
    await server.stop()


async def events(answer: aiohttp.ClientResponse, count: int) -> list[tuple[str, Any]]:
    found = []
    name = ""
    while len(found) < count:
        line = (await answer.content.readline()).decode().strip()
        if line.startswith("event:"):
            name = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            found.append((name, json.loads(line.removeprefix("data:"))))
    return found


async def test_events_tell_what_happens(playground: Playground) -> None:
    async with playground.http.get(f"{playground.url}/playground/events") as stream:
        [(name, state)] = await events(stream, 1)
        assert (name, len(state["people"])) == ("state", 2)
        said = await playground.do(MARA, "say", text="/start")
        assert await events(stream, 2) == [
            ("state", await playground.get("state")),
            ("message", {"person": MARA, "message": said}),
        ]
        keys = {"keyboard": [[{"text": "A"}]]}
        button = {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}
        await playground.ok("sendMessage", chat_id=MARA, text="x", reply_markup=keys)
        sent = await playground.ok("sendMessage", chat_id=MARA, text="y", reply_markup=button)
        where = {"chat_id": MARA, "message_id": sent["message_id"]}
        tapped = await playground.do(MARA, "tap", data="a")
        await playground.ok("answerCallbackQuery", **tapped, text="Yes")
        await playground.ok("editMessageText", **where, text="z")
        await playground.ok("sendChatAction", chat_id=MARA, action="typing")
        await playground.ok("deleteMessage", **where)
        await playground.post("clock/jump", seconds=1)
        seen: list[tuple[str, Any]] = []
        while not seen or seen[-1][0] != "deleted":
            seen += [each for each in await events(stream, 1) if each[0] not in ("state", "clock")]
        told = {"person": MARA, "text": "Yes", "show_alert": False, "url": None, **tapped}
        assert [name for name, _ in seen] == [
            "message",
            "keyboard",
            "message",
            "answer",
            "edited",
            "action",
            "deleted",
        ]
        assert seen[1][1] == {"person": MARA, "keyboard": keys}
        assert seen[3][1] == told
        assert seen[5][1] == {"person": MARA, "action": "typing"}
        assert seen[6][1] == {"person": MARA, "message_id": sent["message_id"]}
        clock: Any = None
        while clock is None or clock["now"] != "2026-03-01T19:40:01.000Z":
            [(name, data)] = await events(stream, 1)
            clock = data if name == "clock" else clock


async def test_it_stops_promptly_with_everything_open(tmp_path: Path) -> None:
    urls: asyncio.Queue[str] = asyncio.Queue()
    stop = asyncio.Event()
    serving = asyncio.create_task(
        serve(
            host="127.0.0.1",
            port=0,
            folder=tmp_path,
            token=TOKEN,
            flowing=True,
            ready=urls.put_nowait,
            stop=stop,
        )
    )
    url = await urls.get()
    async with aiohttp.ClientSession() as http:
        stream = await http.get(f"{url}/playground/events")
        await events(stream, 1)
        report = {"seq": 0, "idle": True, "handled": 0, "next": None, "due": []}
        async with http.post(f"{url}/playground/clock/poll", json=report) as answer:
            report["seq"] = (await answer.json())["seq"]
        open_calls = [
            asyncio.create_task(http.post(f"{url}/bot{TOKEN}/getUpdates?timeout=50")),
            asyncio.create_task(http.post(f"{url}/playground/clock/poll", json=report)),
            asyncio.create_task(http.post(f"{url}/playground/settle", json={})),
        ]
        await events(stream, 2)  # the state and the clock, now that a bot is there
        began = time.monotonic()
        stop.set()
        await serving
        assert time.monotonic() - began < 1.5
        for answer in await asyncio.gather(*open_calls):
            assert answer.status == 200
        await stream.content.read()  # to its end
    assert (tmp_path / "playground.json").exists()


async def test_it_answers_to_no_name_of_the_nets(tmp_path: Path) -> None:
    """A page from elsewhere, whose name was made to lead here, gets nothing."""
    server = make(tmp_path)
    await server.start()
    assert server.url.startswith("http://127.0.0.1:")
    async with aiohttp.ClientSession() as session:
        for host, status in (("evil.example", 400), ("localhost", 200)):
            port = server.url.rpartition(":")[2]
            async with session.get(server.url, headers={"Host": f"{host}:{port}"}) as answer:
                assert answer.status == status
    await server.stop()
