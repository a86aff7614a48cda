"""HTML in, clean text and entities out, counted as both libraries count."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.clients import Client
from tests.conformance.telegram_side import MARA, TelegramSide
from tests.conformance.test_messages import bad_request


@pytest.mark.parametrize(
    ("source", "text", "marked"),
    [
        ("plain", "plain", []),
        ("<b>a<i>b</i></b>", "ab", [("bold", "ab"), ("italic", "b")]),
        ("<i>a<b>b</b></i>c", "abc", [("italic", "ab"), ("bold", "b")]),
        ("<b>a<b>b</b></b>", "ab", [("bold", "ab")]),
        ("<u>a</u><s>b</s>", "ab", [("underline", "a"), ("strikethrough", "b")]),
        ("<tg-spoiler>a</tg-spoiler>", "a", [("spoiler", "a")]),
        ("🙂<b>é</b>👩‍👩‍👧<i>🙂x</i>", "🙂é👩‍👩‍👧🙂x", [("bold", "é"), ("italic", "🙂x")]),
        ("<b>🙂</b><i>a</i>", "🙂a", [("bold", "🙂"), ("italic", "a")]),
        ("  \n <b>Hi</b> there \n ", "Hi there", [("bold", "Hi")]),
        ("<b>Hi </b>", "Hi", [("bold", "Hi")]),
        ("a<b> </b>b<i></i>", "a b", []),
        ("<code>a<b>b</b></code>", "ab", [("code", "ab")]),
        ('<pre><code class="language-python">x</code></pre>', "x", [("pre", "x")]),
        ("<blockquote>a</blockquote>", "a", [("blockquote", "a")]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", "a")]),
        ('<a href="https://example.org/?a=1&amp;b=2">here</a>', "here", [("text_link", "here")]),
        ("&lt;b&gt; &amp; &quot;&#65;", '<b> & "A', []),
        ("/start and https://example.org", "/start and https://example.org", None),
    ],
)
async def test_html(
    client: Client, side: TelegramSide, source: str, text: str, marked: list[tuple[str, str]] | None
) -> None:
    side.starts(MARA)
    sent = await client.typed("sendMessage", chat_id=MARA, text=source, parse_mode="HTML")
    found = [("bot_command", "/start"), ("url", "https://example.org")] if marked is None else marked
    assert (sent.text, client.marked(sent)) == (text, found)


async def test_the_address_of_a_link_and_the_language_of_code(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    source = (
        '<a href="https://example.org/?a=1&amp;b=2">a</a><pre><code class="language-python">b</code></pre>'
    )
    sent = await client.call("sendMessage", chat_id=MARA, text=source, parse_mode="HTML")
    assert sent["entities"] == [
        {"type": "text_link", "offset": 0, "length": 1, "url": "https://example.org/?a=1&b=2"},
        {"type": "pre", "offset": 1, "length": 1, "language": "python"},
    ]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>x<i>y</b></i>", 'Unmatched end tag at byte offset 8, expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("é<br>x", 'Unsupported start tag "br" at byte offset 2'),
        ("5 < 6", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
async def test_html_that_cannot_be_parsed(client: Client, side: TelegramSide, source: str, why: str) -> None:
    side.starts(MARA)
    refused = await client.refused("sendMessage", chat_id=MARA, text=source, parse_mode="HTML")
    assert refused == bad_request(f"can't parse entities: {why}")
    sent = await client.call("sendMessage", chat_id=MARA, text="x")
    where = {"chat_id": MARA, "message_id": sent["message_id"]}
    assert await client.refused("editMessageText", **where, text=source, parse_mode="HTML") == refused


async def test_entities_may_be_given_instead(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    bold: list[Any] = [{"type": "bold", "offset": 3, "length": 2}]
    sent = await client.typed("sendMessage", chat_id=MARA, text="🙂 Hi", entities=bold)
    assert client.marked(sent) == [("bold", "Hi")]
    bold[0]["length"] = 3
    assert await client.refused("sendMessage", chat_id=MARA, text="🙂 Hi", entities=bold) == bad_request(
        "entity beginning at UTF-16 offset 3 ends after the end of the text at UTF-16 offset 5"
    )


async def test_without_a_parse_mode_tags_are_text(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    sent = await client.call("sendMessage", chat_id=MARA, text="<b>x</b>")
    assert sent["text"] == "<b>x</b>"
    assert "entities" not in sent
    assert await client.refused("sendMessage", chat_id=MARA, text="x", parse_mode="rtf") == bad_request(
        "unsupported parse_mode"
    )
