"""The tools that agents can call; each answers like one of the endpoints."""

import logging
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args
from urllib.parse import quote, urlencode

from msgspec import UNSET, Meta, Struct, UnsetType, structs

from paycite.agents.answers import (
    Benchmark,
    BriefComparison,
    ExplainedFigure,
    Quoted,
    Reading,
    Summary,
)
from paycite.agents.schemas import input_schema
from paycite.dataset.published import Datasets
from paycite.dataset.store import Store
from paycite.model.comparison import MOST_ROWS, Refused
from paycite.model.parameters import SalaryParameters, View
from paycite.model.problem import PROBLEM_TYPES, Fault, Faults, Problem, Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Dimension
from paycite.questions.answer import OfferParameters, answer_question
from paycite.questions.compare import MOST_PARAMETERS, CompareParameters, compare, count_rows
from paycite.questions.parameters import (
    MAX_PARAMETERS,
    DatasetParameters,
    Schema,
    Texts,
    invalid,
    parse,
    parse_query,
)
from paycite.questions.question import find_figure, match_words, vocabulary

_LOG = logging.getLogger("paycite")
_LONGEST_INSTANCE = 2_000
# In place of the help that names an address, which agents cannot call.
_HELP = {
    "unknown-dataset": "Leave out `dataset` to use it.",
    "unknown-figure": "Use a `figure_id` from an answer.",
}
_HELP_OF_ROW = {"unknown-role": "resolve_title lists all roles for an unknown title."}


class Tool(Struct, frozen=True, kw_only=True):
    """A tool. `path` is the endpoint that gives the same answer; the argument `in_path` ends it."""

    name: str
    title: str
    purpose: str
    path: str
    parameters: type[Struct]
    answers: tuple[type[Quoted], ...]
    answer: Callable[[Store, Texts, type[Any]], Quoted]  # the type is `parameters`
    most_parameters: int = MAX_PARAMETERS
    in_path: str | None = None

    def description(self, snapshot: Snapshot) -> str:
        """Describe the purpose of the tool, and the dataset and sources of its answers."""
        return (
            f"{self.purpose} Data: Paycite dataset {snapshot.version}, as of {snapshot.as_of}. "
            f"Sources: {', '.join(snapshot.sources)}."
        )

    def address(self, asked: Mapping[str, list[str]]) -> str:
        """Build the address of the endpoint for these arguments."""
        path, others = self.path, dict(asked)
        if self.in_path and (ids := others.pop(self.in_path, [])):
            path += "/" + quote(ids[0], safe="", errors="surrogatepass")
        return f"{path}?{_encode_query(others)}" if others else path


def _encode_query(asked: Mapping[str, list[str]]) -> str:
    return urlencode(asked, doseq=True, errors="surrogatepass")


class SalaryToolParameters(SalaryParameters, frozen=True, kw_only=True):
    view: View = "summary"


class OfferToolParameters(OfferParameters, frozen=True, kw_only=True):
    view: View = "summary"


class TitleParameters(DatasetParameters, frozen=True, kw_only=True):
    role: Annotated[
        str,
        Meta(
            description="A job title, as written in a posting or résumé.",
            examples=["Sr. ML Ops Engineer"],
        ),
    ]
    level: (
        Annotated[
            str, Meta(description="A level, if the title does not state one.", examples=["Sr"])
        ]
        | UnsetType
    ) = UNSET


class PlaceParameters(DatasetParameters, frozen=True, kw_only=True):
    metro: Annotated[
        str,
        Meta(
            description="A place in free text: a city, county, ZIP, state, metropolitan "
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


def call(tool: Tool, arguments: Mapping[str, Any], datasets: Datasets) -> Quoted | Problem:
    """Answer a call, or return the problem that its endpoint would report."""
    address = tool.path
    try:
        snapshot = datasets.current.snapshot
        asked = _texts(arguments, input_schema(tool.parameters)["properties"])
        address = tool.address(asked)
        texts = parse_query(_encode_query(asked).encode(), tool.most_parameters)
        store = datasets.choose(texts["dataset"][0]) if "dataset" in texts else datasets.current
        return tool.answer(store, texts, tool.parameters)
    except Refusal as refusal:
        instance = address if len(address) <= _LONGEST_INSTANCE else tool.path
        lists = {
            "unknown-role": f"The roles are {', '.join(_priced_roles(snapshot))}.",
            "unknown-source": f"The sources are {', '.join(snapshot.sources)}.",
        }
        return _with_help(refusal.problem(instance), _HELP | lists)
    except Exception:
        _LOG.exception("the tool %s failed", tool.name)
        fault = Fault(type="internal-error", detail=PROBLEM_TYPES["internal-error"].help)
        return Refusal([fault]).problem(tool.path)


def _priced_roles(snapshot: Snapshot) -> list[str]:
    return [id_ for id_ in snapshot.roles if id_ in snapshot.weights_by_role]


def _with_help(problem: Problem, help_: Mapping[str, str]) -> Problem:
    """Replace the help in the details of a problem, by the type of each fault."""
    errors = []
    for fault in problem.errors:
        usual = PROBLEM_TYPES[fault.type].help
        detail = fault.detail.replace(usual, help_.get(fault.type, usual))
        errors.append(structs.replace(fault, detail=detail))
    return structs.replace(problem, detail=errors[0].detail, errors=tuple(errors))


def count_compared(name: object, arguments: object) -> int:
    """Count the rows that a call compares; none for another tool, and for what is refused."""
    if name != "compare_salaries" or not isinstance(arguments, dict):
        return 0
    try:
        rows = count_rows(_texts(arguments, input_schema(CompareParameters)["properties"]))
    except Refusal:
        return 0
    return rows if rows <= MOST_ROWS else 0


def _texts(arguments: Mapping[str, Any], properties: Mapping[str, Schema]) -> dict[str, list[str]]:
    """Convert arguments to query parameters. Refusal if one has the wrong type."""
    faults = Faults()
    texts: dict[str, list[str]] = {}
    for name, value in arguments.items():
        if name not in properties:
            texts[name] = [""]  # rejected as unknown
        elif found := faults.attempt(_as_texts, name, value, properties[name]["type"]):
            texts[name] = found
    faults.stop()
    return texts


def _as_texts(name: str, value: Any, type_: str) -> list[str]:
    """Convert a value to texts; null becomes none, as if left out. A string is accepted for any
    type, a number for a string, and a single value for a list."""
    match value:
        case None:
            return []
        case str():
            return [value]
        case [*several] if all(isinstance(one, str) for one in several):
            return several
        case bool() if type_ == "boolean":
            return [str(value).lower()]
        case int() | float() if type_ in ("number", "string") and not isinstance(value, bool):
            return [str(value)]
    raise invalid(name, f"expected a JSON {type_}")


def _answer_salary(store: Store, texts: Texts, parameters: type[SalaryParameters]) -> Quoted:
    answer = answer_question(store, texts, parameters)
    return Benchmark.of(answer) if texts.get("view") == ["full"] else Summary.of(answer)


def _answer_comparison(store: Store, texts: Texts, _: type[Struct]) -> BriefComparison:
    outcomes = [
        structs.replace(one, problem=_with_help(one.problem, _HELP | _HELP_OF_ROW))
        if isinstance(one, Refused)
        else one
        for one in compare(store, texts)
    ]
    return BriefComparison.of(outcomes, store.snapshot)


def _match(store: Store, texts: Texts, parameters: type[DatasetParameters]) -> Reading:
    parsed = parse(parameters, texts, store.snapshot)
    words = {name: parsed.values.get(name) for name in get_args(Dimension)}
    role, level, metro = match_words(words, vocabulary(store), parsed.faults)
    if any(not fault.type.startswith("ambiguous") for fault in parsed.faults):
        parsed.faults.stop()
    return Reading.of(role, level, metro, parsed.faults, store.snapshot)


def _explain_figure(
    store: Store, texts: Texts, parameters: type[DatasetParameters]
) -> ExplainedFigure:
    snapshot = store.snapshot
    parsed = parse(parameters, texts, snapshot)
    id_, faults = parsed["figure_id"], parsed.faults
    figure = faults.attempt(find_figure, id_, store, "figure_id") if id_ else None
    faults.stop()
    assert figure is not None  # otherwise there was a fault
    source = snapshot.scored(snapshot.sources[figure.source_id])
    return ExplainedFigure.of(figure, source, snapshot.version)


_PAY = (
    "Base pay of AI and technology roles in the United States, computed from published figures "
    "with citations; `as_of` is their date."
)
_BROADER = (
    "If no source covers the requested level or place, the answer is for a broader one, and "
    "`fallbacks` says so; with `strict`, you get an error instead."
)
TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            name="salary_range",
            title="Salary range",
            purpose="What a role pays at a level in a place: a range, the median and percentiles "
            "if a source has them, the confidence, and what each source says. With view=full, "
            "also the derivation from each source with the figures as published, and where "
            f"sources disagree: 30 to 290 kB, mostly about 75. {_PAY} {_BROADER}",
            path="/salary",
            parameters=SalaryToolParameters,
            answers=(Summary, Benchmark),
            answer=_answer_salary,
        ),
        Tool(
            name="check_offer",
            title="Check an offer",
            purpose="How an offer or a posted range compares to what a role pays: by percentile "
            "if percentiles are known, otherwise by position in the range and ratio to the "
            f"midpoint. Also has the answer of salary_range. {_PAY} {_BROADER}",
            path="/offer",
            parameters=OfferToolParameters,
            answers=(Summary, Benchmark),
            answer=_answer_salary,
        ),
        Tool(
            name="compare_salaries",
            title="Compare salaries",
            purpose="What several roles, levels and places pay: a row for each combination (at "
            f"most {MOST_ROWS}, about 0.5 kB each), with a range or its errors; salary_range has "
            f"what is behind a row. {_PAY} {_BROADER}",
            path="/salary/compare",
            parameters=CompareParameters,
            answers=(BriefComparison,),
            answer=_answer_comparison,
            most_parameters=MOST_PARAMETERS,
        ),
        Tool(
            name="resolve_title",
            title="Match a job title",
            purpose="Find the role and level that a job title means, with a score and "
            "alternatives. For an ambiguous title, you get `candidates`; for one of an unknown "
            "role, an error with the nearest roles.",
            path="/match",
            parameters=TitleParameters,
            answers=(Reading,),
            answer=_match,
        ),
        Tool(
            name="resolve_place",
            title="Match a place",
            purpose="Find the area that a place in the United States is in, with a score and "
            "alternatives. For an ambiguous name, you get `candidates`: ask again with the id of "
            "one.",
            path="/match",
            parameters=PlaceParameters,
            answers=(Reading,),
            answer=_match,
        ),
        Tool(
            name="explain_figure",
            title="Explain a figure",
            purpose="Look up a cited figure by its id: the number as published, its subject and "
            "date, where in the source it appears, and how to cite the source.",
            path="/figures",
            parameters=ExplainParameters,
            answers=(ExplainedFigure,),
            answer=_explain_figure,
            in_path="figure_id",
        ),
    )
}
