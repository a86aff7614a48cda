"""The machine's faults: no room, locked, read-only, damaged. No fault of what was just being done."""

from enum import Enum

from sqlalchemy.exc import DBAPIError


class Trouble(Enum):
    """What a machine can do to a database: what is so, and the mend."""

    FULL = ("the disk is full", "make room on it")
    LOCKED = ("another program keeps it locked", "end that program")
    READ_ONLY = (
        "it cannot be written",
        "see who owns the file and its folder, and whether the disk is mounted read-only",
    )
    NOT_OPENED = ("it cannot be opened", "see that it and its folder belong to the user the bot runs as")
    DAMAGED = (
        "it is damaged, or no database",
        "stop the bot and put a backup back: python -m bot db restore FILE (docs/operating.md)",
    )
    DISK = ("the disk does not do what it is told (I/O error)", "look after the disk")

    @property
    def words(self) -> str:
        return self.value[0]

    @property
    def mend(self) -> str:
        return self.value[1]


# SQLite's primary result codes. What is not here (no such table, too many variables …) is a fault of ours.
_BY_CODE = {
    3: Trouble.READ_ONLY,  # PERM
    5: Trouble.LOCKED,  # BUSY
    6: Trouble.LOCKED,
    8: Trouble.READ_ONLY,
    10: Trouble.DISK,  # IOERR
    11: Trouble.DAMAGED,  # CORRUPT
    13: Trouble.FULL,
    14: Trouble.NOT_OPENED,  # CANTOPEN
    15: Trouble.LOCKED,  # PROTOCOL
    26: Trouble.DAMAGED,  # NOTADB
}


class DatabaseTroubleError(Exception):
    """The machine keeps the database from working; whatever was under way was rolled back.

    `told`: whoever raises it has said so in the log, once; the log leaves out what is said after that.
    """

    told = True

    def __init__(self, trouble: Trouble, file: str) -> None:
        super().__init__(f"{file}: {trouble.words}; {trouble.mend}")
        self.trouble = trouble


def trouble_of(error: BaseException) -> Trouble | None:
    """What the machine did, if it was the machine; None for any other error."""
    raised = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(raised, "sqlite_errorcode", None)
    return _BY_CODE.get(code & 0xFF) if isinstance(code, int) else None
