"""Recompute a saved answer from its own steps and from its dataset, and list the differences."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from paycite.dataset.published import Datasets
from paycite.estimate.recompute import recompute
from paycite.model.answer import Answer, DatasetVersion, Links, Requested
from paycite.model.problem import Refusal
from paycite.questions.answer import answer_question
from paycite.questions.parameters import parse_query


class Difference(Struct, frozen=True):
    """A difference between a saved answer and the recomputed one."""

    place: str
    saved: object
    recomputed: object

    def __str__(self) -> str:
        saved, recomputed = (_shown(value) for value in (self.saved, self.recomputed))
        return f"{self.place}: saved {saved}, recomputed {recomputed}"


class _Saved(Struct, frozen=True):
    """The parts of a saved answer that are needed to recompute it."""

    requested: Requested
    dataset: DatasetVersion
    links: Links


_IS_SUMMARY = "a summary has no steps to verify. Save the full answer, without view=summary."
_ABSENT = object()
_SHOWN = 200


def differences(saved: bytes, datasets: Datasets) -> list[Difference]:
    """List where the saved JSON differs from the result of its own steps, and from a new answer to
    the same question and dataset.

    Raises DatasetError if that dataset is no longer kept or cannot be read, Refusal if the question
    has no answer in it or the saved answer is a summary, and msgspec.DecodeError if the bytes are
    not a saved answer.
    """
    asked = msgspec.json.decode(saved, type=_Saved)
    if "view=summary" in asked.links.self.partition("?")[2].split("&"):
        raise Refusal.of("invalid-value", _IS_SUMMARY, parameter="view")
    store = datasets.open(asked.dataset.version)
    query = urlencode(msgspec.to_builtins(asked.requested), doseq=True)
    recomputed = answer_question(store, parse_query(query.encode()))
    whole = msgspec.json.decode(msgspec.json.encode(recomputed))
    return [*_by_steps(saved), *_differences("answer", msgspec.json.decode(saved), whole)]


def _by_steps(saved: bytes) -> Iterator[Difference]:
    try:
        found = [*recompute(msgspec.json.decode(saved, type=Answer))]
    except Exception:  # it may have been changed in any way
        return  # the comparison with the dataset shows where
    for one in found:
        yield Difference(
            f"steps of answer.{one.place}", *map(msgspec.to_builtins, (one.saved, one.recomputed))
        )


def _differences(place: str, saved: Any, recomputed: Any) -> Iterator[Difference]:
    if isinstance(saved, dict) and isinstance(recomputed, dict):
        for name in dict.fromkeys([*saved, *recomputed]):
            pair = (saved.get(name, _ABSENT), recomputed.get(name, _ABSENT))
            shown = name if name.isidentifier() else _shown(name)
            yield from _differences(f"{place}.{shown}", *pair)
    elif isinstance(saved, list) and isinstance(recomputed, list):
        for number, pair in enumerate(zip_longest(saved, recomputed, fillvalue=_ABSENT)):
            yield from _differences(f"{place}[{number}]", *pair)
    elif saved != recomputed or isinstance(saved, bool) != isinstance(recomputed, bool):
        yield Difference(place, saved, recomputed)


def _shown(value: object) -> str:
    if value is _ABSENT:
        return "nothing"
    whole = msgspec.json.encode(value).decode()
    return whole if len(whole) <= _SHOWN else f"{whole[:_SHOWN]}… ({len(whole)} characters)"
