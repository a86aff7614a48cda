"""Every transcript, with a cast for each of its locales, against the real server and the real bot."""

import json
import re
from pathlib import Path

import pytest

from bot.play import TOKEN
from tests.acceptance.forged import forge, is_wanted
from tests.acceptance.hosted import Hosted
from tests.acceptance.transcript import FOLDER, Transcript, load, play

CASES = [load(path) for path in sorted(FOLDER.glob("*.yaml"))]


@pytest.mark.parametrize("transcript", CASES, ids=[f"{case.name}-{'-'.join(case.locales)}" for case in CASES])
async def test_transcript(transcript: Transcript, tmp_path: Path) -> None:
    async with Hosted(tmp_path, at=transcript.start) as playground:
        casts = await play(transcript, playground)
        markers = [cast.marker for cast in casts]
        calls = await playground.calls()
        if is_wanted(transcript.name):
            await forge(playground, list(casts[0].people.values()), markers)
        code = await playground.stop()

    assert code == 0, playground.log()
    said = "\n".join(playground.output)
    codes = re.findall(r"start=(?:i_)?([\w-]{20,})", json.dumps(calls))
    key = (tmp_path / "bot.key").read_text().strip()
    for secret in (*markers, *codes, key, TOKEN, TOKEN.partition(":")[2]):
        assert secret not in said, "what nobody may read is in the log"
    if not transcript.errors_expected:
        assert "Traceback" not in said, playground.log(200)
        assert [call for call in calls if call["status"] == 400] == [], (
            "the bot asked for what Telegram refuses"
        )
