"""Traces for OpenTelemetry: a span for each request, sent where the standard variables say. Needs
the extra `otel`, and is imported only if one of them is set."""

import os
from typing import Any, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from paycite import __version__
from paycite.web.observe import REQUEST_ID, ROUTE

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_CONTEXT = (b"traceparent", b"tracestate")
_WHOLE = "paycite.scope"


def is_wanted() -> bool:
    return any(map(os.environ.get, _ENDPOINTS))


def traced(app: ASGIApp) -> ASGIApp:
    """An ASGI application around another. ImportError without the extra."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    ours = Resource.create({"service.name": "paycite", "service.version": __version__})
    # The variables may say otherwise.
    provider = TracerProvider(resource=ours.merge(OTELResourceDetector().detect()))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))

    async def restored(scope: Any, receive: Receive, send: Send) -> None:
        await app(scope[_WHOLE], receive, send)

    spans = OpenTelemetryMiddleware(
        restored,
        default_span_details=lambda scope: (
            f"{scope['method']} {scope['path']}",
            {"http.route": scope["path"], "paycite.request_id": scope[_WHOLE][REQUEST_ID]},
        ),
        tracer_provider=provider,
        exclude_spans=["receive", "send"],
    )

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            await spans(_shown(scope), cast("Any", receive), cast("Any", send))
            return
        await app(scope, receive, send)  # until the service stops
        provider.shutdown()

    return cast("ASGIApp", answer)


def _shown(scope: Any) -> dict[str, Any]:
    """What a span may say of a request: as little as logs do."""
    context = [one for one in scope["headers"] if one[0] in _CONTEXT]
    shown = {name: scope[name] for name in ("type", "method", "scheme", "http_version", "server")}
    path = {"path": scope[ROUTE], "query_string": b"", "headers": context}
    return {**shown, **path, _WHOLE: scope}
