"""What a text says of a place, or of several that are named together."""

import re
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from paycite.match.names import SUGGESTIONS
from paycite.match.places.gazetteer import Meaning
from paycite.match.places.place import PlaceReader
from paycite.match.places.words import without_besides, words_of
from paycite.model.problem import Fault, Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Match, Metro

# What parts one place from another, the surest first: "Boston / NY" is two cities, but "Boston, NY"
# a village. "OR" may be a state.
_SURE = r"\s*[/;|&+\n•]\s*|(?<!,)\s+or\s+|\s+and\s+"
_UNSURE = r"\s*[()\[\]–—]\s*|\s+-+\s+"  # noqa: RUF001 - as people paste them
_SURELY = re.compile(_SURE)
_AT_COMMAS = re.compile(rf"{_SURE}|{_UNSURE}|\s*,\s*")
_PARTINGS = (
    _SURELY,
    re.compile(rf"{_SURE}|{_UNSURE}"),
    _AT_COMMAS,
    re.compile(rf"{_SURE}|{_UNSURE}", re.IGNORECASE),
    re.compile(r"\s*-\s*"),
)
_MOST_PIECES = 24  # what is longer is no list of places
_MOST_PARTS_WITH_ERRORS = 3
_MOST_TOLD = 8

Reader = Callable[[str], Meaning | None]


class Places:
    """The places of a dataset, as people write them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._metros = snapshot.metros
        self._one = PlaceReader(snapshot)

    def read(self, text: str) -> tuple[Metro, Match]:
        """The most local geography that the text means; Refusal where it means none or several."""
        asked, text = text, without_besides(text)
        found = self._without_errors(text) or self._but_for_errors(text)
        if found is None:
            raise _refusal("unknown-metro", *self._one.unknown(asked, text))
        if len(found.ids) > 1:
            raise _ambiguous(asked, found.ids)
        (id_,) = found.ids
        return self._metros[id_], Match(
            dimension="metro",
            query=asked,
            id=id_,
            method=found.method,
            score=found.score,
            alternatives=tuple(o for o in dict.fromkeys(found.others) if o != id_)[:SUGGESTIONS],
        )

    def _without_errors(self, text: str) -> Meaning | None:
        """A geography named as it stands, and what else has the name or the number; else places
        that are surely parted; else one place."""
        if named := self._one.named(text):
            others = self._one.besides(text, named)
            return msgspec.structs.replace(named, others=(*named.others, *others))
        return (
            self._several(text, self._one.read, _MOST_PIECES, (_SURELY,))
            or self._one.placed(text)
            or self._several(text, self._one.read, _MOST_PIECES, _PARTINGS)
        )

    def _several(
        self, text: str, read: Reader, most: int, partings: Sequence[re.Pattern[str]]
    ) -> Meaning | None:
        """All the places that are named together, where each part of the text is one."""
        text = text.lower() if text.isupper() else text
        tried = [[text]]
        for parting in partings:
            parts = self._parts(parting, text)
            if not 0 < len(parts) <= most or parts in tried:
                continue
            if found := self._together(parts, read):
                return found
            tried.append(parts)
        return None

    def _parts(self, parting: re.Pattern[str], text: str) -> list[str]:
        """The parts, a state or a ZIP code with what stands before it; without those that say how
        one works there ("hybrid")."""
        pieces = parting.split(text)
        parts: list[str] = []
        for part in pieces if len(pieces) <= _MOST_PIECES else ():
            adds = self._one.adds(part) and (parting is not _SURELY or self._one.is_state(part))
            if adds and parts and self._one.read(f"{parts[-1]}, {part}"):
                parts[-1] = f"{parts[-1]}, {part}"
            elif parting is _AT_COMMAS and parts and self._one.is_state(part):
                if not self._one.is_state(parts[-1]):
                    return []  # "Springfield, WA" is not Springfield and WA
                parts.append(part)
            elif self._one.telling(part):
                parts.append(part)
        return parts

    def _together(self, parts: Sequence[str], read: Reader) -> Meaning | None:
        """What all parts mean, but for what encloses another ("Dallas or Austin, Texas"); the
        state of the last one is that of the others too where they have none."""
        before, state = self._one.state_at_end(words_of(parts[-1]))
        found = []
        for part in parts:
            said = read(part)
            if before and state and (said is None or len(said.ids) > 1):
                said = read(f"{part}, {state}") or said
            if said is None:
                return None
            found.append(said)
        ids = tuple(dict.fromkeys(id_ for said in found for id_ in said.ids))
        inner = tuple(id_ for id_ in ids if not any(self._encloses(id_, other) for other in ids))
        return Meaning(
            inner,
            tuple(id_ for id_ in ids if id_ not in inner),
            "fuzzy" if any(said.method == "fuzzy" for said in found) else "alias",
            min(said.score for said in found),
        )

    def _encloses(self, outer: str, inner: str) -> bool:
        metro, other = self._metros[outer], self._metros[inner]
        if metro.kind == "nation":
            return outer != inner
        if metro.kind == "state" and metro.state:
            return other.kind not in ("state", "nation") and self._one.touches(inner, metro.state)
        return metro.kind == "region" and set(other.cbsa_codes) < set(metro.cbsa_codes)

    def _but_for_errors(self, text: str) -> Meaning | None:
        if found := self._one.read_but_for_errors(text):
            return found
        return self._several(
            text, self._one.read_but_for_errors, _MOST_PARTS_WITH_ERRORS, _PARTINGS
        )


def _refusal(
    type_: Literal["ambiguous-metro", "unknown-metro"], detail: str, ids: Sequence[str]
) -> Refusal:
    fault = Fault(type=type_, parameter="metro", detail=detail, suggestions=tuple(ids))
    return Refusal([fault])


def _ambiguous(text: str, ids: Sequence[str]) -> Refusal:
    told = ids[:_MOST_TOLD]
    more = f" and {len(ids) - len(told)} more" if len(ids) > len(told) else ""
    detail = (
        f"{text!r} is more than one place: {', '.join(told)}{more}. "
        "Ask with one of them, or add the state or a ZIP code."
    )
    return _refusal("ambiguous-metro", detail, told)
