"""Turn the parameters of a question into an answer, or into the reason why there is none."""

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote_plus, urlencode

import msgspec
from msgspec import structs

from paycite.dataset.store import Store
from paycite.estimate import answer_scope, answer_scope_shortly, put_question
from paycite.model.answer import Answer, Answered, Links, Requested, ShortAnswer
from paycite.model.comparison import Refused
from paycite.model.parameters import OfferText, SalaryParameters
from paycite.model.problem import Refusal
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot, kept
from paycite.questions.parameters import Texts
from paycite.questions.question import parse_question, requested

_KEPT = 200
_NO_WORDS = Requested(role="")
# The same few names are in the links of most answers.
_quote = lru_cache(1_000)(quote_plus)


class OfferParameters(SalaryParameters, frozen=True, kw_only=True):
    offer: OfferText


def answer_question(
    store: Store, texts: Texts, parameters: type[SalaryParameters] = SalaryParameters
) -> Answer:
    """Answer the parameters of a question. Refusal if there is no answer."""
    return _answer(_answer_scope, store, texts, parameters)


def answer_shortly(store: Store, texts: Texts) -> ShortAnswer:
    """Answer them as far as a row of several answers shows it."""
    return _answer(_answer_scope_shortly, store, texts, SalaryParameters)


def _answer(
    answer: Callable[[Question, Snapshot], Answered],
    store: Store,
    texts: Texts,
    parameters: type[SalaryParameters],
) -> Answered:
    question = parse_question(texts, store, parameters)
    asked = question.requested
    pinned = structs.replace(asked, dataset=store.snapshot.version)
    links = Links(self=_address(asked), permalink=_address(pinned))
    scope = structs.replace(question, requested=_NO_WORDS, matches=(), offer=None)
    return put_question(answer(scope, store.snapshot), question, store.snapshot, links)


# The answers of the scopes asked for most recently: another offer, or other words for the same role
# and place, take a tenth of the time.
_answer_scope = kept(_KEPT)(answer_scope)
_answer_scope_shortly = kept(_KEPT)(answer_scope_shortly)


def describe_refusal(refusal: Refusal, texts: Texts) -> Refused:
    """Build the problem that the endpoint of the question would report."""
    asked = requested(texts)
    return Refused(requested=asked, problem=refusal.problem(_address(asked)))


def _address(asked: Requested) -> str:
    """The address of a question, with its parameters in one order."""
    query = urlencode(msgspec.to_builtins(asked), doseq=True, quote_via=_quote)
    return f"/salary?{query}"
