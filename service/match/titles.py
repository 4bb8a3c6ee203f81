"""Titles as advertisements have them: the name of a role among words that are not of it.

"Senior Staff Machine Learning Engineer, Ads Ranking (Remote, US) - $250k". How it is read:

1. A title is in parts, between punctuation. The head of an English title is at the end of its main
   part, the first that ends with a *job* ("engineer").
2. The longest name at the end of the main part is the role. What stands before it may be unknown
   ("Azure"), but no other job ("Intern"); and nothing, where the seeds call the name `whole`.
3. What another part says is a qualifier put after: "Engineer, Machine Learning" is a machine
   learning engineer, and so is the "Software Engineer" of "Machine Learning Ranking".
4. A second part that ends with a job must be the same role; else the title means both. A job that
   no role has ("Director") makes the title another job, wherever it stands.

Which words are jobs, noise and names is data, in the seeds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, structs

from service.match.levels import LevelWords, Said, level_said
from service.match.names import Names
from service.match.parts import Part, Parts, without_numbers
from service.model.problem import Refusal
from service.model.vocabulary import Level, Match, Role

# How sure a reading is (of 100): what lowers it, and by how much.
_NOISE = 1
_KNOWN_WORD_BEFORE = 1
_UNKNOWN_WORD_BEFORE = 3
_UNKNOWN_WORD_AFTER = 1
_INVERTED = 2
_TYPING_ERROR = 6
_WIDENED = 14
_LEAST = 50

Title = tuple[tuple[Role, Match], tuple[Level, Match] | None]
Words = tuple[str, ...]


class _Name(Struct, frozen=True):
    """A name in a title: what it means, what stands before it, what makes it less sure, and the
    part that it was completed from."""

    words: Words
    meanings: tuple[Role, ...]
    before: Words
    doubt: float = 0
    taken: Part | None = None


class Titles:
    """The roles that titles name, and the levels that they say."""

    def __init__(self, roles: Names[Role], levels: LevelWords) -> None:
        self._roles = roles
        self._levels = levels
        self._parts = Parts(roles, levels)
        # Of each name, what stands before it in longer ones.
        self._longer: defaultdict[str, list[str]] = defaultdict(list)
        for name in roles.plain_names():
            words = name.split()
            for start in range(1, len(words)):
                end = " ".join(words[start:])
                if roles.named(end) and not any(map(roles.is_job, words[:start])):
                    self._longer[end].append(" ".join(words[:start]))

    def read(self, title: str) -> Title:
        """The role of a title, and the level where it says one; Refusal where it names no role,
        or more than one."""
        if self._roles.knows(title):
            return self._among_noise(self._roles.read(title), title), None
        text = without_numbers(title)
        parts = self._parts.of(text)
        is_joined = len(parts) > 1 or any(len(part.pieces) > 1 for part in parts)
        if found := self._whole(title, text, in_order=is_joined):
            return found
        try:
            return self._advertised(title, parts)
        except Refusal as refusal:
            is_unknown = refusal.faults[0].type == "unknown-role"
            if is_joined and is_unknown and (found := self._whole(title, text, in_order=False)):
                return found
            raise

    def _whole(self, title: str, text: str, in_order: bool) -> Title | None:
        """All words of the text a name and a level; but for typing errors and the order of words,
        unless it must be `in_order`."""
        try:
            reading = self._levels.read(text, self._roles.is_noise)
        except Refusal:  # of levels that contradict each other, in parts that may not say a level
            return None
        if in_order and not self._roles.named(self._roles.plain(reading.rest)):
            return None
        if role := self._roles.seek(reading.rest, title):
            return self._among_noise(role, text), reading.level
        if reading.level and (role := self._roles.seek(text, title)):
            # What looks like a level may be a typing error in the title ("responsible i").
            return role, None
        return None

    def _among_noise(self, role: tuple[Role, Match], text: str) -> tuple[Role, Match]:
        entry, match = role
        if match.score == 100 and self._roles.has_noise(text):
            match = structs.replace(match, score=100 - _NOISE)
        return entry, match

    def _advertised(self, title: str, parts: Sequence[Part]) -> Title:
        main = self._parts.main(parts)
        if main is None:
            raise self._roles.unknown(title)
        head, said, tail = self._parts.cut(main)
        others = [part for part in parts if part is not main]
        if tail:
            others.insert(0, tail)
        name = self._name(head, others, title)
        if not name:
            raise self._roles.unknown(title, " ".join(head))
        self._refuse_joined(main, head, name, title)
        said = [*self._parts.without_level(head)[1], *said]
        unknown = 0
        for part in others:
            if part is not name.taken:
                said += self._beside(part, name, title)
                unknown += self._unknown(self._plain(part.words))
        if self._parts.is_mended(parts, title):
            name = structs.replace(name, doubt=name.doubt + _TYPING_ERROR)
        return self._match(name, unknown, title), level_said(said, title)

    def _plain(self, words: Sequence[str]) -> Words:
        rest, _ = self._parts.without_level(words)
        return tuple(self._roles.plain(" ".join(rest)).split())

    def _unknown(self, words: Words) -> int:
        return sum(word not in self._roles.words for word in words)

    # The name.

    def _name(self, head: Sequence[str], others: Sequence[Part], title: str) -> _Name | None:
        """The longest name that the head ends with, completed from the others; None where it has
        none, or another job before it."""
        found = list(self._names(self._plain(head), others))
        length = max((len(name.words) for name in found), default=0)
        longest = [name for name in found if len(name.words) == length]
        meanings = [*dict.fromkeys(role.id for name in longest for role in name.meanings)]
        if not longest or any(map(self._roles.is_job, longest[0].before)):
            return None
        if len(meanings) > 1:
            raise self._roles.ambiguous(title, meanings)
        return longest[0]

    def _names(self, head: Words, others: Iterable[Part]) -> Iterator[_Name]:
        fields = [
            (part, self._plain(part.words))
            for part in others
            if not self._parts.ends_in_job(part.words)
        ]
        own = self._at_end(head)
        if own:
            yield own
            yield from self._widened(own, fields)
        for part, field in fields:
            # Without a name in the head, all that is said after it must be of the name.
            for start in range(len(field) if own else min(1, len(field))):
                words = (*field[start:], *head)
                if meanings := self._roles.named(" ".join(words)):
                    yield _Name(words, tuple(meanings), field[:start], _INVERTED, part)
                    break

    def _at_end(self, head: Words) -> _Name | None:
        """The longest name at the end."""
        for start in range(len(head)):
            name = " ".join(head[start:])
            meanings = self._roles.named(name)
            if meanings and (start == 0 or not self._roles.is_whole(name)):
                return _Name(head[start:], tuple(meanings), head[:start])
        return None

    def _widened(self, own: _Name, fields: Iterable[tuple[Part, Words]]) -> Iterator[_Name]:
        """Longer names of other roles with the same end, the rest of which stands elsewhere."""
        for part, field in [(None, own.before), *fields]:
            for more in self._longer.get(" ".join(own.words), ()):
                words = (*more.split(), *own.words)
                meanings = tuple(self._roles.named(" ".join(words)))
                if meanings != own.meanings and f" {more} " in f" {' '.join(field)} ":
                    yield _Name(words, meanings, own.before, _WIDENED, part)

    # What else the title says.

    def _refuse_joined(self, main: Part, head: Sequence[str], name: _Name, title: str) -> None:
        """Refuse a main part that names two: "Data/Cloud Engineer"."""
        joined = main.pieces[:-1]
        last = self._plain(head[sum(map(len, joined)) :])
        for piece in joined:
            words = self._plain(piece)
            names = (" ".join((*words, *last[start:])) for start in range(1, len(last)))
            meanings = next(filter(None, map(self._roles.named, names)), name.meanings)
            if tuple(meanings) != name.meanings:
                ids = {role.id for role in (*meanings, *name.meanings)}
                raise self._roles.ambiguous(title, ids)

    def _beside(self, part: Part, name: _Name, title: str) -> list[Said]:
        """The levels that another part says; Refusal where it names another job."""
        rest, said = self._parts.without_level(part.words)
        if self._parts.ends_in_job(part.words):
            second = self._name(part.words, (), title)
            if not second:
                raise self._roles.unknown(title, " ".join(name.words))
            if second.meanings != name.meanings:
                ids = {role.id for role in (*second.meanings, *name.meanings)}
                raise self._roles.ambiguous(title, ids)
        elif any(self._roles.is_job(word) and word not in self._roles.words for word in part.words):
            raise self._roles.unknown(title, " ".join(name.words))
        elif part.follows_directly:  # "Data Engineer Senior Backend": the level is of the engineer
            _, said = self._levels.part(part.words[: len(part.words) - len(rest)])
        elif self._roles.plain(" ".join(rest)):  # "Lead Generation" may be what the work is about
            said = []
        return said

    def _match(self, name: _Name, unknown_after: int, title: str) -> tuple[Role, Match]:
        (role,) = name.meanings
        unknown = self._unknown(name.before)
        known = len(name.before) - unknown
        doubt = (
            name.doubt
            + _NOISE
            + _KNOWN_WORD_BEFORE * known
            + _UNKNOWN_WORD_BEFORE * unknown
            + _UNKNOWN_WORD_AFTER * unknown_after
        )
        is_known = not unknown and not unknown_after and name.doubt < _TYPING_ERROR
        return role, Match(
            dimension="role",
            query=title,
            id=role.id,
            method="alias" if is_known else "fuzzy",
            score=max(_LEAST, 100 - doubt),
            alternatives=(),
        )
