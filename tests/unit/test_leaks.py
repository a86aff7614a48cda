"""The search for leaks itself: it finds what is there, and takes nothing else for one."""

import pytest

from tests.acceptance.leaks import found_in

LOG = [
    "timestamp='2026-03-02T17:00:00Z' level='debug' event='notice.sent' notice=13 kind='help.main'",
    "timestamp='2026-03-02T17:00:01Z' level='error' event='x' error='KeyError: I need air.' id=6900000001",
    "https://api.telegram.org/bot4200001:playground/sendMessage t.me/x?start=i_AbC-d_9",
]


@pytest.mark.parametrize(
    ("secret", "line"),
    [
        ("I need air.", 1),
        ("i NEED air", 1),
        ("6900000001", 1),
        ("4200001:playground", None),  # only in the address of the Bot API, which is looked for, too
        ("bot4200001:playground", 2),
        ("i_AbC-d_9", 2),
        ("help", None),
        ("main", None),
        ("notice", 0),
        ("17", None),
        ("need airs", None),
        ("00000", None),
    ],
)
def test_what_is_found(secret: str, line: int | None) -> None:
    expected = [] if line is None else [("typed", secret, LOG[line])]
    assert found_in(LOG, [("typed", secret)]) == expected
