"""The benchmark runs, in small; and what it measures is what it says."""

from pathlib import Path

from bot.content.catalog import Content
from bot.heartbeat import BATCH
from tests.benchmarks.heartbeat import measure


async def test_the_heartbeat_in_small(tmp_path: Path, content: Content) -> None:
    found = await measure(1_000, BATCH + 100, tmp_path, content)
    assert (found["rows"], found["due"]) == (1_000, BATCH + 100)
    assert found["a_second"] > 0
    assert found["start_mb"] < 20, "what is not due is not loaded"
