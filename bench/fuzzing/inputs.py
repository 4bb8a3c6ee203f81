"""Inputs: real-looking ones, changed a little and changed again; and failing ones made small."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial, reduce
from struct import Struct
from typing import Any, NamedTuple

from hypothesis import strategies as st

# What parsers stumble over: odd numbers, digits and letters of other scripts, letters that change
# their length with their case, quotes, byte order marks, and what ends a line or a text.
FRAGMENTS = (
    *("", " ", "0", "-1", "1e400", "NaN", "Infinity", "9" * 25, "0x1F", "1_000", "1,2,3", ".", "-"),
    *("\u00b2", "\u0663", "\u2460", "\u00bd", "\u2212", "\uff11", "\u0130", "\u00df", "\ufb01"),
    *("\x00", "\r", "\n", "\r\n", "\t", "\x0b", "\x1f", "\x85", "\u2028", "\ufeff", "\u200b"),
    *("\u202e", "e\u0301", "\u0410", "\U0001f986", "\ud800", '"', "'", '""', "\\", "\\u0000", "%"),
    *("null", "true", "[]", "{}", "[[[[", "{", "}", "]", ",", ";", ":", "=", "|", "/", "(", ")"),
    *("$", "\u20ac", "k", "USD", "per hour", "/yr", "-", "\u2013", "+", "to", "&", "?", "#"),
    *("<!--", "a" * 300, "1 " * 100, "(" * 200, "2026-02-30", "0000-00-00", "12/31/9999", "46000"),
)  # fmt: skip
_EDITS = ("insert", "overwrite", "delete", "repeat", "word", "word", "splice", "flip")
_WORD = r"\"[^\"\n]{0,80}\"|[\w.$-]+"
_MOST = 100_000  # characters or bytes of an input
_EDIT = Struct("<BHBH")


class Input(NamedTuple):
    """`name` says what the content is: a file, or the method and address of a request."""

    name: str
    content: Any  # str or bytes


class _Edit(NamedTuple):
    kind: str
    at: int
    size: int
    fragment: str


def changed(examples: Sequence[Input], words: Sequence[str]) -> st.SearchStrategy[Input]:
    """The examples with some edits each, for which fragments and `words` are used. The edits are
    drawn as bytes, because Hypothesis takes ten times as long to draw them number by number."""
    fragments = (*FRAGMENTS, *words)

    def change(at: int, drawn: bytes) -> Input:
        edits = map(
            partial(_parse_edit, fragments),
            _EDIT.iter_unpack(drawn[: len(drawn) // _EDIT.size * _EDIT.size]),
        )
        start, other = examples[at], examples[(at + sum(drawn)) % len(examples)]
        content = reduce(lambda text, edit: _edit(text, edit, other.content), edits, start.content)
        return start._replace(content=content[:_MOST])

    size = _EDIT.size
    return st.builds(
        change, st.integers(0, len(examples) - 1), st.binary(min_size=size, max_size=6 * size)
    )


def _parse_edit(fragments: Sequence[str], numbers: tuple[int, ...]) -> _Edit:
    kind, at, size, fragment = numbers
    return _Edit(_EDITS[kind % len(_EDITS)], at, size % 64, fragments[fragment % len(fragments)])


def _edit(content: Any, edit: _Edit, other: Any) -> Any:
    is_text = isinstance(content, str)
    if type(other) is not type(content):
        other = content
    fragment: Any = edit.fragment if is_text else edit.fragment.encode(errors="surrogatepass")
    at = edit.at % (len(content) + 1)
    before, after = content[:at], content[at:]
    match edit.kind:
        case "insert":
            return before + fragment + after
        case "overwrite":
            return before + fragment + after[edit.size :]
        case "delete":
            return before + after[edit.size :]
        case "repeat":
            return before + after[:20] * edit.size + after
        case "splice":
            return before + other[at % (len(other) + 1) :]
        case "flip" if after:
            code = edit.size * 7 % 256
            return before + (chr(code) if is_text else bytes([code])) + after[1:]
        case "word":
            pattern: Any = _WORD if is_text else _WORD.encode()
            if spans := [found.span() for found in re.finditer(pattern, content)]:
                start, end = spans[edit.at % len(spans)]
                return content[:start] + fragment + content[end:]
    return content


def shrink(found: Input, fails: Callable[[Input], bool], seconds: float) -> Input:
    """The smallest that still fails: parts are taken away, of half the length down to one."""
    patience = time.monotonic() + seconds
    size = len(found.content)
    while size:
        for smaller in _without(found, size):
            if time.monotonic() > patience:
                return found
            if fails(smaller):
                found = smaller
                break
        else:
            size //= 2
    return found


def _without(found: Input, size: int) -> Iterator[Input]:
    content = found.content
    for at in range(0, len(content), size):
        yield found._replace(content=content[:at] + content[at + size :])
