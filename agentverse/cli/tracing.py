"""Sends the spans of a run where the environment says: ``OTEL_EXPORTER_OTLP_ENDPOINT`` and its companions."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

import click

from agentverse.models.places import is_loopback

PLACES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
FLUSH_MS = 3000
"""Time that the last spans get to arrive."""


@contextmanager
def collected(*, offline: bool = False) -> Generator[None]:
    """While it lasts, spans are sent; not when the environment names no collector, or switches them off.

    Args:
        offline: a collector that is not on this machine is sent nothing, and that is said.
    """
    place = next((name for name in PLACES if os.environ.get(name)), None)
    if place is None or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        yield
        return
    if offline and not all(is_loopback(os.environ[name]) for name in PLACES if os.environ.get(name)):
        click.echo(f"{place} is not on this machine, so no spans are sent (offline).", err=True)
        yield
        return
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError:
        click.echo(f"{place} is set, but no spans are sent. fix: pip install 'agentverse[otel]'", err=True)
        yield
        return
    provider = TracerProvider(
        resource=Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "agentverse")})
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.force_flush(FLUSH_MS)
        provider.shutdown()
