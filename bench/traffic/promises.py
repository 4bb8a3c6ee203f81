"""What every answer must keep, without its dataset: docs/compatibility.md and docs/method.md.

Each check takes what came back and yields what is wrong with it, in words.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import msgspec

from paycite.estimate.recompute import recompute
from paycite.model.answer import Answer, Estimate, Percentiles
from paycite.model.comparison import Comparison
from paycite.model.problem import PROBLEM_TYPES, Problem
from paycite.web.finished import CURRENT, NEVER_KEPT, PINNED
from paycite.web.problems import MEDIA_TYPE
from paycite.web.respond import Representation
from traffic.requests import MCP, Question, target
from traffic.sending import Got

_COMPRESSED = ("gzip", "zstd")
_LONGEST_INSTANCE = 2_000  # of a problem
_LEVELS = ("entry", "mid", "senior", "staff", "principal")


class Wrong(NamedTuple):
    got: Got
    why: str


def find_wrong(answers: list[Got]) -> Iterator[Wrong]:
    """What is wrong with the answers to one exchange, each alone and beside the others."""
    for got in answers:
        try:
            for why in (*_of_http(got), *_of_body(got)):
                yield Wrong(got, why)
        except (msgspec.MsgspecError, ValueError) as error:
            yield Wrong(got, f"cannot be read: {error}")
    yield from _of_all(answers)


def _of_http(got: Got) -> Iterator[str]:
    if got.status >= 500:
        yield f"status {got.status}"
        return
    if got.status not in (200, 304) and got.status < 400:
        yield f"status {got.status}"
    has_body = bool(got.raw)
    if has_body and (got.manner.is_head or got.status == 304):
        yield f"{len(got.raw)} bytes of body"
    length = got.headers.get("content-length")
    if has_body and length is not None and int(length) != len(got.raw):
        yield f"Content-Length {length}, but {len(got.raw)} bytes"
    yield from _of_encoding(got)
    if got.question.path == MCP:
        return  # the protocol has its own headers
    for name in ("x-dataset-version", "x-service-version", "content-security-policy"):
        if name not in got.headers:
            yield f"no {name}"
    if got.headers.get("x-content-type-options") != "nosniff":
        yield "X-Content-Type-Options is not nosniff"
    yield from _of_caching(got)


def _of_encoding(got: Got) -> Iterator[str]:
    encoding = got.headers.get("content-encoding")
    accepted = got.sent.get("accept-encoding", "").lower()
    if encoding is None:
        return
    parts = dict(part.strip().partition(";")[::2] for part in accepted.split(","))
    if encoding not in _COMPRESSED or parts.get(encoding, "q=0") in ("q=0", "q=much"):
        yield f"Content-Encoding {encoding}, but the request accepts {accepted or 'none'}"
    if "accept-encoding" not in got.headers.get("vary", "").lower():
        yield "compressed without Vary: Accept-Encoding"


def _of_caching(got: Got) -> Iterator[str]:
    tag, kept = got.headers.get("etag"), got.headers.get("cache-control")
    if got.status >= 400 or got.question.body is not None:
        if tag or kept != NEVER_KEPT:
            yield f"an answer that must not be kept has ETag {tag}, Cache-Control {kept}"
        return
    if not tag:
        yield "no ETag"
    elif got.status == 200 and got.raw:
        expected = Representation.of(got.body, "").etag
        if _plain(tag) != _plain(expected):
            yield f"ETag {tag} is not that of the body, {expected}"
    if kept not in (CURRENT, PINNED if got.question.is_pinned else CURRENT, NEVER_KEPT):
        yield f"Cache-Control {kept}"
    yield from _of_condition(got, tag)


def _of_condition(got: Got, tag: str | None) -> Iterator[str]:
    condition = got.sent.get("if-none-match")
    if condition is None and got.status == 304:
        yield "304 without If-None-Match"
    if condition is not None and tag:
        is_held = condition == "*" or _plain(tag) in map(_plain, condition.split(","))
        if is_held != (got.status == 304):
            yield f"status {got.status} for ETag {tag} and If-None-Match {condition}"


def _plain(tag: str) -> str:
    """A tag without what proxies do to it when they compress."""
    return tag.strip().removeprefix("W/").replace('-gzip"', '"').replace('-zstd"', '"')


def _of_body(got: Got) -> Iterator[str]:
    if got.manner.is_head or got.status == 304 or got.status >= 500:
        return
    media_type = got.headers.get("content-type", "").partition(";")[0]
    path = got.question.path
    if got.status >= 400:
        if media_type == MEDIA_TYPE:
            yield from _of_problem(got, msgspec.json.decode(got.body, type=Problem, strict=True))
        elif path != MCP and media_type != "text/html":
            yield f"status {got.status} as {media_type}"
    elif path in ("/salary", "/offer"):
        answer = msgspec.json.decode(got.body, type=Answer)
        yield from _of_answer(got, answer)
    elif path == "/salary/compare":
        yield from _of_comparison(got, msgspec.json.decode(got.body, type=Comparison))
    elif media_type.endswith("json"):
        msgspec.json.decode(got.body)


def _of_problem(got: Got, problem: Problem) -> Iterator[str]:
    kind = problem.type.removeprefix("/problems/")
    if kind not in PROBLEM_TYPES:
        yield f"unknown problem type {problem.type}"
    elif (PROBLEM_TYPES[kind].status, PROBLEM_TYPES[kind].title) != (problem.status, problem.title):
        yield f"{problem.type} with status {problem.status} and title {problem.title!r}"
    if problem.status != got.status:
        yield f"status {got.status}, but {problem.status} in the body"
    asked = instance(got.question, got.manner.turned)
    if problem.instance != asked:
        yield f"instance {problem.instance} for {asked}"
    if not problem.errors or problem.errors[0].type != kind or not problem.detail:
        yield "the errors do not begin with the type of the problem"


def instance(question: Question, turned: int) -> str:
    """The address that a problem names, its path without escapes that it does not need."""
    asked = target(question, turned)
    path, mark, query = asked.partition("?")
    if len(asked) > _LONGEST_INSTANCE:
        mark = query = ""
    written = quote(unquote(path), safe="/:@!$&'()*+,;=~")
    return written + mark + quote(query, safe="%/:?#[]@!$&'()*+,;=~")


def _of_answer(got: Got, answer: Answer) -> Iterator[str]:
    whole = msgspec.json.decode(got.body)
    if msgspec.json.decode(msgspec.json.encode(answer)) != whole:
        yield "the JSON has more or less than an answer"
    asked: dict[str, Any] = {}
    for name, value in got.question.parameters:
        if name == "source":
            asked.setdefault(name, []).append(value)
        else:
            asked[name] = value
    if whole["requested"] != asked:
        yield f"`requested` is not what was asked: {answer.requested}"
    if answer.dataset.version != got.version:
        yield f"dataset {answer.dataset.version} in the body, {got.version} in the header"
    pinned = dict(parse_qsl(urlsplit(answer.links.permalink).query)).get("dataset")
    if pinned != answer.dataset.version:
        yield f"the permalink is to dataset {pinned}"
    yield from _of_chains(answer)
    yield from _of_estimate(answer.estimate)
    for one in recompute(answer):
        yield f"{one.place} is {one.saved}; its steps give {one.recomputed}"


def _of_chains(answer: Answer) -> Iterator[str]:
    weights = [chain.weight for chain in answer.chains]
    if abs(sum(weights) - 1) > 0.001 * len(weights):
        yield f"the weights add up to {sum(weights)}"
    for chain in answer.chains:
        if (chain.weight == 0) != (chain.unused_reason is not None):
            yield f"weight {chain.weight} of {chain.source_id}, unused: {chain.unused_reason}"
        yield from _of_percentiles(chain.source_id, chain.percentiles)


def _of_estimate(estimate: Estimate) -> Iterator[str]:
    range_, percentiles = estimate.range, estimate.percentiles
    unit = 0.01 if estimate.period == "hour" else 1
    if range_.max is not None:
        middle = (range_.min + range_.max) / 2
        if range_.midpoint is None or abs(range_.midpoint - middle) > unit / 2 + 1e-9:
            yield f"midpoint {range_.midpoint} of {range_.min} to {range_.max}"
        if range_.spread != round(range_.max / range_.min - 1, 3):
            off = abs((range_.spread or 0) - (range_.max / range_.min - 1))
            if off > 0.0005 + 1e-9:
                yield f"spread {range_.spread} of {range_.min} to {range_.max}"
    if percentiles:
        ends = (percentiles.p25, percentiles.p50, percentiles.p75)
        if ends != (range_.min, estimate.median, range_.max):
            yield f"range and median do not agree with the percentiles {ends}"
    yield from _of_percentiles("the estimate", percentiles)


def _of_percentiles(what: str, percentiles: Percentiles | None) -> Iterator[str]:
    known = [one for one in msgspec.structs.astuple(percentiles) if one] if percentiles else []
    if known != sorted(known):
        yield f"percentiles of {what} cross: {known}"


def _of_comparison(got: Got, comparison: Comparison) -> Iterator[str]:
    if comparison.dataset.version != got.version:
        yield f"dataset {comparison.dataset.version} in the body, {got.version} in the header"
    scopes: defaultdict[tuple[str, str], dict[str, Estimate]] = defaultdict(dict)
    asked = {name for name, _ in got.question.parameters}
    for row in comparison.rows:
        if row.estimate is None or row.used is None:
            continue
        yield from _of_estimate(row.estimate)
        # Sources that were chosen may lack a level; an aged or hourly amount is rounded again.
        if row.used.level and asked.isdisjoint(("source", "age", "period")):
            place = scopes[row.used.role.id, row.used.metro.id]
            place[row.used.level.id] = row.estimate
    for (role, metro), found in scopes.items():
        yield from _of_levels(f"{role} in {metro}", found)


def _of_levels(scope: str, found: dict[str, Estimate]) -> Iterator[str]:
    """A higher level never pays less."""
    ordered = [found[level].percentiles for level in _LEVELS if level in found]
    for lower, higher in pairwise(ordered):
        if lower is None or higher is None:
            continue
        for name in ("p25", "p50", "p75"):
            less, more = getattr(lower, name), getattr(higher, name)
            if less is not None and more is not None and more < less:
                yield f"{scope}: {name} falls from {less} to {more} at a higher level"


def _of_all(answers: Iterable[Got]) -> Iterator[Wrong]:
    """The same question and dataset give the same bytes, however it is asked."""
    bodies: dict[str, Got] = {}
    for got in answers:
        if got.status == 200 and "etag" in got.headers and got.raw:
            first = bodies.setdefault(got.version, got)
            try:
                is_same = first.body == got.body
            except ValueError:
                continue  # reported for the answer alone
            if not is_same and got.headers["cache-control"] != NEVER_KEPT:
                yield Wrong(got, f"another body than of {target(*first[:1], first.manner.turned)}")
