"""Every transcript, with a cast for each of its locales, against the real server and the real bot."""

from pathlib import Path

import pytest

from tests.acceptance.hosted import Hosted
from tests.acceptance.leaks import found_in, secrets_of
from tests.acceptance.requests import faults_in
from tests.acceptance.transcript import FOLDER, Transcript, load, play

CASES = [load(path) for path in sorted(FOLDER.glob("*.yaml"))]


@pytest.mark.parametrize("transcript", CASES, ids=[f"{case.name}-{'-'.join(case.locales)}" for case in CASES])
async def test_transcript(transcript: Transcript, tmp_path: Path) -> None:
    async with Hosted(tmp_path, at=transcript.start) as playground:
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
