"""What is offered behind the bot's name in any chat, and the results it becomes."""

from datetime import UTC, datetime, time
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.catalog import Content, load
from bot.domain import inline
from bot.domain.decision import Notice
from bot.domain.inline import Offer, Wordings
from bot.domain.model import Person, PersonId
from bot.domain.space import LONGEST, MOST_WORDS
from bot.domain.space_lengths import ClockTime, Length
from bot.places.zones import zone
from bot.services.inline import stranger
from bot.telegram.render.inline import MOST, choose_chat, opening, results
from bot.telegram.render.render import render
from bot.telegram.render.words import Words

NOW = datetime(2026, 3, 2, 17, 20, tzinfo=UTC)  # 18:20 in Berlin
BERLIN = zone("Europe/Berlin")
FEW, SETTLE = inline.Wording("wording.few_minutes"), inline.Wording("wording.settle_thoughts")
SAVED, SIGN = inline.Wording(own="Need <air> & quiet."), inline.Wording("signal_line.still_here")
WORDINGS = Wordings(FEW, SETTLE, [SAVED], [SIGN])


@cache
def content() -> Content:
    return load()


def words(locale: str = "en", place: str | None = "Europe/Berlin") -> Words:
    reader = Person(PersonId(1), "Mara", locale, place, time(22), time(8), True, NOW)
    return Words(content(), reader, NOW, "stillhere_bot", inline=True)


def shown(
    query: str, locale: str = "en", place: str | None = "Europe/Berlin", wordings: Wordings = WORDINGS
) -> list[dict[str, Any]]:
    here = None if place is None else zone(place)
    return results(words(locale, place), inline.offers(query, wordings, NOW, here))


def texts(query: str, locale: str = "en", place: str | None = "Europe/Berlin") -> list[str]:
    return [each["input_message_content"]["message_text"] for each in shown(query, locale, place)]


def test_before_anything_is_typed_both_wordings_come_with_times_that_fit_them() -> None:
    assert [text.rsplit(" ", 1)[1] for text in texts("")[:6]] == [
        *("18:25.", "18:30.", "18:35."),
        *("18:40.", "18:50.", "19:20."),
    ]
    assert texts("")[0] == "I just need a few minutes. I'll be back at 18:25."
    assert texts("")[6:] == ["Need <air> & quiet. I'll be back at 18:40.", "I'm still here."]
    assert texts("what is this") == texts("")


@pytest.mark.parametrize(
    ("query", "back"),
    [
        ("20", "at 18:40"),
        ("25 min", "at 18:45"),
        ("2 h", "at 20:20"),
        ("21:30", "at 21:30"),
        (" until 9 pm ", "at 21:00"),
        ("8:00", "tomorrow at 08:00"),
        ("tomorrow 8:00", "tomorrow at 08:00"),
        ("21:30:", "at 21:30"),
    ],
)
def test_a_time_that_was_typed_is_the_only_one_offered(query: str, back: str) -> None:
    found = texts(query)
    assert len(found) == 3
    assert all(text.endswith(f"I'll be back {back}.") for text in found)


@pytest.mark.parametrize(
    "query", ["0", "000", "24 h", "999999 min", "today 8:00", "tomorrow 20:00", "18:10", "999 hours"]
)
def test_what_is_no_break_offers_what_often_fits(query: str) -> None:
    assert texts(query) == texts("")


def test_the_wording_that_fits_the_length_comes_first() -> None:
    assert texts("15")[0].startswith("I just need a few minutes.")
    assert texts("20")[0].startswith("I need some time")
    assert texts("18:30")[0].startswith("I just need a few minutes.")
    assert texts("tomorrow 9:00", place=None)[0].startswith("I need some time")


def test_words_behind_a_colon_come_first_exactly_as_typed() -> None:
    assert texts("20: A walk\n around <the> block.")[0] == "A walk around <the> block. I'll be back at 18:40."
    assert len(texts(f"20: {'x' * (MOST_WORDS + 1)}")) == 3
    assert texts("note: this") == texts("")


def test_without_a_zone_a_length_stays_a_length_and_a_clock_is_theirs() -> None:
    assert texts("20", place=None)[0].endswith("I'll be back in 20 minutes.")
    assert texts("21:30", place=None)[0].endswith("I'll be back at 21:30.")
    assert texts("tomorrow 8:00", place=None)[0].endswith("I'll be back tomorrow at 08:00.")
    assert not any("UTC" in text for text in texts("", place=None))


def test_in_german() -> None:
    assert texts("", "de")[0] == "Ich brauche nur ein paar Minuten. Ich bin um 18:25 wieder da."
    assert texts("morgen um 8 Uhr", "de")[0].endswith("Ich bin morgen um 08:00 wieder da.")
    assert texts("25 Minuten", "de", None)[0].endswith("Ich bin in 25 Minuten wieder da.")
    assert shown("", "de")[0]["title"] == "Zurück um 18:25, in 5 Minuten"


def test_the_list_shows_exactly_what_is_sent_and_who_sends_it() -> None:
    first, *_, sign = shown("")
    assert first["title"] == "Back at 18:25, in 5 minutes"
    sent = first["input_message_content"]["message_text"]
    assert first["description"] == f"{sent} Sent by you; I keep no time for this one."
    assert "parse_mode" not in first["input_message_content"]
    assert sign["title"] == sign["input_message_content"]["message_text"] == "I'm still here."
    assert shown("", place=None)[0]["title"] == "Back in 5 minutes"


def test_the_same_message_is_offered_once() -> None:
    same = Wordings(FEW, SETTLE, [inline.Wording(own="I just need a few minutes."), SAVED, SAVED])
    assert len(shown("20", wordings=same)) == 3


def test_there_are_never_more_than_fifty() -> None:
    many = Wordings(FEW, SETTLE, [inline.Wording(own=f"Words {n}.") for n in range(80)])
    found = shown("20", wordings=many)
    assert len(found) == MOST == 50
    assert len({each["id"] for each in found}) == 50


@given(st.text(max_size=300), st.booleans())
def test_whatever_is_typed_something_can_be_sent(query: str, here: bool) -> None:
    found = inline.offers(query, WORDINGS, NOW, BERLIN if here else None)
    assert found
    for offer in found:
        if isinstance(offer.back, datetime):
            assert NOW < offer.back <= NOW + LONGEST
    made = results(words(place="Europe/Berlin" if here else None), found)
    assert all(1 <= len(each["id"].encode()) <= 64 and each["title"] for each in made)


def test_the_button_asks_for_these_very_words_and_the_same_time() -> None:
    back_at = datetime(2026, 3, 2, 17, 40, tzinfo=UTC)
    chosen = choose_chat(words(), "Tea: alone & quiet.", back_at)["switch_inline_query_chosen_chat"]
    assert chosen == {"query": "18:40: Tea: alone & quiet.", "allow_user_chats": True}
    assert texts(chosen["query"])[0] == "Tea: alone & quiet. I'll be back at 18:40."
    chosen = choose_chat(words(place=None), "Tea.", back_at)["switch_inline_query_chosen_chat"]
    assert texts(chosen["query"], place=None)[0] == "Tea. I'll be back in 20 minutes."
    shipped = choose_chat(words(), "I just need a few minutes.", back_at)["switch_inline_query_chosen_chat"]
    assert texts(shipped["query"])[0] == "I just need a few minutes. I'll be back at 18:40."
    assert len(texts(shipped["query"])) == 3


def test_a_query_is_never_longer_than_telegram_allows() -> None:
    assert inline.query_for("x" * MOST_WORDS, "18:40") == f"18:40: {'x' * MOST_WORDS}"
    assert inline.query_for("🌊" * MOST_WORDS, "18:40") == "18:40"


def test_the_button_above_leads_to_the_bot_or_to_people_who_help() -> None:
    assert opening(words()) == {"text": "Open StillHere", "start_parameter": "inline"}
    assert opening(words("de"), lines=True) == {"text": "Menschen, die helfen", "start_parameter": "lines"}


def test_a_stranger_reads_without_a_place() -> None:
    assert stranger("de", NOW).zone is None
    assert inline.offers("20", WORDINGS, NOW, None)[0] == Offer(SETTLE, Length(20))
    assert inline.offers("21:30", WORDINGS, NOW, None)[0] == Offer(SETTLE, ClockTime(time(21, 30)))


def labels(kind: str, *, switched_on: bool) -> list[str]:
    reader = Person(PersonId(1), "Mara", "en", "Europe/Berlin", time(22), time(8), True, NOW)
    w = Words(content(), reader, NOW, "stillhere_bot", inline=switched_on)
    about = {"request": 1, "draft": 1, "back_at": "2026-03-02T17:40:00+00:00"}
    names = {} if kind.endswith("_alone") else {"name": "Jonas", "own_name": "Mara"}
    call = render(Notice(kind, reader.id, about, {"words": "Tea & quiet.", **names}), None, w)
    assert call is not None
    rows = call.parameters["reply_markup"]["inline_keyboard"]
    return [button["text"] for row in rows for button in row]


@pytest.mark.parametrize("kind", ["space.sent_alone", "space.preview_alone"])
def test_choose_a_chat_stands_only_where_it_works(kind: str) -> None:
    assert "Choose a chat" in labels(kind, switched_on=True)
    assert "Choose a chat" not in labels(kind, switched_on=False)


@pytest.mark.parametrize("kind", ["space.sent", "space.preview"])
def test_with_a_partner_the_bot_carries_it(kind: str) -> None:
    assert "Choose a chat" not in labels(kind, switched_on=True)
