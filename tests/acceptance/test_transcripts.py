"""Every transcript, with a cast for each of its locales, against the real server and the real bot."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import postgres
from tests.acceptance.hosted import Hosted
from tests.acceptance.leaks import found_in, secrets_of
from tests.acceptance.requests import faults_in
from tests.acceptance.transcript import FOLDER, Transcript, load, play

CASES = [load(path) for path in sorted(FOLDER.glob("*.yaml"))]
ON_BOTH = ("link_space_back",)
"""Those that are played on PostgreSQL, too; DATABASE=postgres plays all of them there, and only there."""


def cases() -> Iterator[Any]:
    for case in CASES:
        name = f"{case.name}-{'-'.join(case.locales)}"
        if postgres.CHOSEN != "postgres":
            yield pytest.param(case, "sqlite", id=name)
        if postgres.CHOSEN == "postgres" or (postgres.CHOSEN == "both" and case.name in ON_BOTH):
            yield pytest.param(case, "postgres", id=f"{name}-postgres")


@pytest.mark.parametrize(("transcript", "dbms"), list(cases()))
async def test_transcript(transcript: Transcript, dbms: str, tmp_path: Path) -> None:
    database = await postgres.empty() if dbms == "postgres" else None
    async with Hosted(tmp_path, at=transcript.start, database=database) as playground:
        markers = await play(transcript, playground)
        secrets = list(secrets_of(playground))
        calls = await playground.calls()
        polls = await playground.polls()
        code = await playground.stop()

    assert code == 0, playground.log()
    said = "\n".join(playground.output)
    assert "level='debug'" in said, "the log is searched at its most talkative"
    assert found_in(playground.output, [*secrets, *(("marker", each) for each in markers)]) == []
    assert polls, "no request for updates is on record"
    assert faults_in([*calls, *polls]) == [], "the bot asked for what the Bot API does not know"
    if not transcript.errors_expected:
        assert "Traceback" not in said, playground.log(200)
        assert [call for call in calls if call["status"] == 400] == [], (
            "the bot asked for what Telegram refuses"
        )
