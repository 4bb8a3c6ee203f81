"""The names of one dimension (roles, levels or metros): exact lookup, then typo-tolerant."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA
from rapidfuzz.utils import default_process

from paycite.model.problem import PROBLEM_TYPES, Refusal
from paycite.model.vocabulary import Dimension, Level, Match, Method, Metro, Role, Word, normal

Entry = TypeVar("Entry", Role, Level, Metro)

SUGGESTIONS = 3
FILLER_LENGTHS = (3, 2, 1)  # words in a filler phrase, longest first
_MIN_SIMILARITY = 65  # of 100; weaker suggestions help nobody
_MIN_OF_SHORT = 75  # in texts under 5 letters: some name has three letters of any four

# Typos that are corrected: none in texts under 8 letters, one in up to 19, two in up to 29, and so
# on, but never two in one word. A typo in a word under 5 letters usually makes another word, so
# places correct none there ("Springfield, VA" is not in MA) and titles at most one, in words of 4
# letters ("ML" is not "LM"). In titles a wrong first letter also makes another word ("RevOps").
# A digit is never a typo.
MIN_LETTERS_FOR_TYPO = 8
LETTERS_PER_TYPO = 10
_SHORT_WORD = 5
_SHORTEST_WORD = 4
_NOT_COVERED = {
    "student": "Paycite does not cover interns and students.",
    "leader": "Paycite does not cover directors and above.",
    "supervisor": "Paycite covers supervisors as managers only.",
}
_JOBS = ("job", "grade", *_NOT_COVERED)  # kinds of words
_ANY_ORDER = 95  # the score of the words of a name in another order


def nearest(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names most similar to `text`, best first; none if none is similar enough."""
    return _find_similar(text, names, fuzz.WRatio, default_process)


def _find_similar(
    text: str,
    names: Iterable[str],
    scorer: Callable[..., float],
    processor: Callable[[str], str] | None = None,  # None if the names are already normalized
) -> tuple[str, ...]:
    found = process.extract(
        text,
        list(names),
        processor=processor,
        scorer=scorer,
        limit=SUGGESTIONS,
        score_cutoff=_MIN_SIMILARITY if len(text) >= _SHORT_WORD else _MIN_OF_SHORT,
    )
    return tuple(name for name, _, _ in found)


def unknown(
    kind: str, parameter: str, text: str, suggestions: Iterable[str], reason: str = ""
) -> Refusal:
    """Build the refusal of an unknown name, with suggestions."""
    ids = tuple(suggestions)
    type_ = f"unknown-{kind}"
    meant = f"Did you mean {join_or([repr(id_) for id_ in ids])}?" if ids else ""
    hints = (f"Unknown {kind} {text!r}.", reason, meant or PROBLEM_TYPES[type_].help)
    return Refusal.of(type_, " ".join(filter(None, hints)), parameter, ids)


class Names(Generic[Entry]):
    """Looks up names of one dimension: verbatim, by significant words, then allowing typos."""

    def __init__(
        self,
        dimension: Dimension,
        entries: Mapping[str, Entry],
        words: Sequence[Word],
        *,
        codes: Callable[[Entry], Iterable[str]] = lambda _: (),
        aliases: Callable[[Entry], Iterable[str]],
        derived: Callable[[Entry], Iterable[str]] = lambda _: (),  # yield to every other name
    ) -> None:
        self._dimension = dimension
        self._words = {word.word: word for word in words if word.dimension == dimension}
        noise = (word.word for word in self._words.values() if word.kind == "noise")
        self._begin_filler = {words.partition(" ")[0] for words in noise}
        self._exact: dict[str, tuple[Method, list[Entry]]] = {}
        self._shadowed: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries.values():
            self._add("id", [entry.id], entry)
            self._add("code", codes(entry), entry)
            self._add("alias", aliases(entry), entry)
        for word in self._words.values():
            if word.kind == "ambiguous":
                for id_ in word.means.split(";"):
                    self._add("alias", [word.word], entries[id_])
        self._ids = [name for name, (method, _) in self._exact.items() if method == "id"]
        self._also: defaultdict[str, list[str]] = defaultdict(list)
        for word in self._words.values():
            if word.kind == "also":
                self._also[self.plain(word.word)] += word.means.split(";")
        stated = set(self._exact)
        for entry in entries.values():
            names = set(map(normal, derived(entry)))
            self._add("alias", names - stated, entry)
            for name in names & stated:
                _gather(self._shadowed, name, [entry])
        self._wholes = {self.plain(w.word) for w in self._words.values() if w.kind == "whole"}
        self._opens = {self.plain(w.word) for w in self._words.values() if w.kind == "open"}
        self._generals = {self.plain(w.word) for w in self._words.values() if w.kind == "general"}
        self._jobs = {
            word.word
            for word in self._words.values()
            if {word.kind, self.kind(self.plain(word.word).rpartition(" ")[2])} & set(_JOBS)
            and not word.word.endswith("ing")
        }
        # A role without an occupation has no estimate.
        self._unpriced = {
            role.id for role in entries.values() if isinstance(role, Role) and not role.soc_codes
        }
        self._gather_forms()

    def _gather_forms(self) -> None:
        self._plain: defaultdict[str, list[Entry]] = defaultdict(list)
        self._forms: defaultdict[str, list[Entry]] = defaultdict(list)
        self._sorted: defaultdict[str, list[Entry]] = defaultdict(list)
        for name, (method, meanings) in self._exact.items():
            # A code with a typo is another code; a name made of filler only ("usa") must not
            # match other filler.
            words = self.significant_words(name)
            if method != "code" and (plain := self._expanded(words)):
                _gather(self._plain, plain, meanings)
                for form in {name, " ".join(words), plain}:
                    _gather(self._forms, form, meanings)
                    _gather(self._sorted, _sort_words(form), meanings)
        self._by_word: defaultdict[str, set[str]] = defaultdict(set)
        for name in self._plain:
            for word in name.split():
                self._by_word[word].add(name)
        self.words = frozenset(word for form in self._forms for word in form.split())
        self._of_length = _group_by_length(self._forms)
        self._sorted_of_length = _group_by_length(self._sorted)

    def _add(self, method: Method, names: Iterable[str], entry: Entry) -> None:
        for name in map(normal, names):
            _, meanings = self._exact.setdefault(name, (method, []))
            if entry not in meanings:
                meanings.append(entry)

    def is_filler(self, words: str) -> bool:
        return self.kind(words) == "noise"

    def kind(self, words: str) -> str | None:
        """Return the kind of a word or phrase in seeds/words.csv, if listed there."""
        known = self._words.get(words)
        return known.kind if known else None

    def significant_words(self, text: str) -> list[str]:
        """Return the words of a text without filler."""
        words, significant = normal(text).split(), []
        if self._begin_filler.isdisjoint(words):
            return words
        while words:
            length = next((n for n in FILLER_LENGTHS if self.is_filler(" ".join(words[:n]))), 0)
            if not length:
                significant.append(words[0])
            words = words[length or 1 :]
        return significant

    def plain(self, text: str) -> str:
        """Return the significant words, abbreviations expanded and a final state as its code."""
        return self._expanded(self.significant_words(text))

    def _expanded(self, significant: list[str]) -> str:
        words = significant.copy()
        for length in (2, 1):
            end = self._words.get(" ".join(words[-length:]))
            if len(words) > length and end and end.kind == "state":
                words[-length:] = [end.means]
                break
        return " ".join(
            self._words[word].means if self.kind(word) == "abbreviation" else word for word in words
        )

    def _forms_of(self, text: str) -> set[str]:
        """Return the text verbatim, without filler, and expanded."""
        words = self.significant_words(text)
        return {normal(text), " ".join(words), self._expanded(words)} - {""}

    def has_filler(self, text: str) -> bool:
        return len(self.significant_words(text)) < len(normal(text).split())

    def is_known(self, text: str) -> bool:
        """Return whether the text is a name, verbatim or by its significant words."""
        return normal(text) in self._exact or self.plain(text) in self._plain

    def parse(self, text: str) -> tuple[Entry, Match]:
        """Return the entry that `text` names. Refusal: no such name, or several meanings."""
        found = self.find(text, text)
        if not found:
            raise self.unknown(text)
        return found

    def find(self, text: str, query: str, *, in_order: bool = False) -> tuple[Entry, Match] | None:
        """Return the entry named by `text`, a part of `query`, or None; unless `in_order`, with
        its words in any order. Refusal: ambiguous."""
        method, score, meanings = self._find_meanings(text, in_order)
        if not meanings:
            return None
        if len(meanings) > 1:
            raise self.ambiguous(query, (entry.id for entry in meanings))
        (entry,) = meanings
        others = [other.id for other in self._shadowed.get(normal(text), ())]
        others += self.also(self.plain(text)) if self._also else ()
        if method == "fuzzy":
            others += self._nearest_ids(text)
        return entry, Match(
            dimension=self._dimension,
            query=query,
            id=entry.id,
            method=method,
            score=score,
            alternatives=tuple(id_ for id_ in dict.fromkeys(others) if id_ != entry.id),
        )

    def _find_meanings(self, text: str, in_order: bool) -> tuple[Method, float, Sequence[Entry]]:
        """Return the match method, its score (of 100), and every entry the text may mean."""
        if known := self._exact.get(normal(text)):
            method, meanings = known
            return method, 100, meanings
        plain = self.plain(text)
        if by_words := self._plain.get(plain):
            return "alias", 100, by_words
        if not in_order and (by_words := self._sorted.get(_sort_words(plain))):
            return "alias", _ANY_ORDER, by_words
        if any(self._is_foreign(word) for word in normal(text).split()):
            return "fuzzy", 0, ()
        if not (allowed := count_allowed_typos(normal(text))):
            return "fuzzy", 0, ()
        forms = self._forms_of(text)
        found = self._find_despite_typos(forms, allowed, self._forms, self._of_length)
        if in_order or found[2]:
            return found
        forms = set(map(_sort_words, forms))
        return self._find_despite_typos(forms, allowed, self._sorted, self._sorted_of_length)

    def _is_foreign(self, word: str) -> bool:
        """Return whether the word is a known one of no name, so not a typo of a name's word."""
        return self.kind(word) in ("other", "field", *_JOBS) and word not in self.words

    def named(self, plain: str) -> Sequence[Entry]:
        """Return the entries with exactly this name, in plain words in order."""
        return self._plain.get(plain, ())

    def is_job(self, word: str) -> bool:
        """Return whether the word is a job noun ("engineer"); "engineering" is a field."""
        return word in self._jobs

    def is_grade(self, word: str) -> bool:
        """Return whether the word after the name of a role is a grade: "Consultant"."""
        return self.kind(word) == "grade"

    def person(self, word: str) -> str | None:
        """Return the kind of person of a title that no role covers: leader, supervisor, student."""
        kind = self.kind(self.plain(word))
        return kind if kind in _NOT_COVERED else None

    def is_whole(self, plain: str) -> bool:
        """Return whether an unknown word before the name makes it another job ("UI engineer")."""
        return plain in self._wholes or self.kind(plain) in _JOBS

    def may_stand_in(self, plain: str, word: str) -> bool:
        """Return whether the name may have this unknown word before its job: "AI Tools Engineer",
        but not "AI Sales Engineer" or "AI Network Engineer"."""
        kind = self.kind(word)
        if plain not in self._opens or kind not in (None, "subject") or self.is_job(word):
            return False
        own = self._plain[plain]
        return kind == "subject" or all(
            self._plain[name] == own for name in self._by_word.get(word, ())
        )

    def is_tool(self, words: Iterable[str]) -> bool:
        """Return whether the words are tools, which name no role of their own."""
        return all(self.kind(word) == "tool" for word in words)

    def is_general(self, plain: str) -> bool:
        """Return whether other trades use this name too."""
        return plain in self._wholes or plain in self._generals

    def also(self, plain: str) -> tuple[str, ...]:
        """Return the ids of other entries that this name sometimes means."""
        return tuple(self._also.get(plain, ()))

    def names(self) -> Iterable[str]:
        """Iterate over all names, normalized."""
        return self._exact

    def plain_names(self) -> Iterable[str]:
        return self._plain

    def _find_despite_typos(
        self,
        forms: Iterable[str],
        allowed: int,
        names: Mapping[str, list[Entry]],
        of_length: Mapping[int, list[str]],
    ) -> tuple[Method, float, Sequence[Entry]]:
        """Find the names with the fewest typos."""
        found: defaultdict[float, list[Entry]] = defaultdict(list)
        for form in forms:
            near = process.extract(
                form,
                [
                    name
                    for length in range(len(form) - allowed, len(form) + allowed + 1)
                    for name in of_length.get(length, ())
                ],
                scorer=OSA.distance,
                score_cutoff=allowed,
                limit=None,
            )
            for name, typos, _ in near:
                if self.differs_by_typos(form, name):
                    _gather(found, round(100 * (1 - typos / len(form)), 1), names[name])
        score = max(found, default=0)
        return "fuzzy", score, found[score]

    def differs_by_typos(self, text: str, name: str) -> bool:
        """Return whether each difference between the two is plausible as a typo."""
        words, meant = text.split(), name.split()
        if "".join(words) == "".join(meant):  # only spaces differ
            return True
        if len(words) != len(meant):  # a space typed as a letter, or the reverse
            return OSA.distance(text, name) == 1
        wrong = [(word, right) for word, right in zip(words, meant, strict=True) if word != right]
        if any(OSA.distance(*pair) > 1 or _has_digit(pair[0]) for pair in wrong):
            return False
        if self._dimension == "metro" and any(_is_plural(*pair) for pair in wrong):
            return False
        is_title = self._dimension == "role"
        if is_title and any(word[1:] == right[1:] for word, right in wrong):
            return False
        short = [pair for pair in wrong if min(map(len, pair)) < _SHORT_WORD]
        if not short:
            return True
        word, right = short[0]
        is_only = is_title and len(wrong) == 1 and min(len(word), len(right)) >= _SHORTEST_WORD
        return is_only and word not in self.words

    def _nearest_ids(self, text: str) -> tuple[str, ...]:
        names = _find_similar(normal(text), self._exact, fuzz.ratio) or nearest(text, self._ids)
        return tuple(dict.fromkeys(e.id for name in names for e in self._exact[name][1]))

    def unknown(self, query: str, head: str | None = None) -> Refusal:
        """Build the refusal of a query.

        Suggest entries whose names share words with it, else those with names similar to its
        `head`, else to all of it.
        """
        by_words: tuple[str, ...] = self._find_by_words(query) if self._dimension == "role" else ()
        found = (by_words, *map(self._nearest_ids, dict.fromkeys((head or query, query))))
        priced = ([id_ for id_ in ids if id_ not in self._unpriced] for ids in found)
        ids = next(filter(None, priced), [])
        return unknown(self._dimension, self._dimension, query, ids[:SUGGESTIONS])

    def not_covered(
        self, query: str, persons: Collection[str], suggestions: Iterable[str]
    ) -> Refusal:
        """Build the refusal of a title of a leader, supervisor or student."""
        reason = next(reason for person, reason in _NOT_COVERED.items() if person in persons)
        return unknown(self._dimension, self._dimension, query, suggestions, reason)

    def _find_by_words(self, query: str) -> tuple[str, ...]:
        """Return the ids whose names share the most words with a query, besides the job noun; of
        equals those with more such names."""
        words = set(self.plain(query).split())
        jobs = set(filter(self.is_job, words))
        is_ours = not jobs.isdisjoint(self.words)
        scores: defaultdict[str, list[float]] = defaultdict(list)
        for name in set().union(*(self._by_word.get(word, ()) for word in words - jobs)):
            of_name = set(name.split())
            if is_ours and any(self.is_job(word) for word in of_name - jobs):
                continue  # "research engineering manager" for "research engineer"
            shared = of_name & words
            missing = sum(0.1 if self.is_job(word) else 0.25 for word in of_name - words)
            score = len(shared - jobs) + len(shared & jobs) / 2 - missing
            for entry in self._plain[name]:
                scores[entry.id].append(score)
        best = max(map(max, scores.values()), default=0)
        ranked = sorted((-max(found), -len(found), id_) for id_, found in scores.items())
        return tuple(id_ for score, _, id_ in ranked if best + score <= 0.5)[:SUGGESTIONS]

    def ambiguous(self, query: str, meanings: Iterable[str]) -> Refusal:
        """Build the refusal of a query that may mean any of these ids."""
        ids = tuple(sorted(meanings))
        kind = "ambiguous-metro" if self._dimension == "metro" else "ambiguous-title"
        detail = f"{query!r} may mean {join_or(ids)}. Use one of these ids."
        return Refusal.of(kind, detail, self._dimension, ids)


Key = TypeVar("Key", str, float)


def _gather(meanings: defaultdict[Key, list[Entry]], key: Key, entries: Iterable[Entry]) -> None:
    meanings[key] += [entry for entry in entries if entry not in meanings[key]]


def _group_by_length(names: Iterable[str]) -> Mapping[int, list[str]]:
    groups: defaultdict[int, list[str]] = defaultdict(list)
    for name in names:
        groups[len(name)].append(name)
    return groups


def _sort_words(form: str) -> str:
    """Sort the words, to compare texts that differ in word order only."""
    return " ".join(sorted(form.split()))


def _is_plural(word: str, name: str) -> bool:
    """Return whether the word is a plural of the name, which no place is ("the Americas")."""
    return word == f"{name}s" and not name.endswith("s")


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def count_allowed_typos(text: str) -> int:
    return max(1, len(text) // LETTERS_PER_TYPO) if len(text) >= MIN_LETTERS_FOR_TYPO else 0


def join_or(words: Sequence[str]) -> str:
    """Join words as in a sentence: "a, b or c"."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
