"""Structured logs: event names and internal ids; never what people write, and never the token."""

import logging
import sys
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any

import structlog

REDACTED = "[redacted]"
OURS = "bot"


Watcher = Callable[[str, str], None]


class Redactor:
    """Takes secrets out of everything that is about to be written."""

    def __init__(self, secrets: list[str]) -> None:
        self._secrets = [secret for secret in secrets if secret]

    def __call__(self, logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, REDACTED)
        return value


def leave_out_told(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop what only repeats an error that says of itself that the log knows it already."""
    given = event.get("exc_info")
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if getattr(error, "told", False):
        raise structlog.DropEvent
    return event


class Watched:
    """Tells whoever watches the log what is about to be written: the level and the event's name, no more."""

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        self._watchers = watchers

    def __call__(self, logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for watcher in self._watchers:
            watcher(name, str(event["event"]))
        return event


def only_warnings_of_others(record: logging.LogRecord) -> bool:
    """Whether a record is ours, or grave: below that, others log statements, addresses and messages.

    Asked of every record, so that no library and no setting of its own opens it up.
    """
    return record.name == OURS or record.name.startswith(f"{OURS}.") or record.levelno >= logging.WARNING


def configure(level: str, secrets: list[str], watchers: Sequence[Watcher] = ()) -> None:
    """Send our events and other libraries' warnings to standard error, redacted.

    `watchers` hear of our events whatever is written, except of those below INFO. They must not raise.
    """
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        Redactor(secrets),
    ]
    structlog.configure(
        processors=[
            leave_out_told,
            Watched(watchers),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        # What is not to be written costs next to nothing.
        wrapper_class=structlog.make_filtering_bound_logger(min(level, "INFO", key=_gravity)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
            ],
        )
    )
    handler.addFilter(only_warnings_of_others)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(OURS).setLevel(level)


def _gravity(level: str) -> int:
    return logging.getLevelNamesMapping()[level]
