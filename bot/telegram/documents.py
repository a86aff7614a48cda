"""Files that are made at the moment they are sent: from the database, in a thread, and never on a disk."""

import asyncio

from bot.domain.decision import Notice
from bot.services import export
from bot.storage.unit_of_work import Storage
from bot.telegram.render.export import export_file
from bot.telegram.render.words import Words
from bot.telegram.request import File


class Documents:
    """What a messenger asks for the file of a notice."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def file_for(self, notice: Notice, words: Words) -> File:
        """Name, content and type of the file that this notice is."""
        data = await export.read(self._storage, notice.recipient)
        return await asyncio.to_thread(export_file, notice.kind, data, words)
