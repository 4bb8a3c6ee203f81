"""Titles as advertisements have them: the name of a role among words that are not of it.

"Senior Staff Machine Learning Engineer, Ads Ranking (Remote, US) - $250k". How it is read:

1. A title is in parts, between punctuation. The head of an English title is at the end of its main
   part, the first that ends with a *job* ("engineer").
2. The longest name at the end of the main part is the role. What stands before it may be unknown
   ("Azure"), but no other job ("Intern"); and nothing, where the seeds call the name `whole`.
3. What another part says is a qualifier put after: "Engineer, Machine Learning" is a machine
   learning engineer, and so is the "Software Engineer" of "Machine Learning Ranking".
4. A second part that ends with a job must be the same role, and so must each piece that "and" or a
   slash joins ("QA/Software Engineer"); else the title means both. A job that no role has
   ("Director") makes the title another job, wherever it stands; and so does a field of another
   trade next to a name that trades share ("Engineering Manager - Civil").
5. A level is read or refused, and never dropped: what may be one, or not, is refused.

Which words are jobs, noise and names is data, in the seeds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct, structs

from paycite.match.names import Names
from paycite.match.titles.levels import LevelWords, Said, level_said
from paycite.match.titles.parts import Part, Parts, chunks, has_joint, without_numbers
from paycite.match.titles.unknown_levels import Rungs
from paycite.model.problem import Refusal
from paycite.model.vocabulary import Level, Match, Role

# How sure a reading is (of 100): what lowers it, and by how much.
_NOISE = 1
_KNOWN_WORD_BEFORE = 1
_UNKNOWN_WORD_BEFORE = 3
_UNKNOWN_WORD_AFTER = 1
_UNKNOWN_BESIDE_GENERAL = 6  # besides, where other trades call a job so too
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
        self._rungs = Rungs(roles, levels)
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
        or more than one, or may say a level that is not read."""
        is_known = self._roles.knows(title)
        text = without_numbers(title)
        parts = [] if is_known and not has_joint(title) else self._parts.of(text)
        self._refuse_joined(parts, title)
        if is_known:
            return self._among_noise(self._roles.read(title), title), None
        closed = self._parts.closed_up(text)
        if closed != text:
            text, parts = closed, self._parts.of(closed)
        found = self._found(title, text, parts)
        self._rungs.refuse_unread(chunks(text), title)
        return found

    def _found(self, title: str, text: str, parts: Sequence[Part]) -> Title:
        is_joined = len(parts) > 1 or any(len(part.pieces) > 1 for part in parts)
        if found := self._whole(title, text, parts, in_order=is_joined):
            return found
        try:
            return self._advertised(title, parts)
        except Refusal as refusal:
            is_unknown = refusal.faults[0].type == "unknown-role"
            if is_joined and is_unknown and (found := self._whole(title, text, parts, False)):
                return found
            raise

    def _whole(self, title: str, text: str, parts: Sequence[Part], in_order: bool) -> Title | None:
        """All words of the text a name and a level; but for typing errors and the order of words,
        unless it must be `in_order`."""
        try:
            rest = self._levels.read(text, self._roles.is_noise).rest
            level = level_said(self._said(parts), title)
        except Refusal:  # of levels that contradict each other, in parts that may not say a level
            return None
        if in_order and not self._roles.named(self._roles.plain(rest)):
            return None
        role = self._roles.seek(rest, title)
        return (self._among_noise(role, text), level) if role else None

    def _said(self, parts: Iterable[Part]) -> list[Said]:
        return [said for part in parts for said in self._parts.without_level(part.words)[1]]

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
        self._refuse_field(parts, name, title)
        if name.taken:  # "Engineer, DevOps/Security" is a "DevOps/Security Engineer"
            *joined, last = name.taken.pieces
            self._refuse_joined([Part((*joined, (*last, *head)))], title)
        said = [*self._parts.without_level(head)[1], *said]
        unknown = 0
        for part in others:
            if part is name.taken:
                said += self._said([part])
            else:
                said += self._beside(part, name, title)
                unknown += self._unknown(self._plain(part.words))
        level = level_said(said, title)
        dropped = [word.words for word in self._said(others) if not word.words.isdecimal()]
        if not level and dropped:
            reason = "it may be the level, or what the work is about"
            raise self._levels.unread(title, dropped[0], reason, "`level`")
        if self._parts.is_mended(parts, title):
            name = structs.replace(name, doubt=name.doubt + _TYPING_ERROR)
        return self._match(name, unknown, title), level

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

    def _refuse_joined(self, parts: Iterable[Part], title: str) -> None:
        """Refuse a part that names two: "Data/Cloud Engineer"."""
        for *joined, last in (part.pieces for part in parts if len(part.pieces) > 1):
            named = {tuple(own.meanings)} if (own := self._at_end(self._plain(last))) else set()
            for piece in joined:
                ends = (self._plain((*piece, *last[start:])) for start in range(1, len(last)))
                names = map(self._roles.named, map(" ".join, ends))
                named |= {tuple(meanings) for meanings in islice(filter(None, names), 1)}
            if len(named) > 1:
                raise self._roles.ambiguous(title, {role.id for roles in named for role in roles})

    def _refuse_field(self, parts: Iterable[Part], name: _Name, title: str) -> None:
        """Refuse what other trades call so too, next to one: "Engineering Manager - Civil"."""
        called = " ".join(name.words)
        kinds = (self._roles.kind(word) for part in parts for word in part.words)
        if self._roles.is_general(called) and "field" in kinds:
            raise self._roles.unknown(title, called)

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
        beside = unknown + unknown_after if self._roles.is_general(" ".join(name.words)) else 0
        doubt = (
            name.doubt
            + _NOISE
            + _KNOWN_WORD_BEFORE * known
            + _UNKNOWN_WORD_BEFORE * unknown
            + _UNKNOWN_WORD_AFTER * unknown_after
            + _UNKNOWN_BESIDE_GENERAL * beside
        )
        is_known = not unknown and not unknown_after and name.doubt < _TYPING_ERROR
        return role, Match(
            dimension="role",
            query=title,
            id=role.id,
            method="alias" if is_known else "fuzzy",
            score=max(_LEAST, 100 - doubt),
            alternatives=self._roles.also(" ".join(name.words)),
        )
