"""Answer a row of a batch or of a file, exactly as /salary answers it."""

from collections.abc import Callable

from paycite.batch.columns import ASKED
from paycite.dataset.store import Store
from paycite.model.answer import Answered
from paycite.model.comparison import Refused
from paycite.model.problem import Faults, Refusal
from paycite.questions.answer import describe_refusal
from paycite.questions.parameters import MAX_PARAMETERS, Texts, check_text, invalid

PATH = "/salary/batch"


def answer_row(
    answer: Callable[[Store, Texts], Answered], store: Store, texts: Texts, dataset: str | None
) -> Answered | Refused:
    """Answer the parameters of a row, with this function, like /salary."""
    if dataset:
        texts = {**texts, "dataset": [dataset]}
    try:
        if (many := sum(map(len, texts.values()))) > MAX_PARAMETERS:
            raise invalid("source", f"{many} parameters in total; the limit is {MAX_PARAMETERS}")
        return answer(store, texts)
    except Refusal as refusal:
        return describe_refusal(refusal, texts) if _is_question(texts) else reject_row(refusal)


def reject_row(refusal: Refusal) -> Refused:
    """Build the outcome of a row that cannot be a query of /salary."""
    return Refused(requested=None, problem=refusal.problem(PATH))


def _is_question(texts: Texts) -> bool:
    faults = Faults()
    for name, values in texts.items():
        for text in values:
            faults.attempt(check_text, name, text)
    return "role" in texts and texts.keys() <= {*ASKED, "dataset"} and not faults
