"""Every chain to an answer: from figures, distributions, observations and official statistics."""

from operator import attrgetter

from paycite.estimate.candidate import Candidate
from paycite.estimate.measured import of_distributions
from paycite.estimate.pooled import of_pools
from paycite.estimate.scored import with_scores
from paycite.estimate.stated import of_figures
from paycite.model.question import Question
from paycite.model.snapshot import Snapshot


def candidates(
    question: Question, snapshot: Snapshot, statistics: Candidate | None
) -> list[Candidate]:
    """Every chain to an answer, of every source that may be used, in order of source.

    `statistics`, the chain over official statistics, is of occupations, not of the role: it joins
    where nothing else prices the role at the level asked about, or where sources are named.
    """
    found = [
        *of_figures(question, snapshot),
        *of_distributions(question, snapshot),
        *of_pools(question, snapshot),
    ]
    found.sort(key=attrgetter("source_id"))
    is_priced = any(candidate.component == "base" for candidate in found)
    if statistics and (question.sources or not is_priced):
        found.append(statistics)
    return [with_scores(candidate, snapshot) for candidate in found]
