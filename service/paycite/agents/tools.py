"""What agents can ask: tools, each with the answer of an address."""

import logging
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from msgspec import UNSET, Meta, Struct, UnsetType

from paycite.agents.answers import (
    Benchmark,
    ConciseComparison,
    ConciseRow,
    ExplainedFigure,
    Quoted,
    Reading,
)
from paycite.agents.schemas import input_schema
from paycite.dataset.store import Datasets, Store
from paycite.model.answer import DatasetVersion
from paycite.model.comparison import MOST_ROWS, Refused, Row, cited_in
from paycite.model.problem import PROBLEM_TYPES, Fault, Faults, Problem, Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Dimension
from paycite.questions.answer import OfferParameters, answered
from paycite.questions.compare import MOST_PARAMETERS, CompareParameters, outcomes
from paycite.questions.parameters import (
    MAX_PARAMETERS,
    DatasetParameters,
    Schema,
    Texts,
    given,
    invalid,
)
from paycite.questions.question import (
    SalaryParameters,
    known_figure,
    read_pinned,
    read_words,
    vocabulary,
)

_LOG = logging.getLogger("paycite")
_LONGEST_INSTANCE = 2_000


class Tool(Struct, frozen=True, kw_only=True):
    """`path` is of the address that answers the same."""

    name: str
    title: str
    purpose: str
    path: str
    parameters: type[Struct]
    answers: type[Quoted]
    answer: Callable[[Store, Texts], Quoted]
    most_parameters: int = MAX_PARAMETERS

    def description(self, snapshot: Snapshot) -> str:
        """What it is for, and what it answers from."""
        return (
            f"{self.purpose} Answered from Paycite's dataset {snapshot.version}, as of "
            f"{snapshot.as_of}, of the sources {', '.join(snapshot.sources)}."
        )


class TitleParameters(DatasetParameters, frozen=True, kw_only=True):
    role: Annotated[
        str, Meta(description="A job title, as people write it.", examples=["Sr. ML Ops Engineer"])
    ]
    level: (
        Annotated[
            str, Meta(description="A level, where the title does not say it.", examples=["Sr"])
        ]
        | UnsetType
    ) = UNSET


class PlaceParameters(DatasetParameters, frozen=True, kw_only=True):
    metro: Annotated[
        str,
        Meta(
            description="A place, as people write it: a city, county, ZIP, state, metropolitan "
            "area or CBSA code.",
            examples=["Brooklyn, NY"],
        ),
    ]


class ExplainParameters(DatasetParameters, frozen=True, kw_only=True):
    figure_id: Annotated[
        str,
        Meta(
            description="The id of a figure, as other answers cite it.",
            examples=["kore1-ai-jobs-2026:mlops-mid"],
        ),
    ]


def ask(tool: Tool, arguments: Mapping[str, Any], datasets: Datasets) -> Quoted | Problem:
    """The answer to a call, or the problem that the address of its question tells."""
    address = tool.path
    try:
        asked = _texts(arguments, input_schema(tool.parameters)["properties"])
        query = urlencode(asked, doseq=True, errors="surrogatepass")
        address = f"{tool.path}?{query}"
        texts = given(query.encode(), tool.most_parameters)
        return tool.answer(_store(datasets, texts), texts)
    except Refusal as refusal:
        return refusal.problem(address if len(address) <= _LONGEST_INSTANCE else tool.path)
    except Exception:
        _LOG.exception("the tool %s failed", tool.name)
        fault = Fault(type="internal-error", detail=PROBLEM_TYPES["internal-error"].help)
        return Refusal([fault]).problem(tool.path)


def _texts(arguments: Mapping[str, Any], properties: Mapping[str, Schema]) -> Texts:
    """The arguments as an address would be given them; Refusal where one is of another type."""
    faults = Faults()
    texts: dict[str, list[str]] = {}
    for name, value in arguments.items():
        if name not in properties:
            texts[name] = [""]  # refused by its name
        elif read := faults.attempt(_text, name, value, properties[name]["type"]):
            texts[name] = read
    faults.stop()
    return texts


def _text(name: str, value: Any, types: str | list[str]) -> list[str]:
    """A value as texts; none for null, which leaves it out. Any may be written as text, and what
    may be repeated stand alone."""
    match value:
        case None:
            return []
        case str():
            return [value]
        case [*several] if all(isinstance(one, str) for one in several):
            return several
        case bool() if "boolean" in types:
            return [str(value).lower()]
        case int() | float() if "number" in types and not isinstance(value, bool):
            return [str(value)]
    kinds = types if isinstance(types, str) else " or ".join(types)
    raise invalid(name, f"it must be a JSON {kinds}")


def _store(datasets: Datasets, texts: Texts) -> Store:
    """The dataset asked for; the current one where none is, or it is not kept, which is refused
    with all else that is wrong."""
    version = texts.get("dataset", [""])[0]
    return (datasets.pinned(version) if version else None) or datasets.current


def _salary(store: Store, texts: Texts) -> Benchmark:
    return Benchmark.of(answered(store, texts))


def _offer(store: Store, texts: Texts) -> Benchmark:
    return Benchmark.of(answered(store, texts, OfferParameters))


def _comparison(store: Store, texts: Texts) -> ConciseComparison:
    found = outcomes(store, texts)
    rows = [Row.of(one) for one in found]
    told = (one.problem.detail if isinstance(one, Refused) else one.quote for one in found)
    return ConciseComparison(
        quote="\n".join(told),
        rows=tuple(map(ConciseRow.of, rows)),
        sources=tuple(store.snapshot.sources[id_] for id_ in cited_in(rows)),
        dataset=DatasetVersion(version=store.snapshot.version),
    )


def _title(store: Store, texts: Texts) -> Reading:
    return _reading(store, texts, TitleParameters)


def _place(store: Store, texts: Texts) -> Reading:
    return _reading(store, texts, PlaceParameters)


def _reading(store: Store, texts: Texts, parameters: type[DatasetParameters]) -> Reading:
    faults = Faults()
    values = read_pinned(parameters, texts, store.snapshot, faults)
    words = {name: values.get(name) for name in get_args(Dimension)}
    role, level, metro = read_words(words, vocabulary(store), faults)
    faults.stop()
    return Reading.of(role, level, metro, store.snapshot.version)


def _figure(store: Store, texts: Texts) -> ExplainedFigure:
    faults, snapshot = Faults(), store.snapshot
    id_ = read_pinned(ExplainParameters, texts, snapshot, faults)["figure_id"]
    figure = faults.attempt(known_figure, id_, store, "figure_id") if id_ else None
    faults.stop()
    assert figure is not None  # else it was refused
    source = snapshot.scored(snapshot.sources[figure.source_id])
    return ExplainedFigure.of(figure, source, snapshot.version)


_PAY = (
    "It is base pay of AI and technology roles in the United States, made of figures that sources "
    "state, each cited; `as_of` says of what time they speak."
)
_BROADER = (
    "Where no source answers for the level or the place asked about, a broader one answers, and "
    "`fallbacks` says so; `strict` refuses it."
)
TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            name="salary_range",
            title="Salary range",
            purpose="What a role pays, at a level, in a place: a range, with median and "
            "percentiles where a source has them, how sure it is, the steps of each source to it "
            f"with the source's own words, and what disagrees. {_PAY} {_BROADER}",
            path="/salary",
            parameters=SalaryParameters,
            answers=Benchmark,
            answer=_salary,
        ),
        Tool(
            name="check_offer",
            title="Check an offer",
            purpose="Where an offer or a posted range stands in what a role pays: by percentiles "
            "where they are known, else by its place in the range and ratio to the midpoint. The "
            f"range comes with it, as salary_range tells it. {_PAY} {_BROADER}",
            path="/offer",
            parameters=OfferParameters,
            answers=Benchmark,
            answer=_offer,
        ),
        Tool(
            name="compare_salaries",
            title="Compare salaries",
            purpose="What several roles, levels and places pay: a row for each combination, at "
            f"most {MOST_ROWS} of some 3 kB each, with its range or its own problem; salary_range "
            f"tells the steps of a row. {_PAY} {_BROADER}",
            path="/salary/compare",
            parameters=CompareParameters,
            answers=ConciseComparison,
            answer=_comparison,
            most_parameters=MOST_PARAMETERS,
        ),
        Tool(
            name="resolve_title",
            title="Read a job title",
            purpose="Which role and level Paycite reads in a job title, how surely, and what else "
            "it may mean. A title that names none of its roles is refused, with the nearest.",
            path="/match",
            parameters=TitleParameters,
            answers=Reading,
            answer=_title,
        ),
        Tool(
            name="resolve_place",
            title="Read a place",
            purpose="Which area Paycite reads in the name of a place in the United States, and "
            "what else it may mean. A name that means several places is refused, with each.",
            path="/match",
            parameters=PlaceParameters,
            answers=Reading,
            answer=_place,
        ),
        Tool(
            name="explain_figure",
            title="Explain a figure",
            purpose="A figure that an answer cites, by its id: the number as its source published "
            "it, of what and when, where it stands in the source, and how to cite the source.",
            path="/figures",
            parameters=ExplainParameters,
            answers=ExplainedFigure,
            answer=_figure,
        ),
    )
}
