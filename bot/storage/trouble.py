"""The machine's faults: no room, locked, damaged, out of reach … No fault of what was just being done."""

from enum import Enum

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError


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
    # Of a server.
    UNREACHABLE = ("the server cannot be reached", "see that it runs, and that its address is right")
    NOT_LET_IN = ("the server does not let this user in", "see user and password, and its pg_hba.conf")
    NO_DATABASE = ("there is no such database on the server", "make it with createdb, or name another one")
    NOT_ALLOWED = (
        "this user may not do there what the bot has to",
        "make them the owner of the database: ALTER DATABASE … OWNER TO …",
    )
    CROWDED = (
        "the server has no room for a connection or in its memory",
        "raise max_connections, or end others",
    )
    ONLY_READS = ("the server only reads now", "see whether it is a standby, and name the primary one")
    SERVER_DAMAGED = ("the server finds it damaged", "stop the bot and put a backup of pg_dump back")
    HELD_UP = ("other programs held it up (locks, or a time-out)", "see what else works with this database")
    TAKEN = ("another StillHere uses it", "stop one of the two")

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
# PostgreSQL's (https://www.postgresql.org/docs/current/errcodes-appendix.html), by what they begin with.
_BY_STATE = {
    "08": Trouble.UNREACHABLE,
    "25006": Trouble.ONLY_READS,
    "25P03": Trouble.HELD_UP,  # idle in transaction for too long
    "28": Trouble.NOT_LET_IN,
    "3D000": Trouble.NO_DATABASE,
    "40": Trouble.HELD_UP,  # deadlock, serialization failure
    "42501": Trouble.NOT_ALLOWED,
    "53100": Trouble.FULL,
    "53": Trouble.CROWDED,
    "55P03": Trouble.HELD_UP,  # lock time-out
    "57014": Trouble.HELD_UP,  # statement time-out, or an operator's cancel
    "57P": Trouble.UNREACHABLE,  # it stops, has crashed, or is only starting
    "58030": Trouble.DISK,
    "XX001": Trouble.SERVER_DAMAGED,
    "XX002": Trouble.SERVER_DAMAGED,
}


class DatabaseBusyError(Exception):
    """Another process already writes to this database."""


class DatabaseTroubleError(Exception):
    """The machine keeps the database from working; whatever was under way was rolled back.

    `told`: whoever raises it has said so in the log, once; the log leaves out what is said after that.
    """

    told = True

    def __init__(self, trouble: Trouble, database: str) -> None:
        super().__init__(f"{database}: {trouble.words}; {trouble.mend}")
        self.trouble = trouble


def describe(url: URL) -> str:
    """The database in words: its file, or its name and its server; never a password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    host = url.host or url.query.get("host") or "this machine"
    return f"{url.database or url.username} at {host if isinstance(host, str) else ', '.join(host)}"


def trouble_of(error: BaseException) -> Trouble | None:
    """What the machine did, if it was the machine; None for any other error."""
    raised = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(raised, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _BY_CODE.get(code & 0xFF)
    state = getattr(raised, "sqlstate", None)
    if isinstance(state, str):
        return next((_BY_STATE[state[:size]] for size in (5, 3, 2) if state[:size] in _BY_STATE), None)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Trouble.UNREACHABLE
    return None


def opening_trouble(error: BaseException) -> Trouble | None:
    """The same for what came of opening a connection: there the net's errors are the database's, too."""
    if isinstance(error, DatabaseBusyError):
        return Trouble.TAKEN
    if isinstance(error, OSError | TimeoutError | InterfaceError):
        return trouble_of(error) or Trouble.UNREACHABLE
    return trouble_of(error)
