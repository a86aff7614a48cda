"""The benchmarks run, in small; and what they measure is what they say."""

from pathlib import Path
from typing import Any

import pytest

from bot.content.catalog import Content
from bot.heartbeat import BATCH
from tests.benchmarks import bulk, kill, report, scale, stage, taps
from tests.benchmarks.heartbeat import measure

pytestmark = pytest.mark.sqlite_only


async def test_the_heartbeat_in_small(tmp_path: Path, content: Content) -> None:
    found = await measure(1_000, BATCH + 100, tmp_path, content)
    assert (found["rows"], found["due"]) == (1_000, BATCH + 100)
    assert found["a_second"] > 0
    assert found["start_mb"] < 20, "what is not due is not loaded"


@pytest.fixture
def only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bare bots are in an extra of their own."""
    for each in (taps, kill):
        monkeypatch.setattr(each, "CONTENDERS", ("StillHere",))


def quiet(line: str) -> None: ...


async def test_taps_in_small(only_ours: None) -> None:
    """Every tap is answered by the three calls that the bare bots make, too."""
    found = await taps.measure(1, {"flood": {0: {"StillHere": 20}}, "idle": 1}, quiet, kinds=("tap",))
    [flood] = found["tap 0 StillHere"]
    assert flood["calls"] == {"answerCallbackQuery": 1, "editMessageText": 1, "sendMessage": 1}
    assert flood["a_second"] > 0
    assert len(found["idle StillHere"]) == 1


async def test_killed_in_small_nothing_is_lost(only_ours: None) -> None:
    [found] = (await kill.measure(1, 60, quiet))["kill StillHere"]
    assert found["lost"] == 0


async def test_bulk_and_hurry_in_small() -> None:
    drained = await bulk.measure(1, 40, quiet, rates={"lifted": {"SEND_RATE": stage.LIFTED}})
    assert drained["drain lifted"][0]["a_second"] > 0
    urgent = await bulk.measure_urgent(40, 1, 0, quiet)
    assert urgent["urgent"][0]["requests"] == 1


async def test_scale_in_small_and_the_page() -> None:
    found: dict[str, Any] = await scale.measure(1, 120, quiet)
    page = report.page({"scale": {"at": "now", "load": [0, 0], "found": found}})
    assert "start to first answer" in page
