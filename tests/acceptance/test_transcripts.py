"""Every transcript, in each of its locales, against the real server and the real bot."""

from pathlib import Path

import pytest

from tests.acceptance.harness import Playground
from tests.acceptance.transcript import FOLDER, Runner, Transcript, load

CASES = [
    (transcript, locale)
    for transcript in map(load, sorted(FOLDER.glob("*.yaml")))
    for locale in transcript.locales
]


@pytest.mark.parametrize(
    ("transcript", "locale"), CASES, ids=[f"{case.name}-{locale}" for case, locale in CASES]
)
async def test_transcript(transcript: Transcript, locale: str, tmp_path: Path) -> None:
    async with Playground(tmp_path, at=transcript.start) as playground:
        runner = Runner(transcript, playground, locale)
        await runner.play()
        calls = await playground.calls()
        code = await playground.stop()

    assert code == 0, playground.log()
    said = "\n".join(playground.output)
    assert runner.marker not in said, "what people wrote is in the log"
    if not transcript.errors_expected:
        assert "Traceback" not in said, playground.log(200)
        assert [call for call in calls if call["status"] == 400] == [], (
            "the bot asked for what Telegram refuses"
        )
