"""No parameter is accepted and then left out of the answer."""

from typing import Any

import msgspec
import pytest

from paycite.dataset.store import Store
from paycite.model.parameters import Requested, SalaryParameters
from paycite.questions.answer import answer_question
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
