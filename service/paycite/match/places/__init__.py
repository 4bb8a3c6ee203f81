"""Parses a place, or several named together, into one geography."""

import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import NamedTuple

import msgspec

from paycite.match.names import SUGGESTIONS
from paycite.match.places.gazetteer import Meaning
from paycite.match.places.place import SinglePlaceParser
from paycite.match.places.unknown import UnknownPlaces
from paycite.match.places.words import WORDLIKE_STATES, split_words, strip_asides
from paycite.model.problem import Refusal
from paycite.model.snapshot import Snapshot
from paycite.model.vocabulary import Match, Metro, states_of

# Separators between places, most certain first: "Boston / NY" is two cities, but "Boston, NY" a
# village. "OR" may be a state.
_SURE = r"\s*[/;|&+\n•]\s*|(?<!,)\s+or\s+|\s+and\s+"
_UNSURE = r"\s*[()\[\]–—]\s*|\s+-+\s+"  # noqa: RUF001 - as people paste them
_CERTAIN = re.compile(_SURE)
_WITH_COMMAS = re.compile(rf"{_SURE}|{_UNSURE}|\s*,\s*")
_SEPARATORS = (
    _CERTAIN,
    re.compile(rf"{_SURE}|{_UNSURE}"),
    _WITH_COMMAS,
    re.compile(rf"{_SURE}|{_UNSURE}", re.IGNORECASE),
    re.compile(r"\s*-\s*"),
)
_ASIDE = re.compile(r"([^()]+)\(([^()]+)\)(.*)", re.DOTALL)
_UNKNOWN_WORD = 1  # lowers the score, of 100
_MAX_PIECES = 24  # a longer text is not a list of places
_MAX_PARTS_WITH_TYPOS = 3
_MAX_LISTED = 8

Parse = Callable[[str], Meaning | None]
Split = Callable[[re.Pattern[str], str], list[str]]


class _Lookups(NamedTuple):
    """The functions that examine one part of a text."""

    parse: Parse
    adds: Callable[[str], bool]
    is_state: Callable[[str], bool]
    significant_words: Callable[[str], list[str]]


class PlaceParser:
    """Parses places as people write them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._metros = snapshot.metros
        self._one = SinglePlaceParser(snapshot)
        self._unknown = UnknownPlaces(snapshot, self._one)

    def parse(self, text: str) -> tuple[Metro, Match]:
        """Return the most local geography that the text names. Refusal: none, or several."""
        asked, text = text, self._one.restore_text(strip_asides(text))
        states = self._one.find_remote_states(text)
        text = self._one.restore_text(self._one.strip_lead(text))
        meaning = states or self._parse_place(text) or self._parse_before_aside(text)
        if meaning is None:
            if asked in WORDLIKE_STATES:
                _, match = self.parse(asked.upper())
                detail = f"Unknown place {asked!r}. Did you mean {asked.upper()!r}?"
                ids = (match.id, *match.alternatives)
                raise Refusal.of("unknown-metro", detail, "metro", ids)
            detail, ids = self._unknown.explain(asked, text)
            raise Refusal.of("unknown-metro", detail, "metro", ids)
        if len(meaning.ids) > 1:
            raise _reject_ambiguous(asked, meaning.ids)
        (id_,) = meaning.ids
        return self._metros[id_], Match(
            dimension="metro",
            query=asked,
            id=id_,
            method=meaning.method,
            score=meaning.score,
            alternatives=tuple(o for o in dict.fromkeys(meaning.others) if o != id_)[:SUGGESTIONS],
        )

    def _parse_place(self, text: str) -> Meaning | None:
        return self._parse_name(text) or self._parse_parts(text)

    def _parse_before_aside(self, text: str) -> Meaning | None:
        """Parse a place before a parenthesis that names no place ("San Francisco (SoMa)"): fuzzy,
        with a lower score for each word left out. None if the place is a state or the nation,
        which the parenthesis may limit."""
        found = _ASIDE.fullmatch(text)
        if not found or self._one.significant_words(found[3]):
            return None
        parts = filter(self._one.significant_words, _WITH_COMMAS.split(found[2]))
        if self._unknown.may_name_place(found[2]) or any(map(self._one.parse, parts)):
            return None
        meaning = self._parse_place(found[1])
        if not meaning or any(self._metros[i].kind in ("state", "nation") for i in meaning.ids):
            return None
        doubt = _UNKNOWN_WORD * len(self._one.significant_words(found[2]))
        return msgspec.structs.replace(meaning, method="fuzzy", score=meaning.score - doubt)

    def _parse_parts(self, text: str) -> Meaning | None:
        """Parse without correcting typos, or else correcting them. Different separators often give
        the same parts, so each part is parsed once."""
        one = self._one
        parse = cache(one.parse)
        lookups = _Lookups(
            parse, cache(one.adds), cache(one.is_state), cache(one.significant_words)
        )
        split = cache(partial(_split, lookups))
        return self._parse_verbatim(text, split, parse) or self._parse_despite_typos(text, split)

    def _parse_name(self, text: str) -> Meaning | None:
        """Parse a geography by its own name, with whatever else has the name or number."""
        if named := self._one.find_named(text):
            others = self._one.find_others(text, named)
            return msgspec.structs.replace(named, others=(*named.others, *others))
        return None

    def _parse_verbatim(self, text: str, split: Split, parse: Parse) -> Meaning | None:
        """Parse without correcting typos: places clearly apart; else one place; else several."""
        return (
            self._one.find_by_title(text)
            or self._parse_list(text, split, parse, _MAX_PIECES, (_CERTAIN,))
            or self._one.find_placed(text)
            or self._parse_list(text, split, parse, _MAX_PIECES, _SEPARATORS)
        )

    def _parse_list(
        self,
        text: str,
        split: Split,
        parse: Parse,
        most: int,
        separators: Sequence[re.Pattern[str]],
    ) -> Meaning | None:
        """Parse a text whose every part is a place."""
        text = text.lower() if text.isupper() else text
        tried = [[text]]
        for separator in separators:
            parts = split(separator, text)
            if not 0 < len(parts) <= most or parts in tried:
                continue
            if found := self._combine(parts, parse):
                return found
            tried.append(parts)
        return None

    def _combine(self, parts: Sequence[str], parse: Parse) -> Meaning | None:
        """Combine the meanings of all parts, without those that enclose another ("Dallas or
        Austin, Texas"). The last part's state applies to parts that have none. An ambiguous part
        means what another part means ("Denver/Aurora"), and perhaps its other meanings."""
        before, state = self._one.split_state_at_end(split_words(parts[-1]))
        found = []
        for part in parts:
            meaning = parse(part)
            if before and state and (meaning is None or len(meaning.ids) > 1):
                meaning = parse(f"{part}, {state}") or meaning
            if meaning is None:
                return None
            found.append(meaning)
        clear = {meaning.ids[0] for meaning in found if len(meaning.ids) == 1}
        meant = [[id_ for id_ in one.ids if id_ in clear] or one.ids for one in found]
        ids = tuple(dict.fromkeys(id_ for some in meant for id_ in some))
        inner = tuple(id_ for id_ in ids if not any(self._encloses(id_, other) for other in ids))
        return Meaning(
            inner,
            tuple(id_ for one in found for id_ in one.ids if id_ not in inner),
            "fuzzy" if any(meaning.method == "fuzzy" for meaning in found) else "alias",
            min(meaning.score for meaning in found),
        )

    def _encloses(self, outer: str, inner: str) -> bool:
        metro, other = self._metros[outer], self._metros[inner]
        if metro.kind == "nation":
            return outer != inner
        if metro.kind == "state" and metro.state:
            return other.kind not in ("state", "nation") and metro.state in states_of(other)
        return metro.kind == "region" and set(other.cbsa_codes) < set(metro.cbsa_codes)

    def _parse_despite_typos(self, text: str, split: Split) -> Meaning | None:
        parse, most = self._one.parse_despite_typos, _MAX_PARTS_WITH_TYPOS
        return parse(text) or self._parse_list(text, split, parse, most, _SEPARATORS)


def _split(lookups: _Lookups, separator: re.Pattern[str], text: str) -> list[str]:
    """Split into places, each with its state or ZIP code; drop work arrangements ("hybrid")."""
    pieces = separator.split(text)
    parts: list[str] = []
    for part in pieces if len(pieces) <= _MAX_PIECES else ():
        adds = lookups.adds(part) and (separator is not _CERTAIN or lookups.is_state(part))
        if adds and parts and lookups.parse(f"{parts[-1]}, {part}"):
            parts[-1] = f"{parts[-1]}, {part}"
        elif separator is _WITH_COMMAS and parts and lookups.is_state(part):
            if not lookups.is_state(parts[-1]):
                return []  # "Springfield, WA" is not Springfield and WA
            parts.append(part)
        elif lookups.significant_words(part):
            parts.append(part)
    return parts


def _reject_ambiguous(text: str, ids: Sequence[str]) -> Refusal:
    listed = ids[:_MAX_LISTED]
    more = f" and {len(ids) - len(listed)} more" if len(ids) > len(listed) else ""
    detail = (
        f"{text!r} may mean {', '.join(listed)}{more}. "
        "Use one of these ids, or add the state or a ZIP code."
    )
    return Refusal.of("ambiguous-metro", detail, "metro", listed)
