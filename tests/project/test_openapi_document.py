"""`openapi.yaml` is the document of the code, small, and with an example of every problem."""

from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import yaml

from paycite.model.problem import PROBLEM_TYPES
from paycite.model.snapshot import Snapshot
from paycite.settings import ROOT
from paycite.web.openapi import DOCUMENTED
from paycite.web.openapi.examples import PROBLEMS
from support.commands import read_output

OPENAPI = ROOT / "openapi.yaml"
# No request can show these on the seeds: nothing was imported, the address takes every method that
# a generated client would send, there are no keys and no quotas, it is no browser, and the service
# does not fail.
NOT_SHOWN = {
    *("suppressed", "internal-error", "not-ready", "overloaded", "method-not-allowed"),
    *("unauthorized", "forbidden", "range-not-satisfiable", "too-many-requests"),
}


def test_openapi_yaml_equals_the_generated_document(data: Path) -> None:
    assert read_output(data, "openapi") == OPENAPI.read_text(), (
        "run `make openapi` and read the diff"
    )


def test_every_problem_has_a_true_example_that_its_operations_refer_to() -> None:
    document = yaml.safe_load(OPENAPI.read_text())
    examples = document["components"]["examples"]
    for name in PROBLEM_TYPES.keys() - NOT_SHOWN:
        assert name in PROBLEMS, (
            f"add a request that causes {name} to PROBLEMS in web/openapi/examples.py, "
            "or to NOT_SHOWN here if the seeds can cause none"
        )
        assert any(name in endpoint.problems for endpoint in DOCUMENTED), (
            f"add {name} to the `problems` of each endpoint that can raise it"
        )
    assert examples.keys() == PROBLEMS.keys(), "run `make openapi` and read the diff"
    for name, example in examples.items():
        assert example["value"]["type"] == f"/problems/{name}", (
            f"the request of {name} in web/openapi/examples.py causes {example['value']}; "
            "change the request, or raise the problem"
        )
    for endpoint in DOCUMENTED:
        (operation,) = document["paths"][endpoint.path].values()
        shown = {
            name
            for response in operation["responses"].values()
            if "$ref" in response
            for content in resolve(document, response).get("content", {}).values()
            for name in content.get("examples", {})
        }
        assert shown == {*endpoint.problems} - NOT_SHOWN, endpoint.path


def test_every_operation_says_that_a_key_a_quota_and_load_can_refuse_it() -> None:
    document = yaml.safe_load(OPENAPI.read_text())
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert {"401", "429", "503", "default"} <= operation["responses"].keys(), path
            for status in ("429", "503"):
                headers = resolve(document, operation["responses"][status])["headers"]
                assert headers.keys() == {"Retry-After"}
            parameters = [resolve(document, one)["name"] for one in operation["parameters"][-1:]]
            assert parameters == ["Min-Generation"], path
    assert document["security"] == [{}, {"key": []}]


def test_every_get_can_be_answered_with_304_and_no_body() -> None:
    document = yaml.safe_load(OPENAPI.read_text())
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answer = operation["responses"]["200"]
            answer = resolve(document, answer) if "$ref" in answer else answer
            assert "X-Dataset-Generation" in answer["headers"], path
            assert ("ETag" in answer["headers"]) == ("304" in operation["responses"]), path
            assert (method == "get") == ("304" in operation["responses"]), path
            if method == "get":
                assert "content" not in resolve(document, operation["responses"]["304"])


def test_the_description_of_a_dataset_has_the_fields_that_its_schema_names(
    client: httpx.Client, snapshot: Snapshot
) -> None:
    schemas = yaml.safe_load(OPENAPI.read_text())["components"]["schemas"]
    package = client.get(f"/datasets/{snapshot.version}").json()
    reference = {"$ref": "#/components/schemas/DataPackage", "components": {"schemas": schemas}}
    jsonschema_rs.validate(reference, package)
    assert package.keys() == schemas["DataPackage"]["properties"].keys() | {"$schema"}
    resource = schemas["DataPackage"]["properties"]["resources"]["items"]
    assert {name for one in package["resources"] for name in one} == resource["properties"].keys()


def test_parameters_say_whether_they_are_required_and_which_default_they_have() -> None:
    parameters = yaml.safe_load(OPENAPI.read_text())["components"]["parameters"]
    required = {name for name, one in parameters.items() if one["required"]}
    assert {"role", "Compare.role"} <= required
    assert not [one for one in parameters.values() if "Default: ()" in one["description"]]


def test_every_reference_resolves() -> None:
    document = yaml.safe_load(OPENAPI.read_text())
    for part in every_part(document):
        if isinstance(part.get("$ref"), str):
            assert resolve(document, part)


def every_part(part: Any) -> list[dict[str, Any]]:
    """All objects in a document."""
    if isinstance(part, dict):
        return [part, *(one for value in part.values() for one in every_part(value))]
    return [one for value in part for one in every_part(value)] if isinstance(part, list) else []


def resolve(document: Any, part: dict[str, str]) -> Any:
    for name in part["$ref"].removeprefix("#/").split("/"):
        document = document[name]
    return document


def test_the_document_is_small_enough_to_read() -> None:
    assert OPENAPI.stat().st_size < 200_000
