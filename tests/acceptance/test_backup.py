"""The real bot is backed up while it runs, loses its database, and gets it back."""

import asyncio
import signal
from pathlib import Path

from tests.acceptance.harness import Playground, marker
from tests.acceptance.test_faults import linked
from tests.acceptance.test_starting import Place, place

__all__ = ["place"]


def rubbish(file: Path) -> None:
    """What a failing disk may do."""
    file.write_bytes(b"\xa5" * file.stat().st_size)


async def command(place: Place, *arguments: str, settings: dict[str, str]) -> tuple[int, str]:
    started = await place.start(*arguments, settings=settings)
    code = await started.ended()
    return code, "\n".join(started.lines)


async def test_backed_up_while_it_runs_damaged_and_restored_everything_is_there(
    place: Place, playground: Playground
) -> None:
    folder = playground.folder
    settings = {
        "TELEGRAM_TOKEN": "4200001:playground",
        "TELEGRAM_API_URL": playground.url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        "DATA_KEY_FILE": str(folder / "bot.key"),
    }
    word = marker()
    mara, jonas = await linked(playground)
    await mara.say("/space 20")
    await mara.tap("space.choose.own")
    await mara.say(f"I need air {word}")
    await mara.tap("space.send")
    backup = place.folder / "backup.db"

    both = (command(place, *each, settings=settings) for each in (("db", "backup", str(backup)), ("doctor",)))
    (made, said), (well, looked) = await asyncio.gather(*both)
    assert made == 0, said
    assert well == 0, looked
    assert "it is running" in looked
    assert backup.stat().st_mode & 0o777 == 0o600
    assert word.encode() not in backup.read_bytes()
    refused, why = await command(place, "db", "restore", str(backup), settings=settings)
    assert refused == 2
    assert "stop the bot first" in why
    assert "playground" not in looked.replace(str(folder), ""), "no token"

    await playground.stop(signal.SIGKILL)
    for name in ("bot.db", "bot.db-wal"):
        rubbish(folder / name)
    failed, why = await command(place, "run", settings=settings)
    assert failed == 2
    assert why.startswith("DATABASE_URL: "), why
    assert "db restore" in why
    checked, why = await command(place, "db", "check", settings=settings)
    assert checked == 1, why
    restored, why = await command(place, "db", "restore", str(backup), settings=settings)
    assert restored == 0, why
    kept = next(file for file in folder.iterdir() if "before-restore" in file.name and "wal" not in file.name)
    assert str(kept) in why
    assert kept.read_bytes().startswith(b"\xa5")

    await playground.start()
    await jonas.tap("space_reply.take_your_time")
    await jonas.sees("relay.sent")
    await playground.advance(20 * 60)
    await mara.sees("space.how_now.now")
    await mara.tap("space.im_back")
    await jonas.sees("space.returned")


async def test_every_night_by_itself_and_the_doctor_says_what_is_wrong(place: Place) -> None:
    await place.telegram()
    folder = place.folder / "kept"
    started = await place.start(settings={"BACKUP_DIR": str(folder)})
    line = await started.until("backup.made")
    assert await started.ended(signal.SIGTERM) == 0
    (made,) = folder.iterdir()
    assert str(made) in line
    assert made.stat().st_mode & 0o777 == 0o600
    both = (
        command(place, "db", "check", str(made), settings={}),
        command(place, "doctor", settings={"LOG_LEVEL": "loud"}),
    )
    (whole, said), (wrong, why) = await asyncio.gather(*both)
    assert whole == 0, said
    assert wrong == 1
    assert why.startswith("wrong  settings"), why
