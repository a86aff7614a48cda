"""What is counted for Prometheus: nothing of anybody, and nothing at all where nobody asked for it."""

from collections.abc import Mapping

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

from bot import __version__

CONTENT_TYPE = CONTENT_TYPE_LATEST
QUICK = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
"""Seconds."""
SLOW = (0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)
RESULTS = {
    None: "sent",
    "RefusedError": "refused",
    "UnreachableError": "unreachable",
    "TooFastError": "too_fast",
    "NotDeliveredError": "not_delivered",
    "PerhapsDeliveredError": "perhaps_delivered",
    "broken": "broken",
}
"""What can come of a call, by the error that is written down in the outbox."""
NOTABLE = frozenset({"warning", "error", "exception", "critical"})
REMINDERS = frozenset({"reminder", "snooze"})


class Metrics:
    """Counters that are moved as things happen, and gauges that are set when somebody asks."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Info("stillhere", "Which version runs", registry=registry).info({"version": __version__})
        self._updates = Counter("stillhere_updates", "Updates taken, and committed", registry=registry)
        self._batch = Histogram(
            "stillhere_batch_seconds",
            "Seconds from a batch of updates to its commit",
            buckets=QUICK,
            registry=registry,
        )
        sends = Counter("stillhere_sends", "Calls to send a notice", ["result"], registry=registry)
        # Found beforehand: a label costs more than the counting.
        self._sends = {error: sends.labels(name) for error, name in RESULTS.items()}
        late = Histogram(
            "stillhere_timer_lateness_seconds",
            "Seconds between the time a timer was due and its run",
            ["kind"],
            buckets=SLOW,
            registry=registry,
        )
        self._late = {kind: late.labels(kind) for kind in ("promise", "reminder")}
        self._events = Counter(
            "stillhere_log_events",
            "Lines of the log that are warnings or worse",
            ["event"],
            registry=registry,
        )
        self._gauges(registry)

    def _gauges(self, registry: CollectorRegistry) -> None:
        self._waiting = Gauge(
            "stillhere_outbox_waiting", "Notices that should have gone", ["priority"], registry=registry
        )
        self._oldest = Gauge(
            "stillhere_outbox_oldest_seconds",
            "Seconds the oldest of them has waited",
            ["priority"],
            registry=registry,
        )
        self._overdue = Gauge(
            "stillhere_timers_overdue_seconds",
            "Seconds the earliest due timer is late",
            ["kind"],
            registry=registry,
        )
        self._ready = Gauge("stillhere_ready", "1 if /readyz says so", registry=registry)
        self._database = Gauge("stillhere_database_up", "1 if the database works", registry=registry)
        self._telegram = Gauge("stillhere_telegram_up", "1 if Telegram is within reach", registry=registry)
        self._leader = Gauge("stillhere_sender_leader", "1 if this process is the sender", registry=registry)

    # while the bot works

    def batch(self, updates: int, seconds: float) -> None:
        self._updates.inc(updates)
        self._batch.observe(seconds)

    def sent(self, error: str | None) -> None:
        """A call was made; `error`: what is written down of it, if it failed."""
        self._sends[error].inc()

    def late(self, kind: str, seconds: float) -> None:
        """A timer ran so long after it was due."""
        self._late["reminder" if kind in REMINDERS else "promise"].observe(max(0.0, seconds))

    def logged(self, level: str, event: str) -> None:
        if level in NOTABLE:
            self._events.labels(event).inc()

    # when somebody asks

    def queues(self, waiting: Mapping[str, tuple[int, float]], overdue: Mapping[str, float]) -> None:
        """By priority: how many wait, and the seconds of the oldest. By kind of timer: the seconds."""
        for priority, (count, seconds) in waiting.items():
            self._waiting.labels(priority).set(count)
            self._oldest.labels(priority).set(seconds)
        for kind, seconds in overdue.items():
            self._overdue.labels(kind).set(seconds)

    def unknown(self) -> None:
        """The database does not say how long the queues are."""
        for gauge in (self._waiting, self._oldest, self._overdue):
            gauge.clear()

    def state(self, *, ready: bool, database: bool, telegram: bool, leader: bool) -> None:
        self._ready.set(ready)
        self._database.set(database)
        self._telegram.set(telegram)
        self._leader.set(leader)

    def text(self) -> bytes:
        return generate_latest(self._registry)
