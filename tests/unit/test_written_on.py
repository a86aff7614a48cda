"""Words that come with something else are heard for words of crisis, too."""

from telegram import Message

from bot.telegram.handlers.typed import _written_on

HERE = {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}
POLL = {
    "id": "1",
    "question": "Shall I end it?",
    "options": [{"text": "yes", "voter_count": 0, "persistent_id": "1"}],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}


def written_on(**more: object) -> str:
    message = Message.de_json({**HERE, **more}, None)
    assert message is not None
    return _written_on(message)


def test_a_caption_a_poll_and_a_contact_are_read() -> None:
    assert written_on(caption="look") == "look"
    assert written_on(poll=POLL) == "Shall I end it?\nyes"
    contact = {"phone_number": "1", "first_name": "Kim", "last_name": "Help me"}
    assert written_on(contact=contact) == "Kim\nHelp me"
    assert written_on() == ""
