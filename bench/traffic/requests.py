"""What is asked: Hypothesis strategies for questions, and for the ways to ask one.

A question is sent several times in an `Exchange`, in other orders of its parameters, compressed,
conditional or with HEAD, because these must not change the answer.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from hypothesis import strategies as st

T = TypeVar("T")
Parameter = tuple[str, str]
Parameters = tuple[Parameter, ...]
Fields = dict[str, st.SearchStrategy[str]]
Condition = Literal["", "held", "strong", "gzip", "any", "other"]

MCP = "/mcp"
_MCP_VERSION = "2026-07-28"
_MCP_META = {
    "io.modelcontextprotocol/protocolVersion": _MCP_VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
}
_ENCODINGS = ("", "gzip", "zstd", "gzip, zstd", "gzip;q=0, zstd;q=0.5", "identity", "GZIP;q=much")
_HOSTILE = (
    *("", " ", "null", "0", "-1", "1e400", "NaN", "true", "é", "\udcff\udcfe", "\x00", "a\nb"),
    *("%", "%zz", "+", "&role=mlops", "=cmd|' /C calc'!A0", "</script><script>alert(1)</script>"),
    *("' or 1=1 --", "../../etc/passwd", "engineer " * 300, "\N{RIGHT-TO-LEFT OVERRIDE}x"),
)
_MOSTLY = 12  # how often something is valid for once that it may not be
_UNKNOWN = ("levl", "Role", "metros", "x", "", "offer[]", "utm_source", "gclid")
_OFFERS = ("150000", "150k-180k", "$72.50/hr", "$120k+", "12k/month")
_YEARS = ("0", "3.5", "12", "60")
_LEVELS = ("mid", "senior", "entry", "staff", "principal", "Sr", "II", "IC4")
_PLACES = ("nyc", "Brooklyn, NY", "San Fran", "remote", "Portland", "35620", "94110", "us", "Bay")
_THINGS = ("/levels", "/confidence", "/rates", "/demand", "/health", "/ready", "/datasets")
_DOCUMENTS = (
    *("/", "/docs", "/openapi.yaml", "/openapi.json", "/embed.js", "/problems/unknown-role"),
    *("/problems/none", "/none", "/salary/", "/salary.xml", "/%2e%2e/etc/passwd", "/embed.html"),
)


class Question(NamedTuple):
    path: str
    parameters: Parameters = ()
    body: bytes | None = None  # of a POST
    media_type: str = ""

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"

    @property
    def is_pinned(self) -> bool:
        return any(name == "dataset" for name, _ in self.parameters)


class Manner(NamedTuple):
    """How a question is asked; no answer depends on it."""

    turned: int = 0  # how far the names of the parameters are rotated
    encoding: str = ""  # of Accept-Encoding; left out if empty
    condition: Condition = ""  # which If-None-Match; the first request of an exchange has none
    is_head: bool = False


class Exchange(NamedTuple):
    question: Question
    manners: tuple[Manner, ...]


class Words(NamedTuple):
    """Valid words of the service that is asked."""

    roles: tuple[str, ...]
    titles: tuple[str, ...]
    metros: tuple[str, ...]
    places: tuple[str, ...]
    sources: tuple[str, ...]
    versions: tuple[str, ...]


def turn(question: Question, turned: int) -> Parameters:
    """The parameters with their names rotated; the values of a repeated one stay in order."""
    names = list(dict.fromkeys(name for name, _ in question.parameters))
    at = turned % len(names) if names else 0
    order = names[at:] + names[:at]
    return tuple(sorted(question.parameters, key=lambda one: order.index(one[0])))


def target(question: Question, turned: int = 0) -> str:
    """The path and query."""
    query = urlencode(turn(question, turned), quote_via=quote, errors="surrogateescape")
    return f"{question.path}?{query}" if query else question.path


def request_headers(question: Question, manner: Manner, tag: str = "") -> dict[str, str]:
    """The headers of a request; `tag` is the ETag of an earlier answer."""
    headers = {"accept-encoding": manner.encoding} if manner.encoding else {}
    if question.media_type:
        headers["content-type"] = question.media_type
    if question.path == MCP:
        headers |= {"accept": "application/json", "mcp-protocol-version": _MCP_VERSION}
        message = msgspec.json.decode(question.body or b"{}")
        headers |= {"mcp-method": message["method"], "mcp-name": message["params"]["name"]}
    strong = tag.removeprefix("W/")
    conditions = {
        "held": tag,
        "strong": f'"x", {strong}',
        "gzip": f'{strong[:-1]}-gzip"',
        "any": "*",
        "other": '"none"',
    }
    if tag and manner.condition:
        headers["if-none-match"] = conditions[manner.condition]
    return headers


def smaller(exchange: Exchange) -> Iterator[Exchange]:
    """Exchanges with one thing less each, those with the least left first."""
    question, manners = exchange
    if len(manners) > 1:
        yield from (Exchange(question, (manner,)) for manner in (Manner(), *manners))
        yield from (
            Exchange(question, manners[:at] + manners[at + 1 :]) for at in range(len(manners))
        )
    plain = tuple(Manner(condition=manner.condition) for manner in manners)
    if plain != manners:
        yield Exchange(question, plain)
    for at in range(len(question.parameters)):
        fewer = question.parameters[:at] + question.parameters[at + 1 :]
        yield Exchange(question._replace(parameters=fewer), manners)
    for body in _smaller_bodies(question):
        yield Exchange(question._replace(body=body), manners)


def _smaller_bodies(question: Question) -> Iterator[bytes]:
    """Bodies with a row less, or with a field less of a row or of the arguments of a call."""
    if question.body is None or question.media_type != "application/json":
        return
    try:
        message = msgspec.json.decode(question.body)
    except msgspec.DecodeError:
        return
    if question.path == MCP:
        params = message["params"]
        for fewer in _without_one(params["arguments"]):
            yield _json(message | {"params": params | {"arguments": fewer}})
        return
    rows = message.get("rows", [])
    for at, row in enumerate(rows):
        for several in ([], *([fewer] for fewer in _without_one(row))):
            yield _json({"rows": [*rows[:at], *several, *rows[at + 1 :]]})


def _without_one(fields: dict[str, Any]) -> list[dict[str, Any]]:
    return [{name: value for name, value in fields.items() if name != one} for one in fields]


def exchanges(words: Words, has_posts: bool) -> st.SearchStrategy[Exchange]:
    """Exchanges of every kind, the plainest first, because failures shrink toward it."""
    questions = _any_of(
        *[_salary(words)] * 4,
        *[_formats(words)] * 3,
        *[_compared(words)] * 2,
        *[_lists(words)] * 2,
        st.sampled_from([Question(path) for path in (*_THINGS, *_DOCUMENTS)]),
        *([_batches(words), _calls(words)] if has_posts else []),
    )
    gets = st.builds(
        Manner,
        st.integers(0, 3),
        st.sampled_from(_ENCODINGS),
        st.sampled_from(("", "held", "strong", "gzip", "any", "other")),
        st.integers(0, 9).map(lambda number: number == 9),
    )
    posts = st.integers(0, 3).map(Manner)

    def asked(question: Question) -> st.SearchStrategy[Exchange]:
        manner = gets if question.body is None else posts
        several = st.lists(manner, min_size=1, max_size=4 if question.body is None else 2)
        return several.map(lambda found: Exchange(question, tuple(found)))

    return questions.flatmap(asked)


def _any_of(*strategies: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """Each as often as it is given, while `one_of` counts equal ones once."""
    return st.sampled_from(strategies).flatmap(lambda strategy: strategy)


def _chosen(*several: tuple[str, ...]) -> st.SearchStrategy[str]:
    """One of the words; sometimes with a typing error, sometimes anything."""
    valid = st.one_of(*(st.sampled_from(words) for words in several if words))
    wrong = st.one_of(_misspelled(valid), st.sampled_from(_HOSTILE), st.text(max_size=30))
    return _any_of(*[valid] * _MOSTLY, wrong)


def _misspelled(valid: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def drop(text: str, at: int) -> str:
        at %= max(1, len(text))
        return text[:at] + text[at + 1 :]

    return st.builds(drop, valid, st.integers(0, 30))


def _query(required: Fields, optional: Fields) -> st.SearchStrategy[Parameters]:
    """Parameters, each at most once, now and then with one that is unknown or repeated."""
    named = st.fixed_dictionaries(required, optional=optional).map(
        lambda found: tuple(found.items())
    )
    extra = st.tuples(st.sampled_from((*_UNKNOWN, *required, *optional)), st.sampled_from(_HOSTILE))
    none: st.SearchStrategy[Parameters] = st.just(())
    return st.builds(
        lambda pairs, more: (*pairs, *more),
        named,
        _any_of(*[none] * _MOSTLY, extra.map(lambda pair: (pair,))),
    )


def _shared(words: Words) -> Fields:
    return {
        "years": _chosen(_YEARS),
        "offer": _chosen(_OFFERS),
        "period": st.sampled_from(("year", "hour")),
        "source": _chosen(words.sources),
        "dataset": _chosen(words.versions),
        "age": _chosen(("true", "false")),
        "strict": st.sampled_from(("true", "false")),
    }


def _asked(words: Words) -> st.SearchStrategy[Parameters]:
    """The parameters of /salary."""
    scope = {"level": _chosen(_LEVELS), "metro": _chosen(words.metros, words.places, _PLACES)}
    role = {"role": _chosen(words.roles, words.titles)}
    few = _query(role, scope)
    by_hour = _query(role | {"period": st.just("hour")}, scope)  # other arithmetic than by year
    many = _query(role, scope | _shared(words))
    return st.one_of(few, by_hour, many)


def _salary(words: Words) -> st.SearchStrategy[Question]:
    return _asked(words).map(lambda pairs: Question("/salary", pairs))


def _formats(words: Words) -> st.SearchStrategy[Question]:
    asked = _asked(words)
    plain = ("/salary.csv", "/salary.jsonld", "/salary.html", "/embed", "/embed.html")
    drawn = ("/salary.svg", "/salary.svg", "/salary.svg", "/salary.png")
    as_text = st.builds(lambda path, pairs: Question(path, pairs), st.sampled_from(plain), asked)
    as_chart = st.builds(
        lambda path, pairs, more: Question(path, (*pairs, *more)),
        st.sampled_from(drawn),
        asked,
        st.sampled_from(((), (("theme", "dark"),), (("size", "share"),))),
    )
    amounts = _chosen(_OFFERS)
    offer = st.builds(
        lambda pairs, amount: Question("/offer", (*_without(pairs, "offer"), ("offer", amount))),
        asked,
        amounts,
    )
    posting = st.builds(
        lambda pairs, amount: Question("/posting", (*_without(pairs, "offer"), ("range", amount))),
        asked,
        amounts,
    )
    return _any_of(as_text, as_text, as_chart, offer, posting)


def _without(pairs: Parameters, name: str) -> Parameters:
    return tuple(pair for pair in pairs if pair[0] != name)


def _compared(words: Words) -> st.SearchStrategy[Question]:
    """A comparison; in half of them every level of one role in one place, which have an order."""
    path = st.sampled_from(("/salary/compare", "/salary/compare.csv", "/salary/compare.html"))
    levels = ("entry", "mid", "senior", "staff", "principal")
    every_level = st.builds(
        lambda role, metro: (("role", role), ("metro", metro), *(("level", one) for one in levels)),
        st.sampled_from(words.roles),
        st.sampled_from(words.metros),
    )
    rows = {
        "role": (_chosen(words.roles, words.titles), 1, 3),
        "level": (_chosen(_LEVELS), 0, 2),
        "metro": (_chosen(words.metros, _PLACES), 0, 3),
    }
    several = st.tuples(
        *(
            st.lists(st.tuples(st.just(name), text), min_size=least, max_size=most, unique=True)
            for name, (text, least, most) in rows.items()
        ),
        _query({}, {"period": st.just("hour"), "dataset": _chosen(words.versions)}),
    ).map(lambda lists: tuple(pair for pairs in lists for pair in pairs))
    return st.builds(lambda path, pairs: Question(path, pairs), path, _any_of(every_level, several))


def _lists(words: Words) -> st.SearchStrategy[Question]:
    """Lists, rankings and what every role pays, page by page."""
    version = {"dataset": _chosen(words.versions)}
    page = {"limit": _chosen(("1", "20", "100")), **version}
    role, metro = _chosen(words.roles, words.titles), _chosen(words.metros, _PLACES)
    rank = {"by": _chosen(("p90", "employment")), "min_employment": _chosen(("1000",))}
    kind = {"kind": _chosen(("state", "metro"))}
    lists: tuple[tuple[str, Fields, Fields], ...] = (
        ("/roles", {}, page | {"after": _chosen(words.roles)}),
        ("/sources", {}, page | {"after": _chosen(words.sources)}),
        ("/metros", {}, page | {"q": metro, "after": _chosen(words.metros)}),
        ("/match", {"role": role}, version | {"metro": metro}),
        ("/figures", {}, page | {"role": role, "source": _chosen(words.sources), "metro": metro}),
        ("/ranking", {"role": role}, page | rank | kind),
        ("/ranking.html", {"role": role}, page | rank | kind),
        ("/ranking.svg", {"role": role}, version | rank),
        ("/pay", {"metro": metro}, page | {"level": _chosen(_LEVELS)}),
        ("/pay.html", {"metro": metro}, page),
    )
    return _any_of(*(_query(*fields).map(partial(Question, path)) for path, *fields in lists))


def _batches(words: Words) -> st.SearchStrategy[Question]:
    """Rows as JSON or CSV; among them rows that are wrong, and bodies that are no rows."""
    row = _asked(words).map(
        lambda pairs: {name: value for name, value in pairs if name != "dataset"}
    )
    as_json = st.lists(row, max_size=6).map(
        lambda rows: (_json({"rows": rows}), "application/json")
    )
    cells = st.tuples(_chosen(words.titles), _chosen(_LEVELS), _chosen(words.places))
    as_csv = st.lists(cells, max_size=6).map(lambda rows: (_csv(rows), "text/csv"))
    broken = st.sampled_from(
        ((b"{", "application/json"), (b"", "text/csv"), (b"{}", "application/xml"))
    )
    pinned = st.sampled_from(((), *((("dataset", version),) for version in words.versions)))
    return st.builds(
        lambda body, pinned: Question("/salary/batch", pinned, *body),
        st.one_of(as_json, as_json, as_csv, broken),
        pinned,
    )


def _csv(rows: Sequence[tuple[str, ...]]) -> bytes:
    cells = (",".join(f'"{cell.replace(chr(34), "")}"' for cell in row) for row in rows)
    return "\r\n".join(["role,level,metro", *cells]).encode(errors="replace")


def _calls(words: Words) -> st.SearchStrategy[Question]:
    """Calls of tools with the Model Context Protocol."""
    asked = _asked(words).map(dict)
    title = _chosen(words.titles).map(lambda text: {"role": text})
    place = _chosen(words.places, _PLACES).map(lambda text: {"metro": text})
    called = st.one_of(
        st.tuples(st.just("salary_range"), asked),
        st.tuples(st.just("check_offer"), asked),
        st.tuples(st.just("resolve_title"), title),
        st.tuples(st.just("resolve_place"), place),
    )
    return called.map(lambda one: Question(MCP, (), _call(*one), "application/json"))


def _call(tool: str, arguments: dict[str, str]) -> bytes:
    params = {"name": tool, "arguments": arguments, "_meta": _MCP_META}
    return _json({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})


def _json(value: Any) -> bytes:
    """As JSON; bytes that are not text become question marks."""
    if isinstance(value, dict):
        return b"{" + b",".join(_json(k) + b":" + _json(v) for k, v in value.items()) + b"}"
    if isinstance(value, list | tuple):
        return b"[" + b",".join(map(_json, value)) + b"]"
    if isinstance(value, str):
        value = value.encode(errors="replace").decode()
    return msgspec.json.encode(value)
