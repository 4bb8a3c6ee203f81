"""Schemathesis over every operation of the document, against a real server."""

from typing import Any

import httpx
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from paycite.settings import ROOT
from paycite.web.openapi import DOCUMENTED

document = yaml.safe_load((ROOT / "openapi.yaml").read_text())
for operations in document["paths"].values():
    for operation in operations.values():
        # A valid one may be ahead of the server: tests/web/test_generation.py has it.
        operation["parameters"].remove({"$ref": "#/components/parameters/Min-Generation"})
schema = schemathesis.openapi.from_dict(document)

# A schema cannot say that two parameters contradict each other, or which names are known: such
# requests are valid by it, and 400. What it does say is tested below.
EXCEPTIONS: list[Any] = [positive_data_acceptance]
# These have a form of their own, which no pattern of reasonable length gives.
OF_OWN_FORM = {"after", "occupation", "offer", "prefix", "range", "url"}
# A row of a batch that is not as it should be carries its own problem in an answer that is 200.
ROW_BY_ROW = [*EXCEPTIONS, negative_data_rejection]
# What the framework answers for any address.
FOR_ALL = {"not-found", "method-not-allowed", "internal-error"}


@schema.parametrize()
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_every_operation_keeps_to_its_document(
    case: schemathesis.Case[Any], client: httpx.Client
) -> None:
    excluded = ROW_BY_ROW if case.method == "POST" else EXCEPTIONS
    response = case.call(base_url=str(client.base_url))
    if response.status_code == 414:
        # The server itself refuses an address over 64 KB, before it is a request of Paycite.
        assert len(str(response.request.url)) > 60_000
        return
    case.validate_response(response, excluded_checks=excluded)
    if response.status_code >= 400:
        (declared,) = [one.problems for one in DOCUMENTED if one.path == case.operation.path]
        found = {fault["type"] for fault in response.json()["errors"]} - FOR_ALL
        assert found <= {*declared}, f"add them to `problems` of the endpoint {case.path}"
        if case.method == "GET" and is_valid_by_schema(case):
            refused = {
                fault["parameter"]
                for fault in response.json()["errors"]
                if fault["type"] == "invalid-value"
            }
            if "compare" in case.path:
                refused -= {"role", "level", "metro"}  # the longest, of too many rows in all
            assert refused <= OF_OWN_FORM, "its schema says that this value is valid"


def is_valid_by_schema(case: schemathesis.Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive
