"""What Prometheus may ask."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5)


class Metrics:
    """The service's numbers, one registry a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.decisions = Counter(
            "gate_decisions", "Decisions given, by decision and reason", ["decision", "reason"], registry=self.registry
        )
        self.refused = Counter("gate_refused", "Requests refused, by status", ["status"], registry=self.registry)
        self.seconds = Histogram(
            "gate_answer_seconds",
            "Time from a request's body to its answer, the log included",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.waiting = Gauge("gate_answers_waiting", "Answers that wait for the log", registry=self.registry)
        self.state_age = Gauge(
            "gate_state_age_days",
            "Days from the state's as-of day to the day judged; +Inf where that day is still to come",
            registry=self.registry,
        )

        self._counters: dict[tuple[str, str], Counter] = {}

    def count(self, kind: tuple[str, str], count: int = 1) -> None:
        """Note decisions of one kind: decision and reason."""
        counter = self._counters.get(kind)
        if counter is None:  # finding the counter of two labels takes longer than counting
            counter = self._counters[kind] = self.decisions.labels(*kind)
        counter.inc(count)

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)
