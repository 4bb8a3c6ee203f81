"""List every text that a person may read: messages, descriptions, docstrings, pages, seeds.

Read the list after a change of wording: `python bench/strings.py | less`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from paycite.settings import ROOT

SERVICE = ROOT / "service" / "paycite"
_WORDS = re.compile(r"[a-z]{2,} [a-z]", re.IGNORECASE)  # two words: not a name, a path or a key


def list_strings(file: Path) -> Iterator[tuple[int, str]]:
    """The line and the text of each string of words; an f-string with its fields in braces."""
    parts: set[int] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.JoinedStr):
            parts.update(id(value) for value in node.values)
            text = "".join(
                str(value.value)
                if isinstance(value, ast.Constant)
                else "{" + ast.unparse(value) + "}"
                for value in node.values
                if isinstance(value, ast.Constant | ast.FormattedValue)
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) in parts:
                continue
            text = node.value
        else:
            continue
        if _WORDS.search(text):
            yield node.lineno, " ".join(text.split())


def list_page_texts(file: Path) -> Iterator[tuple[int, str]]:
    """The line and the text between the tags of a template or script, one line at a time."""
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        text = " ".join(re.sub(r"<[^>]*>|\{%.*?%\}", " ", line).split())
        if _WORDS.search(text):
            yield number, text


if __name__ == "__main__":
    for file in sorted(SERVICE.rglob("*.py")):
        for line, text in sorted(list_strings(file)):
            print(f"{file.relative_to(ROOT)}:{line}: {text}")
    for file in sorted([*SERVICE.rglob("*.html"), *SERVICE.rglob("*.js")]):
        for line, text in list_page_texts(file):
            print(f"{file.relative_to(ROOT)}:{line}: {text}")
    for file in sorted(SERVICE.rglob("*.sql")):
        for line, text in list_page_texts(file):
            if text.startswith(("comment on", "--")):
                print(f"{file.relative_to(ROOT)}:{line}: {text}")
