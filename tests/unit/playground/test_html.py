from __future__ import annotations

import pytest

from bot.playground.composing import format_text
from bot.playground.errors import ApiError
from bot.playground.text import find, utf16_length


def parsed(source: str) -> tuple[str, list[tuple[str, int, int]]]:
    formatted = format_text(source, "HTML", None)
    return formatted.text, [(each["type"], each["offset"], each["length"]) for each in formatted.entities]


def refused(source: str) -> str:
    with pytest.raises(ApiError) as caught:
        format_text(source, "HTML", None)
    assert caught.value.code == 400
    return caught.value.description


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("b", "bold"),
        ("strong", "bold"),
        ("i", "italic"),
        ("em", "italic"),
        ("u", "underline"),
        ("ins", "underline"),
        ("s", "strikethrough"),
        ("strike", "strikethrough"),
        ("del", "strikethrough"),
        ("code", "code"),
        ("pre", "pre"),
        ("blockquote", "blockquote"),
        ("tg-spoiler", "spoiler"),
    ],
)
def test_every_tag_becomes_its_entity(tag: str, kind: str) -> None:
    assert parsed(f"say <{tag}>it</{tag}> now") == ("say it now", [(kind, 4, 2)])


def test_span_is_a_spoiler_and_nothing_else() -> None:
    assert parsed('<span class="tg-spoiler">x</span>') == ("x", [("spoiler", 0, 1)])
    assert 'Tag "span" must have class "tg-spoiler"' in refused("<span>x</span>")


def test_blockquote_may_be_expandable() -> None:
    assert parsed("<blockquote expandable>long</blockquote>") == ("long", [("expandable_blockquote", 0, 4)])
    assert parsed('<blockquote expandable="">long</blockquote>')[1] == [("expandable_blockquote", 0, 4)]


def test_links_keep_their_address() -> None:
    [entity] = format_text('<a href="HTTPS://Example.org/A?b=1&amp;c=2">here</a>', "HTML", None).entities
    assert entity == {"type": "text_link", "offset": 0, "length": 4, "url": "https://example.org/A?b=1&c=2"}


def test_a_link_to_nowhere_is_plain_text() -> None:
    assert parsed('<a href="nowhere">here</a>') == ("here", [])


def test_a_link_to_a_user_is_a_mention() -> None:
    [entity] = format_text('<a href="tg://user?id=12">Mara</a>', "HTML", None).entities
    assert entity["type"] == "text_mention"
    assert entity["user"]["id"] == 12


def test_offsets_count_utf16_units() -> None:
    assert parsed("🙂<b>é</b>👩‍👩‍👧<i>x</i>") == ("🙂é👩‍👩‍👧x", [("bold", 2, 1), ("italic", 11, 1)])
    assert utf16_length("🙂é") == 3


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("&lt;b&gt; &amp; &quot;", '<b> & "'),
        ("&#65;&#x1F642;", "A🙂"),
        ("&lt no semicolon", "< no semicolon"),
        ("&nbsp;&apos;&", "&nbsp;&apos;&"),
        ("&amp;lt;", "&lt;"),
        ("&#0;&#xD800;", "&#0;&#xD800;"),
        ("5 > 4", "5 > 4"),
    ],
)
def test_character_references(source: str, text: str) -> None:
    assert parsed(source)[0] == text


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ('<a href="x', "at byte offset 0"),
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
    ],
)
def test_bad_html_is_refused(source: str, why: str) -> None:
    description = refused(source)
    assert description.startswith("Bad Request: can't parse entities: ")
    assert why in description


def test_white_space_is_trimmed_and_entities_follow() -> None:
    assert parsed("  \n <b>Hi</b> there \n ") == ("Hi there", [("bold", 0, 2)])
    assert parsed("x<b> y  </b>") == ("x y", [("bold", 1, 2)])
    assert parsed("<pre>  x</pre>") == ("  x", [("pre", 0, 3)])


def test_control_characters_are_cleaned() -> None:
    assert parsed("a\r\nb\tc\x00d")[0] == "a\nb c d"


def test_other_modes_are_told_apart() -> None:
    assert format_text("<b>x</b>", "", None).text == "<b>x</b>"
    assert format_text("<b>x</b>", "html", None).text == "x"
    with pytest.raises(ApiError, match="unsupported parse_mode"):
        format_text("x", "rtf", None)


def test_given_entities_are_checked() -> None:
    formatted = format_text("  Hi", "", [{"type": "bold", "offset": 2, "length": 2}])
    assert (formatted.text, formatted.entities) == ("Hi", [{"type": "bold", "offset": 0, "length": 2}])
    with pytest.raises(ApiError, match="ends after the end of the text"):
        format_text("Hi", "", [{"type": "bold", "offset": 0, "length": 3}])
    with pytest.raises(ApiError, match="can't parse MessageEntity"):
        format_text("Hi", "", [{"type": "bold"}])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start abc", [("bot_command", "/start")]),
        ("do /help@stillhere_bot now", [("bot_command", "/help@stillhere_bot")]),
        ("and/or 1/2", []),
        ("see https://a.org/b?c=d.", [("url", "https://a.org/b?c=d")]),
        ("see example.org, now", [("url", "example.org")]),
        ("me@example.org", [("email", "me@example.org")]),
        ("@somebody and @me", [("mention", "@somebody")]),
        ("#calm #1", [("hashtag", "#calm")]),
        ("call +1 555 010 0199", [("phone_number", "+1 555 010 0199")]),
        ("it is 3.5 e.g. today", []),
    ],
)
def test_what_telegram_finds_by_itself(text: str, found: list[tuple[str, str]]) -> None:
    entities = find(text, [])
    assert [
        (each["type"], text[each["offset"] : each["offset"] + each["length"]]) for each in entities
    ] == found


def test_nothing_is_found_inside_code_or_links() -> None:
    assert parsed("<code>/start</code> <a href='https://a.org'>b.org</a> /x") == (
        "/start b.org /x",
        [("code", 0, 6), ("text_link", 7, 5), ("bot_command", 13, 2)],
    )
