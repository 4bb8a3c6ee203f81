"""Parses job titles: finds a role name, and the level, among other words.

"Senior Staff Machine Learning Engineer, Ads Ranking (Remote, US) - $250k" is parsed like this:

1. Punctuation separates a title into parts. The main part is the first that ends with a *job*
   noun ("engineer"); its last words name the job.
2. The longest role name at the end of the main part is the role. Unknown words may precede it
   ("Azure"), but not another job ("Intern"), and none may precede a name marked `whole` in
   seeds/words.csv.
3. Other parts may qualify it: "Engineer, Machine Learning" is a machine learning engineer, and so
   is "Software Engineer, Machine Learning Ranking".
4. A second part that ends with a job must name the same role, and so must the pieces joined by
   "and" or a slash ("QA/Software Engineer"); otherwise the title is ambiguous. A job that no role
   has ("Director") makes it another job wherever it stands, and so does another trade's field
   next to a name that trades share ("Engineering Manager - Civil").
5. A level is parsed or refused, never dropped: text that may or may not be a level is refused.

Which words are jobs, filler and names is data, in `seeds/`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct, structs

from paycite.match.names import Names
from paycite.match.titles.levels import (
    LevelMention,
    LevelWords,
    combine_levels,
    is_ladder_step,
    quote,
)
from paycite.match.titles.parts import (
    CONTRACT_WORK,
    EMPLOYEE,
    OTHER_WORK,
    Parts,
    TitlePart,
    clean,
    drop_member,
    has_joint,
    split_chunks,
    strip_numbers,
)
from paycite.match.titles.unknown_levels import UnknownLevels
from paycite.model.problem import Refusal
from paycite.model.vocabulary import Level, Match, Role, normal

# What lowers the score of a match (of 100), and by how much.
_FILLER = 1
_KNOWN_WORD_BEFORE = 1
_UNKNOWN_WORD_BEFORE = 3
_UNKNOWN_WORD_AFTER = 1
_UNKNOWN_BESIDE_GENERAL = 6  # in addition, if other trades use the name too
_INVERTED = 2
_TYPO = 6
_WIDENED = 14
_MIN_SCORE = 50

_LEAD = re.compile(r"\b(?:tech|technical) lead\b|\blead\b(?=\s*(?:$|[^\w\s]))", re.IGNORECASE)

Title = tuple[tuple[Role, Match], tuple[Level, Match] | None]
Words = tuple[str, ...]


class _Name(Struct, frozen=True):
    """A role name found in a title."""

    words: Words
    meanings: tuple[Role, ...]
    before: Words  # words that precede it
    doubt: float = 0  # to subtract from the score
    completed_by: TitlePart | None = None  # the other part that holds some of its words
    is_open: bool = False  # whether an unknown word is in it


class TitleParser:
    """Parses titles into a role and a level."""

    def __init__(self, roles: Names[Role], levels: LevelWords) -> None:
        self._roles = roles
        self._levels = levels
        self._parts = Parts(roles, levels)
        self._unknown_levels = UnknownLevels(roles, levels)
        self._contract_names = [name for name in roles.names() if CONTRACT_WORK.search(name)]
        # Only names with two jobs can be like a title with two; to split all takes much of a start.
        two_jobs = (name for name in roles.names() if sum(map(roles.is_job, name.split())) > 1)
        self._joined_names = {self._join(self._parts.split(name)) for name in two_jobs}
        # For each name, the words that precede it in longer names.
        self._longer: defaultdict[str, list[str]] = defaultdict(list)
        for name in roles.plain_names():
            words = name.split()
            for start in range(1, len(words)):
                end = " ".join(words[start:])
                if roles.named(end) and not any(map(roles.is_job, words[:start])):
                    self._longer[end].append(" ".join(words[:start]))

    def parse(self, title: str) -> Title:
        """Return the role of a title, and the level if it states one.

        Refusal: no role, more than one, or text that may be a level but cannot be parsed.
        """
        try:
            (role, match), level = self._parse(title)
        except Refusal as refusal:
            if not (found := self._parse_lead(refusal, title) or self._parse_member(title)):
                raise self._name_person(refusal, title) from None
            (role, match), level = found
        if level and level[1].method == "fuzzy":
            match = structs.replace(
                match, method="fuzzy", score=max(_MIN_SCORE, match.score - _TYPO)
            )
        return (role, structs.replace(match, query=title)), level

    def _parse_lead(self, refusal: Refusal, title: str) -> Title | None:
        """Parse a lead without a job as an engineer: "ML Tech Lead", "Technical Lead - Backend",
        but not "Data Lead", who may lead analysts, nor "AI Strategy Lead"; one of a product as its
        manager."""
        lead = _LEAD.search(title)
        words = normal(title).split()
        is_unknown = refusal.faults[0].type == "unknown-role"
        if not lead or not is_unknown or any(map(self._roles.is_job, words)):
            return None
        before, after = title[: lead.start()], title[lead.end() :]
        is_technical = " " in lead[0].strip()
        is_product = normal(before).endswith("product") and not is_technical
        job, other_job = ("manager", "manager") if is_product else ("engineer", "analyst")
        name = self._find_at_end(self._plain(normal(f"{before}lead {job}").split()))
        if name and (name.is_open or (is_product and self._roles.is_general(" ".join(name.words)))):
            return None
        found = self._parse_or_none(f"{before}lead {job}{after}")
        other = self._parse_or_none(f"{before}lead {other_job}{after}")
        if not found or (other and other[0][0] != found[0][0] and not is_technical):
            return None
        (role, match), level = found
        score = max(_MIN_SCORE, match.score - _WIDENED)
        return (role, structs.replace(match, method="fuzzy", score=score)), level

    def _parse_member(self, title: str) -> Title | None:
        """Parse a title that says more than "Member of Technical Staff" by the rest."""
        rest = drop_member(title)
        return self._parse_or_none(rest) if rest != title else None

    def _parse_or_none(self, title: str) -> Title | None:
        try:
            return self._parse(title)
        except Refusal:
            return None

    def find_other_work(self, title: str) -> str | None:
        """Return the words of a title that say that the work is part-time or a contractor's.

        "Contract" counts on its own in a part and beside the name of a role, because it may be a
        field as well: "Contract Deliverables Data Analyst".
        """
        if EMPLOYEE.search(title):
            return None
        if found := OTHER_WORK.search(title):
            return found[0]
        cleaned = clean(title)
        if not CONTRACT_WORK.search(cleaned):
            return None
        for chunk in split_chunks(strip_numbers(cleaned)):
            contract = CONTRACT_WORK.search(chunk)
            if not contract or any(name in normal(chunk) for name in self._contract_names):
                continue
            rest = " ".join(self._plain(normal(CONTRACT_WORK.sub(" ", chunk)).split()))
            if not rest or self._roles.named(rest):
                return contract[0]
        return None

    def _name_person(self, refusal: Refusal, title: str) -> Refusal:
        """Return the refusal, which names leaders, supervisors and students; for the first two
        suggest the manager."""
        words = normal(title).split()
        persons = {person for person in map(self._roles.person, words) if person}
        if refusal.faults[0].type != "unknown-role" or not persons:
            return refusal
        ids: list[str] = []
        if "student" not in persons:
            field = " ".join(word for word in words if not self._roles.person(word))
            if manager := self._parse_or_none(f"{field} manager"):
                ids = [manager[0][0].id]
        return self._roles.not_covered(title, persons, ids)

    def _parse(self, title: str) -> Title:
        cleaned = clean(title)
        is_known = self._roles.is_known(cleaned)
        text = self._parts.drop_initials(strip_numbers(cleaned))
        parts = [] if is_known and not has_joint(cleaned) else self._parts.split(text)
        self._refuse_joined(parts, title)
        if is_known and not self._has_two_jobs(parts, title):
            return self._discount_filler(self._roles.parse(cleaned), cleaned), None
        lifted = self._parts.lift_insets(text)
        if lifted != text:
            text, parts = lifted, self._parts.split(lifted)
        role, level = self._parse_parts(title, text, parts)
        words = level[1].query or "" if level else ""
        has_word = not (is_ladder_step(words) or self._levels.is_suffix(words) or not words)
        if not level:
            self._unknown_levels.refuse_years(title)
        steps = self._unknown_levels.refuse(split_chunks(text), title, has_word)
        if level:
            others = dict.fromkeys((*level[1].alternatives, *(step.id for step in steps)))
            alternatives = tuple(id_ for id_ in others if id_ != level[0].id)
            level = level[0], structs.replace(level[1], alternatives=alternatives)
        return role, level

    def _parse_parts(self, title: str, text: str, parts: Sequence[TitlePart]) -> Title:
        if not self._has_two_jobs(parts, title) and (
            found := self._parse_as_name(title, text, parts, in_order=True)
        ):
            return found
        try:
            return self._parse_head(title, parts)
        except Refusal as refusal:
            if refusal.faults[0].type != "unknown-role":
                raise
            if found := self._parse_as_name(title, text, parts, in_order=False):
                return found
            raise

    def _has_two_jobs(self, parts: Sequence[TitlePart], title: str) -> bool:
        """Return whether two joined parts end with a job, and no name has both: "Data
        Engineer/Architect", but not "Computer Systems Engineer/Architect"."""
        jobs = sum(self._parts.ends_in_job(part.words) for part in parts)
        return jobs > 1 and has_joint(title) and self._join(parts) not in self._joined_names

    def _join(self, parts: Iterable[TitlePart]) -> tuple[Words, ...]:
        return tuple(filter(None, (self._plain(part.words) for part in parts)))

    def _parse_as_name(
        self, title: str, text: str, parts: Sequence[TitlePart], in_order: bool
    ) -> Title | None:
        """Parse a text that is nothing but a name and a level; typos are allowed, but `in_order`
        in a single part only."""
        try:
            rest, _ = self._levels.split(text, self._roles.is_filler)
            level = combine_levels(self._find_levels(parts), title)
        except Refusal:  # contradictory levels, in parts that may not state a level
            return None
        is_joined = len(parts) > 1 or any(len(part.pieces) > 1 for part in parts)
        if in_order and is_joined and not self._roles.named(self._roles.plain(rest)):
            return None
        role = self._roles.find(rest, title, in_order=in_order)
        return (self._discount_filler(role, text), level) if role else None

    def _find_levels(self, parts: Iterable[TitlePart]) -> list[LevelMention]:
        return [level for part in parts for level in self._parts.without_level(part.words)[1]]

    def _discount_filler(self, role: tuple[Role, Match], text: str) -> tuple[Role, Match]:
        entry, match = role
        if match.score == 100 and self._roles.has_filler(text):
            match = structs.replace(match, score=100 - _FILLER)
        return entry, match

    def _parse_head(self, title: str, parts: Sequence[TitlePart]) -> Title:
        """Parse a title with other words around the role name."""
        main = self._parts.main(parts)
        if main is None:
            raise self._roles.unknown(title)
        head, suffix, tail = self._parts.cut(main)
        others = [part for part in parts if part is not main]
        if tail:
            others.insert(0, tail)
        name = self._find_name(head, others, title)
        if not name:
            raise self._roles.unknown(title, " ".join(head))
        self._refuse_other_trade(parts, name, title)
        name = self._check_completion(name, head, title)
        levels = [*self._parts.without_level(head)[1], *suffix]
        unknown = 0
        for part in others:
            if part is name.completed_by:
                levels += self._find_levels([part])
            else:
                levels += self._check_other_part(part, name, title)
                unknown += self._count_unknown(self._plain(part.words))
        level = combine_levels(levels, title)
        find_steps = self._unknown_levels.find_steps  # which are refused as such
        unparsed = (part for part in others if not find_steps(" ".join(part.words)))
        dropped = [level.words for level in self._find_levels(unparsed)]
        if not level and dropped:
            raise self._levels.reject(
                f"{quote(title, dropped[0])!r} in the title may be a level or part of the subject. "
                "Remove it and use the `level` parameter."
            )
        if self._parts.has_typo(parts, title):
            name = structs.replace(name, doubt=name.doubt + _TYPO)
        return self._build_match(name, unknown, title), level

    def _check_completion(self, name: _Name, head: Sequence[str], title: str) -> _Name:
        """Refuse a name completed by a part of two roles: "Engineer, DevOps/Security"; but prefer
        the head's own name if that is one of them: "Software Engineer (AI & Data)"."""
        if not name.completed_by:
            return name
        *joined, last = name.completed_by.pieces
        named = self._find_joined(TitlePart((*joined, (*last, *head))))
        if len(named) < 2:
            return name
        own = self._find_at_end(self._plain(head))
        if own and tuple(own.meanings) in named:
            return structs.replace(own, doubt=_WIDENED)
        raise self._roles.ambiguous(title, {role.id for roles in named for role in roles})

    def _plain(self, words: Sequence[str]) -> Words:
        rest, _ = self._parts.without_level(words)
        return tuple(self._roles.plain(" ".join(rest)).split())

    def _count_unknown(self, words: Words) -> int:
        return sum(word not in self._roles.words for word in words)

    # The name.

    def _find_name(
        self, head: Sequence[str], others: Sequence[TitlePart], title: str
    ) -> _Name | None:
        """Return the longest name that the head ends with, completed from the other parts; None
        if there is none, or another job precedes it."""
        found = list(self._find_names(self._plain(head), others))
        length = max((len(name.words) for name in found), default=0)
        longest = [name for name in found if len(name.words) == length]
        meanings = [*dict.fromkeys(role.id for name in longest for role in name.meanings)]
        if not longest or self._has_job_before(longest[0], head):
            return None
        if len(meanings) > 1:
            raise self._roles.ambiguous(title, meanings)
        return longest[0]

    def _has_job_before(self, name: _Name, head: Sequence[str]) -> bool:
        """Return whether another job precedes the name; "engineering" is a field."""
        words, _ = self._parts.without_level(head)
        ends = (at for at in range(len(words)) if self._plain(words[at:]) == name.words)
        before = words[: next(ends, 0)] or name.before
        return any(self._roles.is_job(word) or self._roles.person(word) for word in before)

    def _find_names(self, head: Words, others: Iterable[TitlePart]) -> Iterator[_Name]:
        fields = [
            (part, self._plain(part.words))
            for part in others
            if not self._parts.ends_in_job(part.words)
        ]
        own = self._find_at_end(head)
        if own:
            yield own
            yield from self._widen(own, fields)
        for part, field in fields:
            # If the head has no name, every word of the other part must belong to the name.
            for start in range(len(field) if own else min(1, len(field))):
                words = (*field[start:], *head)
                meanings = self._roles.named(" ".join(words))
                if meanings and not any(map(self._roles.is_job, field[:start])):
                    yield _Name(words, tuple(meanings), field[:start], _INVERTED, part)
                    break

    def _find_at_end(self, head: Words) -> _Name | None:
        """Return the longest name at the end."""
        for start in range(len(head)):
            name = " ".join(head[start:])
            meanings = self._roles.named(name)
            if meanings and (start == 0 or not self._roles.is_whole(name)):
                return _Name(head[start:], tuple(meanings), head[:start])
        for start in range(len(head) - 2):
            words = (*head[start:-2], head[-1])
            if self._roles.may_stand_in(" ".join(words), head[-2]):
                meanings = self._roles.named(" ".join(words))
                return _Name(words, tuple(meanings), head[:start], _WIDENED, is_open=True)
        return None

    def _widen(self, own: _Name, fields: Iterable[tuple[TitlePart, Words]]) -> Iterator[_Name]:
        """Yield longer names of other roles with the same ending, if their first words are
        elsewhere in the title."""
        for part, field in [(None, own.before), *fields]:
            for more in self._longer.get(" ".join(own.words), ()):
                words = (*more.split(), *own.words)
                meanings = tuple(self._roles.named(" ".join(words)))
                if meanings != own.meanings and f" {more} " in f" {' '.join(field)} ":
                    yield _Name(words, meanings, own.before, _WIDENED, part)

    # The rest of the title.

    def _refuse_joined(self, parts: Iterable[TitlePart], title: str) -> None:
        """Refuse a part that names two roles: "Data/Cloud Engineer"."""
        for part in parts:
            named = self._find_joined(part)
            if len(named) > 1:
                raise self._roles.ambiguous(title, {role.id for roles in named for role in roles})

    def _find_joined(self, part: TitlePart) -> set[tuple[Role, ...]]:
        """Return what each of the pieces that "and" or a slash joins means."""
        *joined, last = part.pieces
        own = self._find_at_end(self._plain(last)) if joined else None
        named = {tuple(own.meanings)} if own else set()
        for piece in joined:
            if self._roles.is_tool(piece):
                continue
            ends = (self._plain((*piece, *last[start:])) for start in range(1, len(last)))
            names = map(self._roles.named, map(" ".join, ends))
            named |= {tuple(meanings) for meanings in islice(filter(None, names), 1)}
        return named

    def _refuse_other_trade(self, parts: Iterable[TitlePart], name: _Name, title: str) -> None:
        """Refuse a name that trades share beside another trade: "Engineering Manager - Civil"."""
        text = " ".join(name.words)
        kinds = (self._roles.kind(word) for part in parts for word in part.words)
        if self._roles.is_general(text) and "field" in kinds:
            raise self._roles.unknown(title, text)

    def _check_other_part(self, part: TitlePart, name: _Name, title: str) -> list[LevelMention]:
        """Return the levels that another part states. Refusal: it names another job."""
        rest, levels = self._parts.without_level(part.words)
        text = " ".join(name.words)
        is_shared = self._roles.is_general(text) and not self._roles.is_whole(text)
        if self._parts.is_grade(part) and not is_shared:
            return levels
        if self._parts.ends_in_job(part.words):
            second = self._find_name(part.words, (), title) or self._share_words(name, rest)
            if not second:
                raise self._roles.unknown(title, " ".join(name.words))
            if second.meanings != name.meanings:
                ids = {role.id for role in (*second.meanings, *name.meanings)}
                raise self._roles.ambiguous(title, ids)
        elif any(map(self._roles.person, part.words)):
            raise self._roles.unknown(title, " ".join(name.words))
        elif part.follows_directly:  # "Data Engineer Senior Backend": the engineer's level
            _, levels = self._levels.separate(part.words[: len(part.words) - len(rest)])
        elif self._roles.plain(" ".join(rest)):  # "Lead Generation" may be the subject
            levels = []
        return levels

    def _share_words(self, name: _Name, rest: Sequence[str]) -> _Name | None:
        """Complete a bare job with the first words of the name: "Data Engineer/Analyst"."""
        job = tuple(self._roles.plain(" ".join(rest)).split())
        for end in range(len(name.words) - 1, 0, -1) if len(job) == 1 else ():
            words = (*name.words[:end], *job)
            if meanings := self._roles.named(" ".join(words)):
                return _Name(words, tuple(meanings), ())
        return None

    def _build_match(self, name: _Name, unknown_after: int, title: str) -> tuple[Role, Match]:
        (role,) = name.meanings
        unknown = self._count_unknown(name.before)
        known = len(name.before) - unknown
        beside = unknown + unknown_after if self._roles.is_general(" ".join(name.words)) else 0
        doubt = (
            name.doubt
            + _FILLER
            + _KNOWN_WORD_BEFORE * known
            + _UNKNOWN_WORD_BEFORE * unknown
            + _UNKNOWN_WORD_AFTER * unknown_after
            + _UNKNOWN_BESIDE_GENERAL * beside
        )
        is_known = not unknown and not unknown_after and name.doubt < _TYPO
        return role, Match(
            dimension="role",
            query=title,
            id=role.id,
            method="alias" if is_known else "fuzzy",
            score=max(_MIN_SCORE, 100 - doubt),
            alternatives=self._roles.also(" ".join(name.words)),
        )
