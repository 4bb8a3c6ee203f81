"""A row of a batch or of a file: many questions at once, each answered as it is alone."""

from paycite.batch.columns import ASKED
from paycite.dataset.store import Store
from paycite.model.comparison import Outcome, Refused
from paycite.model.problem import Faults, Refusal
from paycite.questions.answer import answered, refused
from paycite.questions.parameters import MAX_PARAMETERS, Texts, invalid, refuse_unreadable

PATH = "/salary/batch"


def outcome(store: Store, texts: Texts, dataset: str | None) -> Outcome:
    """What becomes of a row with these parameters: what they are answered alone."""
    if dataset:
        texts = {**texts, "dataset": [dataset]}
    try:
        if (many := sum(map(len, texts.values()))) > MAX_PARAMETERS:
            raise invalid("source", f"{many} parameters are given, and {MAX_PARAMETERS} are read")
        return answered(store, texts)
    except Refusal as refusal:
        return refused(refusal, texts) if _is_question(texts) else unread(refusal)


def unread(refusal: Refusal) -> Refused:
    """What becomes of a row that no address could ask."""
    return Refused(requested=None, problem=refusal.problem(PATH))


def _is_question(texts: Texts) -> bool:
    faults = Faults()
    for name, values in texts.items():
        for text in values:
            faults.attempt(refuse_unreadable, name, text)
    return "role" in texts and texts.keys() <= {*ASKED, "dataset"} and not faults
