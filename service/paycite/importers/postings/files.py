"""Find the postings in HTML pages, JSON and JSON Lines with schema.org JSON-LD."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from paycite.importers import ImportRefused
from paycite.importers.common import limits
from paycite.importers.common.progress import Progress
from paycite.importers.common.records import read_json_lines, read_lines, refuse_row
from paycite.model.observation import RefusedRow

Properties: TypeAlias = Mapping[str, Any]

_POSTING = re.compile(r"(.*[/#:])?JobPosting")
# What content management systems wrap around JSON for old browsers and XML.
_OPENING = re.compile(r"\s*(?://|/\*)?\s*(?:<!\[CDATA\[|<!--)\s*(?:\*/)?")
_CLOSING = re.compile(r"(?://|/\*)?\s*(?:\]\]>|-->)\s*(?:\*/)?\s*\Z")
_CONTROL = re.compile(r"[\x00-\x1f]")


def postings(file: Path, progress: Progress) -> Iterator[tuple[str, Properties | RefusedRow]]:
    """Yield every posting with its place, and what should have been one. ImportRefused for a file
    of another format."""
    match Path(file.name.lower().removesuffix(".gz")).suffix:
        case ".jsonl" | ".ndjson":
            for place, found in read_json_lines(file, progress):
                yield from _within(place, found)
        case ".json":
            for place, found in _array(file):
                yield from _within(place, found)
            progress(file.stat().st_size)
        case ".html" | ".htm":
            yield from _page(file)
            progress(file.stat().st_size)
        case _:
            raise ImportRefused(
                file, "the file name must end with one of .json, .jsonl, .ndjson, .html"
            )


def _within(place: str, document: object) -> Iterator[tuple[str, Properties | RefusedRow]]:
    found = list(_found(document))
    for count, posting in enumerate(found, start=1):
        yield f"{place}, posting {count}" if len(found) > 1 else place, posting
    if not found:
        yield place, refuse_row(place, "no JobPosting found", document)


def _found(document: object) -> Iterator[Properties]:
    """Find the postings anywhere in a document (`@graph`, `mainEntity`, ItemList)."""
    left = [document]
    while left:
        match left.pop():
            case dict(found):
                if _is_posting(found.get("@type")):
                    yield found
                else:
                    left += reversed(found.values())
            case list(found):
                left += reversed(found)


def _is_posting(types: object) -> bool:
    stated = types if isinstance(types, list) else [types]
    return any(isinstance(type_, str) and _POSTING.fullmatch(type_) for type_ in stated)


def _array(file: Path) -> Iterator[tuple[str, object]]:
    try:
        document = limits.decode_json(_whole(file))
    except msgspec.DecodeError as error:
        raise ImportRefused(file, f"not JSON: {error}") from None
    if not isinstance(document, list):
        yield str(file), document
        return
    for count, found in enumerate(document, start=1):
        yield f"{file}, object {count}", found


def _page(file: Path) -> Iterator[tuple[str, Properties | RefusedRow]]:
    """Find the postings in the scripts of a page, which has other scripts too."""
    scripts = _Scripts()
    scripts.feed(_whole(file))
    scripts.close()
    is_bare = True
    for line, script in scripts.found:
        place = f"{file}, line {line}"
        try:
            document = _decoded(script)
        except msgspec.DecodeError:
            is_bare = False
            yield place, refuse_row(place, "the script is not JSON", script.strip())
            continue
        if any(_found(document)):
            is_bare = False
            yield from _within(place, document)
    if is_bare:
        yield str(file), refuse_row(str(file), "no JobPosting found", "")


def _whole(file: Path) -> str:
    _refuse_large(file, file.stat().st_size)
    found: list[str] = []
    size = 0
    with file.open("rb") as packed:
        for line in read_lines(file, packed, longest=limits.WHOLE):
            size += len(line)
            _refuse_large(file, size)
            found.append(line)
    return "".join(found)


def _refuse_large(file: Path, size: int) -> None:
    if size > limits.WHOLE:
        raise ImportRefused(
            file, f"more than {limits.WHOLE:,} bytes: make it .jsonl, with a posting on each line"
        )


class _Scripts(HTMLParser):
    """Collects the JSON-LD scripts of a page, each with its line."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._is_in_one = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        type_ = dict(attrs).get("type") or ""
        if tag == "script" and type_.partition(";")[0].strip().lower() == "application/ld+json":
            self._is_in_one = True
            self.found.append((self.getpos()[0], ""))

    def handle_data(self, data: str) -> None:
        if self._is_in_one:
            line, before = self.found[-1]
            self.found[-1] = (line, before + data)

    def handle_endtag(self, tag: str) -> None:
        self._is_in_one = False

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Treat sections such as `<![if IE]>` as comments, as HTML does."""
        return self.parse_bogus_comment(i, report)


def _decoded(script: str) -> object:
    """Decode JSON, also if the page has line breaks in its strings, HTML escapes in the JSON, or
    wraps it in CDATA or in a comment."""
    if opening := _OPENING.match(script):
        script = _CLOSING.sub("", script[opening.end() :])
    script = _CONTROL.sub(" ", script)
    try:
        return limits.decode_json(script)
    except msgspec.DecodeError:
        return limits.decode_json(unescape(script))
