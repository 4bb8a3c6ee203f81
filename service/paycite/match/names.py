"""The names of one dimension, and what a text that is like one of them means."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA
from rapidfuzz.utils import default_process

from paycite.model.problem import Fault, Refusal
from paycite.model.vocabulary import Dimension, Level, Match, Method, Metro, Role, Word, normal

Entry = TypeVar("Entry", Role, Level, Metro)

SUGGESTIONS = 3
NOISE_LENGTHS = (3, 2, 1)  # words that say nothing together, the most first
_NEAR = 65  # of 100: what is further off helps nobody

# Typing errors that are read: none in a text of fewer than 8 letters; one up to 19, two up to 29,
# and so on, and never two in one word. In a word of fewer than 5 letters an error mostly makes
# another word: none is read in a place ("Springfield, VA" is not in MA), and in a title only where
# it is the only one, in words of 4 letters ("ML" is not "LM"). A mistaken first letter makes
# another word in titles too ("RevOps"). A digit is never an error.
LETTERS_TO_ERR_IN = 8
LETTERS_AN_ERROR = 10
_SHORT = 5
_SHORTEST = 4


def nearest(
    text: str, names: Iterable[str], scorer: Callable[..., float] = fuzz.WRatio
) -> tuple[str, ...]:
    """The names most like `text`, the likest first; none where none is like it."""
    return _likest(text, names, scorer, default_process)


def _likest(
    text: str,
    names: Iterable[str],
    scorer: Callable[..., float],
    processor: Callable[[str], str] | None = None,  # none for names that are normal
) -> tuple[str, ...]:
    found = process.extract(
        text,
        list(names),
        processor=processor,
        scorer=scorer,
        limit=SUGGESTIONS,
        score_cutoff=_NEAR,
    )
    return tuple(name for name, _, _ in found)


def unknown(kind: str, parameter: str, text: str, suggestions: Iterable[str]) -> Refusal:
    """The refusal of a name that nothing has."""
    detail = f"No {kind} is called {text!r}."
    fault = Fault(
        type=f"unknown-{kind}", parameter=parameter, detail=detail, suggestions=tuple(suggestions)
    )
    return Refusal([fault])


class Names(Generic[Entry]):
    """What each name of a dimension means: as it stands, by its words, but for typing errors."""

    def __init__(
        self,
        dimension: Dimension,
        entries: Mapping[str, Entry],
        words: Sequence[Word],
        *,
        codes: Callable[[Entry], Iterable[str]] = lambda _: (),
        aliases: Callable[[Entry], Iterable[str]],
        derived: Callable[[Entry], Iterable[str]] = lambda _: (),
    ) -> None:
        self._dimension = dimension
        self._words = {word.word: word for word in words if word.dimension == dimension}
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
        self._generals = {self.plain(w.word) for w in self._words.values() if w.kind == "general"}
        self._jobs = {
            word.word
            for word in self._words.values()
            if self.kind(self.plain(word.word).rpartition(" ")[2]) == "job"
            and not word.word.endswith("ing")
        }
        self._gather_forms()

    def _gather_forms(self) -> None:
        self._plain: defaultdict[str, list[Entry]] = defaultdict(list)
        self._forms: defaultdict[str, list[Entry]] = defaultdict(list)
        for name, (method, meanings) in self._exact.items():
            # A code with an error in it is another code; a name of noise alone ("usa") is not what
            # any other noise means.
            if method != "code" and self.plain(name):
                _gather(self._plain, self.plain(name), meanings)
                for form in self._forms_of(name):
                    _gather(self._forms, form, meanings)
        self.words = frozenset(word for form in self._forms for word in form.split())
        self._of_length: defaultdict[int, list[str]] = defaultdict(list)
        for form in self._forms:
            self._of_length[len(form)].append(form)

    def _add(self, method: Method, names: Iterable[str], entry: Entry) -> None:
        for name in map(normal, names):
            _, meanings = self._exact.setdefault(name, (method, []))
            if entry not in meanings:
                meanings.append(entry)

    def is_noise(self, words: str) -> bool:
        return self.kind(words) == "noise"

    def kind(self, words: str) -> str | None:
        """What the seeds say of a word, or of words that stand together."""
        known = self._words.get(words)
        return known.kind if known else None

    def telling(self, text: str) -> list[str]:
        """The words of a text that are no noise."""
        words, telling = normal(text).split(), []
        while words:
            length = next((n for n in NOISE_LENGTHS if self.is_noise(" ".join(words[:n]))), 0)
            if not length:
                telling.append(words[0])
            words = words[length or 1 :]
        return telling

    def plain(self, text: str) -> str:
        """The words that tell, abbreviations spelt out, and a state at the end by its code."""
        words = self.telling(text)
        for length in (2, 1):
            end = " ".join(words[-length:])
            if len(words) > length and self.kind(end) == "state":
                words[-length:] = [self._words[end].means]
                break
        return " ".join(
            self._words[word].means if self.kind(word) == "abbreviation" else word for word in words
        )

    def _forms_of(self, text: str) -> set[str]:
        """The text as written, without noise, and spelt out; each in its own order and in that of
        the alphabet."""
        forms = {normal(text), " ".join(self.telling(text)), self.plain(text)} - {""}
        return forms | set(map(_in_order, forms))

    def has_noise(self, text: str) -> bool:
        return len(self.telling(text)) < len(normal(text).split())

    def knows(self, text: str) -> bool:
        """Whether the text is a name, as it stands or by its words."""
        return normal(text) in self._exact or self.plain(text) in self._plain

    def read(self, text: str, asked: str | None = None) -> tuple[Entry, Match]:
        """What `text` means, or Refusal: no such name, or more than one meaning.

        `asked` is what is told to have been asked, where `text` is a part of it.
        """
        query = asked or text
        found = self.seek(text, query)
        if not found:
            raise self.unknown(query)
        return found

    def seek(self, text: str, query: str) -> tuple[Entry, Match] | None:
        """What `text`, a part of `query`, means; None: nothing; Refusal: more than one meaning."""
        method, score, meanings = self._meanings(text)
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

    def _meanings(self, text: str) -> tuple[Method, float, Sequence[Entry]]:
        """How the text was read, how sure that is (of 100), and all that it may mean."""
        if known := self._exact.get(normal(text)):
            method, meanings = known
            return method, 100, meanings
        plain = self.plain(text)
        if in_its_words := self._plain.get(plain) or self._forms.get(_in_order(plain)):
            return "alias", 100, in_its_words
        if any(self._is_no_error(word) for word in normal(text).split()):
            return "fuzzy", 0, ()
        return self._but_for_errors(text)

    def _is_no_error(self, word: str) -> bool:
        """Whether the word is one that the names do not have, and no error in one that they do."""
        return self.kind(word) in ("other", "job", "field") and word not in self.words

    def named(self, plain: str) -> Sequence[Entry]:
        """What has exactly this name, of plain words in their order."""
        return self._plain.get(plain, ())

    def is_job(self, word: str) -> bool:
        """Whether the word is one for who does a job; "engineering" is a field of work."""
        return word in self._jobs

    def is_whole(self, plain: str) -> bool:
        """Whether an unknown word before the name makes it another, as it does of a mere job."""
        return plain in self._wholes or self.kind(plain) == "job"

    def is_general(self, plain: str) -> bool:
        """Whether other trades have jobs of this name too."""
        return plain in self._wholes or plain in self._generals

    def also(self, plain: str) -> tuple[str, ...]:
        """The ids of what else goes by this name of one."""
        return tuple(self._also.get(plain, ()))

    def plain_names(self) -> Iterable[str]:
        return self._plain

    def _but_for_errors(self, text: str) -> tuple[Method, float, Sequence[Entry]]:
        """What the names mean that are the fewest typing errors away, in any order of words."""
        found: defaultdict[float, list[Entry]] = defaultdict(list)
        allowed = errors_read(normal(text))
        for form in self._forms_of(text) if allowed else ():
            near = process.extract(
                form,
                [
                    name
                    for length in range(len(form) - allowed, len(form) + allowed + 1)
                    for name in self._of_length.get(length, ())
                ],
                scorer=OSA.distance,
                score_cutoff=allowed,
                limit=None,
            )
            for name, errors, _ in near:
                if self.are_typing_errors(form, name):
                    _gather(found, round(100 * (1 - errors / len(form)), 1), self._forms[name])
        score = max(found, default=0)
        return "fuzzy", score, found[score]

    def are_typing_errors(self, text: str, name: str) -> bool:
        words, meant = text.split(), name.split()
        if "".join(words) == "".join(meant):  # only spaces are wrong
            return True
        if len(words) != len(meant):  # a space mistaken for a letter, or the reverse
            return OSA.distance(text, name) == 1
        wrong = [(word, right) for word, right in zip(words, meant, strict=True) if word != right]
        if any(OSA.distance(*pair) > 1 or _has_digit(pair[0]) for pair in wrong):
            return False
        if self._dimension == "metro" and any(_is_plural(*pair) for pair in wrong):
            return False
        is_title = self._dimension == "role"
        if is_title and any(word[1:] == right[1:] for word, right in wrong):
            return False
        short = [pair for pair in wrong if min(map(len, pair)) < _SHORT]
        if not short:
            return True
        word, right = short[0]
        is_alone = is_title and len(wrong) == 1 and min(len(word), len(right)) >= _SHORTEST
        return is_alone and word not in self.words

    def _nearest_ids(self, text: str) -> tuple[str, ...]:
        names = _likest(normal(text), self._exact, fuzz.ratio) or nearest(text, self._ids)
        return tuple(dict.fromkeys(e.id for name in names for e in self._exact[name][1]))

    def unknown(self, query: str, told: str | None = None) -> Refusal:
        """The refusal of a query, with what is nearest to it, or to what in it was `told`."""
        texts = dict.fromkeys((told or query, query))
        ids = next(filter(None, map(self._nearest_ids, texts)), ())
        return unknown(self._dimension, self._dimension, query, ids)

    def ambiguous(self, query: str, meanings: Iterable[str]) -> Refusal:
        """The refusal of a query that means each of these ids."""
        ids = tuple(sorted(meanings))
        fault = Fault(
            type="ambiguous-metro" if self._dimension == "metro" else "ambiguous-title",
            parameter=self._dimension,
            detail=f"{query!r} means each of {', '.join(ids)}: ask with one of them.",
            suggestions=ids,
        )
        return Refusal([fault])


Key = TypeVar("Key", str, float)


def _gather(meanings: defaultdict[Key, list[Entry]], key: Key, entries: Iterable[Entry]) -> None:
    meanings[key] += [entry for entry in entries if entry not in meanings[key]]


def _in_order(form: str) -> str:
    """The words in the order of the alphabet, for texts that differ in the order of words."""
    return " ".join(sorted(form.split()))


def _is_plural(word: str, name: str) -> bool:
    """Whether the word is a plural, which no name of a place is ("the Americas")."""
    return word == f"{name}s" and not name.endswith("s")


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def errors_read(text: str) -> int:
    return max(1, len(text) // LETTERS_AN_ERROR) if len(text) >= LETTERS_TO_ERR_IN else 0
