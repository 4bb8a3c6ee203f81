"""No parameter is accepted and then left out of the answer."""

from typing import Any

import msgspec
import pytest

from paycite.dataset.store import Store
from paycite.model.parameters import Requested, SalaryParameters
from paycite.questions.answer import answer_question
from paycite.questions.parameters import parse, schemas
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
