"""``/metrics`` for Prometheus: counts and durations of requests and their steps, without names or photos."""

from __future__ import annotations

import os
from time import perf_counter

from flask import Flask, Response, current_app, g, request
from flask_smorest import Blueprint
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
blueprint = Blueprint("metrics", __name__, description="Measurements for Prometheus.")


class Metrics:
    """Instruments of one application, added up over all its processes."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("niteru_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "niteru_request_seconds", "Time to answer.", ("route",), buckets=_BUCKETS, registry=self.registry
        )
        self.steps = Histogram(
            "niteru_step_seconds", "Time of the steps of /similar.", ("step",), buckets=_BUCKETS, registry=self.registry
        )
        self.generation = Gauge(
            "niteru_generation", "Generation in use.", registry=self.registry, multiprocess_mode="max"
        )

    def text(self) -> bytes:
        """Current values in the text format of Prometheus."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        combined = CollectorRegistry()
        MultiProcessCollector(combined)  # type: ignore[no-untyped-call]
        return generate_latest(combined)


def register(app: Flask) -> None:
    """Measure every request."""
    app.extensions["niteru-metrics"] = Metrics()
    app.before_request(_start)
    app.after_request(_finish)


def observe_steps(timing_ms: dict[str, float], generation: int) -> None:
    """Record the durations of the steps of an answer."""
    metrics: Metrics = current_app.extensions["niteru-metrics"]
    for step, ms in timing_ms.items():
        metrics.steps.labels(step).observe(ms / 1000)
    metrics.generation.set(generation)


@blueprint.get("/metrics")
@blueprint.response(200, {"type": "string"}, content_type="text/plain")
def get_metrics() -> Response:
    """Return counters and histograms in the text format of Prometheus."""
    instruments: Metrics = current_app.extensions["niteru-metrics"]
    return Response(instruments.text(), content_type=CONTENT_TYPE_LATEST)


def _start() -> None:
    g.started = perf_counter()


def _finish(response: Response) -> Response:
    metrics: Metrics = current_app.extensions["niteru-metrics"]
    route = str(request.url_rule or "(none)")
    method = request.method if request.method in ("GET", "POST", "DELETE", "HEAD", "OPTIONS") else "(other)"
    metrics.requests.labels(method, route, str(response.status_code)).inc()
    if "started" in g:
        metrics.seconds.labels(route).observe(perf_counter() - g.started)
    return response
