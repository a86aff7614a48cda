"""What somebody who looked found: one line each, for people and their scripts."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`warn` is worth a look, `wrong` has to be mended."""

    OK = "ok"
    WARN = "warn"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """How one thing is, and, where it is not well, the mend."""

    level: Level
    what: str
    says: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.level:<6} {self.what:<11} {self.says}{f'; {self.mend}' if self.mend else ''}"


def ok(what: str, says: str) -> Finding:
    return Finding(Level.OK, what, says)


def warn(what: str, says: str, mend: str = "") -> Finding:
    return Finding(Level.WARN, what, says, mend)


def wrong(what: str, says: str, mend: str = "") -> Finding:
    return Finding(Level.WRONG, what, says, mend)


def all_well(findings: Iterable[Finding]) -> bool:
    """Whether nothing is wrong."""
    return all(finding.level is not Level.WRONG for finding in findings)
