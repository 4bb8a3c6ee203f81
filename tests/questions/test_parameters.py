"""No parameter is accepted and then left out of the answer, and unknown ones lead to known ones."""

from typing import Any

import msgspec
import pytest

from paycite.dataset.store import Store
from paycite.model.parameters import Requested, SalaryParameters
from paycite.questions.answer import answer_question
from paycite.questions.compare import CompareParameters
from paycite.questions.parameter_names import suggest_parameters
from paycite.questions.parameters import parse, schemas
from paycite.web.app import ENDPOINTS
from paycite.web.endpoint import Endpoint
from paycite.web.openapi import DOCUMENTED
from support.questions import ASKED


@pytest.mark.parametrize("struct", [SalaryParameters, Requested])
def test_every_parameter_is_asked_here(struct: type[msgspec.Struct]) -> None:
    names = {field.name for field in msgspec.structs.fields(struct)}
    assert names == {*ASKED, "dataset"}, "give ASKED in tests/support/questions.py a value of each"


def test_every_parameter_is_in_the_answer_letter_for_letter(store: Store) -> None:
    asked = ASKED | {"dataset": [store.snapshot.version]}
    answer = answer_question(store, asked)
    requested: dict[str, Any] = msgspec.to_builtins(answer.requested)
    assert requested.keys() == asked.keys()
    for name, texts in asked.items():
        assert requested[name] == (tuple(texts) if name == "source" else texts[0])
        assert f"{name}=" in answer.links.self


@pytest.mark.parametrize("endpoint", DOCUMENTED, ids=lambda one: str(one.name))
def test_a_value_of_another_type_is_refused_with_what_is_expected(endpoint: Endpoint) -> None:
    for name, schema in schemas(endpoint.parameters).items():
        if schema.get("type") not in ("array", "string") or "enum" in schema:
            faults = parse(endpoint.parameters, {name: ["?"]}).faults
            (detail,) = [fault.detail for fault in faults if fault.parameter == name]
            assert "expected" in detail
        else:
            assert not {"pattern", "format"} & schema.keys(), "_expectation cannot describe it"


MEANT = {
    "role": "title job_title jobTitle job position positions occupation soc_code role_id rol",
    "level": "seniority job_level jobLevel experience_level grade levl lvl",
    "years": "experience years_of_experience yearsExperience yoe year yaers",
    "metro": "location city cities place zip zip_code city_name state metro-area metors",
    "offer": "salary pay base_salary minSalary compensation",
    "period": "pay_period per unit",
    "source": "sources publisher",
    "dataset": "version dataset_version",
}


@pytest.mark.parametrize(("meant", "names"), MEANT.items())
@pytest.mark.parametrize("struct", [SalaryParameters, CompareParameters])
def test_an_unknown_parameter_suggests_the_one_that_is_meant(
    struct: type[msgspec.Struct], meant: str, names: str
) -> None:
    for name in names.split():
        (fault, *_) = parse(struct, {"role": ["mlops"], name: ["x"]}).faults
        assert (fault.type, fault.suggestions[0]) == ("unknown-parameter", meant), name
        assert f"Did you mean {meant!r}" in fault.detail


def test_only_parameters_of_the_address_are_suggested() -> None:
    for endpoint in ENDPOINTS:
        known = endpoint.parameters.__struct_fields__
        for name in " ".join(MEANT.values()).split():
            assert set(suggest_parameters(name, known)) <= set(known)
    assert suggest_parameters("salary", ["role", "range"]) == ("range",)
    assert suggest_parameters("zzzzzz", SalaryParameters.__struct_fields__) == ()
