"""Figures of a running guard, in the form that Prometheus reads. Without prometheus-client nothing is counted."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from spamlint.guard.decision import Decision
from spamlint.guard.envelope import Envelope

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """What is counted; made by `metrics()`."""

    registry: CollectorRegistry
    messages: Counter
    verdicts: Counter
    rules: Counter
    seconds: Histogram
    queue: Gauge
    restarts: Counter
    breaches: Counter

    def judged(self, decision: Decision, envelope: Envelope, seconds: float) -> None:
        """Counts one message. `seconds` went by between its coming in and the decision."""
        why = decision.unjudged or decision.spared
        self.messages.labels(envelope.hook, decision.action, decision.wanted, why).inc()
        if decision.unjudged != "not-a-submission":
            self.seconds.observe(seconds)
        if decision.unjudged in ("timeout", "crash", "over-limit", "busy"):
            self.breaches.labels(decision.unjudged).inc()
        if decision.report is not None:
            self.verdicts.labels(decision.report.outcome).inc()
            for rule in {finding.rule for finding in decision.report.findings}:
                self.rules.labels(rule).inc()

    def waiting(self, number: int) -> None:
        """How many messages wait for a worker now."""
        self.queue.set(number)

    def restarted(self, reason: str) -> None:
        """Counts a worker that was replaced, and why."""
        self.restarts.labels(reason).inc()

    def page(self) -> bytes:
        """What Prometheus fetches, of the type `CONTENT_TYPE`."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry)


@dataclass(frozen=True, slots=True)
class NoMetrics:
    """Stands where prometheus-client is not installed."""

    def judged(self, decision: Decision, envelope: Envelope, seconds: float) -> None:
        """Counts nothing."""

    def waiting(self, number: int) -> None:
        """Counts nothing."""

    def restarted(self, reason: str) -> None:
        """Counts nothing."""

    def page(self) -> bytes:
        """Says what is missing."""
        return b"# no metrics: python3 -m pip install 'spamlint[server]'\n"


def metrics() -> Metrics | NoMetrics:
    """A new set of counters, with a registry of its own."""
    if find_spec("prometheus_client") is None:
        return NoMetrics()
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

    own = CollectorRegistry()
    return Metrics(
        own,
        Counter(
            "spamlint_messages", "Messages by what became of them.", ("hook", "action", "wanted", "why"), registry=own
        ),
        Counter("spamlint_verdicts", "Verdicts by outcome.", ("outcome",), registry=own),
        Counter("spamlint_rule_findings", "Messages in which a rule found something.", ("rule",), registry=own),
        Histogram("spamlint_seconds", "From a message to its decision.", buckets=BUCKETS, registry=own),
        Gauge("spamlint_queue", "Messages that wait for a worker.", registry=own),
        Counter("spamlint_worker_restarts", "Workers that were replaced.", ("reason",), registry=own),
        Counter("spamlint_unjudged", "Messages without a verdict.", ("reason",), registry=own),
    )
