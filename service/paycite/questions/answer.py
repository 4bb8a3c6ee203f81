"""Turn the parameters of a question into an answer, or into the reason why there is none."""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from paycite.dataset.store import Store
from paycite.estimate import build_answer
from paycite.model.answer import Answer, Links
from paycite.model.comparison import Refused
from paycite.model.parameters import OfferText, SalaryParameters
from paycite.model.problem import Refusal
from paycite.questions.parameters import Texts
from paycite.questions.question import parse_question, requested


class OfferParameters(SalaryParameters, frozen=True, kw_only=True):
    offer: OfferText


def answer_question(
    store: Store, texts: Texts, parameters: type[SalaryParameters] = SalaryParameters
) -> Answer:
    """Answer the parameters of a question. Refusal if there is no answer."""
    question = parse_question(texts, store, parameters)
    asked = msgspec.to_builtins(question.requested)
    pinned = asked | {"dataset": store.snapshot.version}
    return build_answer(
        question, store.snapshot, Links(self=_address(asked), permalink=_address(pinned))
    )


def describe_refusal(refusal: Refusal, texts: Texts) -> Refused:
    """Build the problem that the endpoint of the question would report."""
    asked = requested(texts)
    return Refused(requested=asked, problem=refusal.problem(_address(msgspec.to_builtins(asked))))


def _address(asked: Mapping[str, str | list[str]]) -> str:
    return f"/salary?{urlencode(asked, doseq=True)}"
