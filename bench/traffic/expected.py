"""The answer that this process works out itself, without a server, from the same dataset."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from paycite.agents.tools import TOOLS, call
from paycite.dataset.published import Datasets
from paycite.dataset.store import Store
from paycite.model.problem import Refusal
from paycite.questions.question import vocabulary
from paycite.web.app import ENDPOINTS
from paycite.web.endpoint import Ask, Endpoint
from paycite.web.finished import CURRENT, NEVER_KEPT, PINNED
from paycite.web.problems import MEDIA_TYPE
from paycite.web.respond import Representation, common_headers, parse_texts
from traffic.promises import Wrong, instance
from traffic.requests import MCP, Question, target, turn
from traffic.sending import Got

_CHANGES = ("/datasets",)  # with files of datasets, too
_OPENED = 4  # datasets that stay open
_KEPT = 2_000
_SHOWN = 120


class Expected(NamedTuple):
    """`refusal` instead of a body where the problem names the address."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    refusal: Refusal | None = None


class Reference:
    """Answers of the pure functions over the datasets of a folder."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self._datasets = Datasets(folder, prepare=vocabulary)
        for version in self._datasets.kept()[:_OPENED]:
            self._datasets.open(version)  # now, not when the first answer is checked
        self._base_url = base_url
        self._expected = lru_cache(_KEPT)(self._work_out)
        self._called = lru_cache(_KEPT)(self._call)

    def find_wrong(self, got: Got) -> Iterator[Wrong]:
        """What differs from the answer that is expected of the dataset that answered."""
        if got.status >= 500:
            return  # reported already
        found = self._of_call(got) if got.question.path == MCP else self._of_http(got)
        for why in found:
            yield Wrong(got, why)

    def _of_http(self, got: Got) -> Iterator[str]:
        if got.version not in self._datasets.kept():
            yield f"dataset {got.version!r} was never published"
            return
        # The order of parameters matters to problems.
        parameters = turn(got.question, got.manner.turned)
        expected = self._expected(got.question._replace(parameters=parameters), got.version)
        if expected is None:
            return
        status, headers, body, refusal = expected
        if got.status != (304 if status == 200 and got.status == 304 else status):
            yield f"status {got.status}; expected {status}"
            return
        if not got.manner.is_head and got.status != 304:
            if refusal:
                problem = refusal.problem(instance(got.question, got.manner.turned))
                body = msgspec.json.encode(problem)
            if got.body != body:
                yield _difference(got.body, body)
        for name, value in headers.items():
            is_lost = got.status == 304 and name == "Content-Type"
            sent = got.headers.get(name, "none").removesuffix("; charset=utf-8")
            if not is_lost and sent != value:
                yield f"{name}: {sent}; expected {value}"

    def _work_out(self, question: Question, version: str) -> Expected | None:
        """None where the request is no endpoint's."""
        if question.path in _CHANGES or (found := _endpoint(question)) is None:
            return None
        endpoint, id_ = found
        if endpoint.asks and question.media_type not in endpoint.asks:
            return None
        current = self._datasets.current = self._datasets.open(version)
        query = target(question).partition("?")[2].encode()
        store = current
        try:
            # A query that cannot be parsed names no dataset.
            if pinned := parse_texts(endpoint, query).get("dataset", [""])[0]:
                store = self._datasets.choose(pinned)
            return self._answer(endpoint, id_, question, query, store)
        except Refusal as refusal:
            if endpoint.refuse is not None:
                return self._explain(endpoint, question, query, store, refusal)
            headers = common_headers(store, NEVER_KEPT) | {"Content-Type": MEDIA_TYPE}
            status = refusal.problem(question.path).status
            return Expected(status, headers, refusal=refusal)

    def _answer(
        self, endpoint: Endpoint, id_: str, question: Question, query: bytes, store: Store
    ) -> Expected:
        texts = parse_texts(endpoint, query)
        ask = self._ask(endpoint, question, store, texts, id_)
        media_type = question.media_type or endpoint.media_type
        found = endpoint.handler(ask)
        if not isinstance(found, Representation):
            found = Representation.of(endpoint.encode(found), media_type)
        kept = PINNED if "dataset" in texts else CURRENT
        is_kept = endpoint.is_kept and question.body is None
        headers = common_headers(store, kept if is_kept else NEVER_KEPT, endpoint.policy)
        headers["Content-Type"] = found.media_type
        if question.body is None:
            headers["ETag"] = found.etag
        return Expected(200, headers, found.body)

    def _explain(
        self,
        endpoint: Endpoint,
        question: Question,
        query: bytes,
        store: Store,
        refusal: Refusal,
    ) -> Expected:
        """The page that explains why there is no answer."""
        assert endpoint.refuse
        try:
            texts = parse_texts(endpoint, query)
        except Refusal:
            texts = {}
        ask = self._ask(endpoint, question, store, texts)
        body = endpoint.encode(endpoint.refuse(ask, refusal))
        headers = common_headers(store, NEVER_KEPT, endpoint.policy)
        return Expected(refusal.problem(ask.path).status, headers, body)

    def _ask(
        self, endpoint: Endpoint, question: Question, store: Store, texts: Any, id_: str = ""
    ) -> Ask:
        return Ask(
            path=question.path,
            texts=texts,
            parameters=endpoint.parameters,
            store=store,
            datasets=self._datasets,
            base_url=self._base_url,
            id=id_,
            body=question.body or b"",
            media_type=question.media_type,
        )

    def _of_call(self, got: Got) -> Iterator[str]:
        """A tool's result names its dataset only where it has one, so any published may be it."""
        if got.status != 200:
            yield f"status {got.status}"
            return
        found = msgspec.json.decode(got.body).get("result", {}).get("structuredContent")
        if not any(self._called(got.question, version) == found for version in self._versions()):
            yield f"no published dataset gives this result: {str(found)[:_SHOWN]}"

    def _versions(self) -> list[str]:
        return self._datasets.kept()

    def _call(self, question: Question, version: str) -> Any:
        self._datasets.current = self._datasets.open(version)
        params = msgspec.json.decode(question.body or b"")["params"]
        called = call(TOOLS[params["name"]], params["arguments"], self._datasets)
        return msgspec.json.decode(msgspec.json.encode(called))


def _endpoint(question: Question) -> tuple[Endpoint, str] | None:
    """The endpoint of a question, and the last part of its path."""
    parent, _, id_ = question.path.rpartition("/")
    for endpoint in ENDPOINTS:
        if bool(endpoint.asks) != (question.body is not None):
            continue
        if endpoint.path == question.path:
            return endpoint, ""
    templates = (one for one in ENDPOINTS if one.path == f"{parent}/{{id}}" and not one.asks)
    return next(((one, id_) for one in templates if id_), None)


def _difference(got: bytes, expected: bytes) -> str:
    at = next(
        (at for at, (one, other) in enumerate(zip(got, expected, strict=False)) if one != other),
        min(len(got), len(expected)),
    )
    shown, right = (
        body[max(0, at - 40) : at + 40].decode(errors="replace") for body in (got, expected)
    )
    return f"byte {at:,} of {len(got):,} differs: …{shown}… expected …{right}…"
