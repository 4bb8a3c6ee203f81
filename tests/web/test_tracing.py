"""Traces go to a receiver of OpenTelemetry if there is one; else nothing of it is imported."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from support.commands import environment
from support.listening import listening
from support.servers import serving

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@contextmanager
def receiving() -> Iterator[tuple[str, list[bytes]]]:
    """The address of a receiver of OTLP over HTTP, and the bodies that it got."""
    bodies: list[bytes] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with listening(Receiver) as port:
        yield f"http://127.0.0.1:{port}", bodies


def test_each_request_is_a_span_in_the_trace_of_its_client_that_says_no_more_than_a_log(
    data: Path, tmp_path: Path
) -> None:
    with receiving() as (address, bodies):
        with serving(data, folder=tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=address) as client:
            headers = {"traceparent": PARENT, "x-request-id": "abc", "user-agent": "SECRET"}
            asked = "/figures/SECRET?role=SECRET"
            assert client.get(asked, headers=headers).status_code == 400
        # The spans that wait are sent when the service stops.
        requests = [ExportTraceServiceRequest.FromString(body) for body in bodies]
    assert b"SECRET" not in b"".join(bodies)
    (resource, *_) = [one.resource for request in requests for one in request.resource_spans]
    assert "paycite" in {one.value.string_value for one in resource.attributes}
    spans = [
        span
        for request in requests
        for one in request.resource_spans
        for scope in one.scope_spans
        for span in scope.spans
    ]
    (span,) = [one for one in spans if one.name == "GET /figures/{id}"]
    assert {one.name for one in spans} == {span.name, "GET /ready"}
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == tuple(PARENT.split("-")[1:3])
    assert span.kind == Span.SPAN_KIND_SERVER
    told = {one.key: one.value.string_value or one.value.int_value for one in span.attributes}
    assert (told["paycite.request_id"], told["http.route"]) == ("abc", "/figures/{id}")
    assert told["http.status_code"] == 400


@pytest.mark.parametrize("is_wanted", [True, False])
def test_it_is_not_imported_unless_it_is_wanted(data: Path, is_wanted: bool) -> None:
    """Litestar imports the interfaces if they are installed; the rest does the work."""
    script = (
        "import sys; from paycite.web.app import create_app; create_app();"
        "print(any(one.startswith('opentelemetry.sdk') for one in sys.modules))"
    )
    wanted = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"} if is_wanted else {}
    said = environment(data, **wanted)
    done = subprocess.run([sys.executable, "-c", script], env=said, capture_output=True, text=True)
    assert done.stdout.strip() == str(is_wanted), done.stderr
