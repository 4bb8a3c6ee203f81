"""The SQL of the package: one query per file."""

from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> str:
    """The text of `service/paycite/sql/<name>.sql`."""
    return files("paycite").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def names(folder: str) -> list[str]:
    """The names of all statements in a folder of `service/paycite/sql/`, in order."""
    found = files("paycite").joinpath("sql", folder).iterdir()
    return sorted(f"{folder}/{file.name.removesuffix('.sql')}" for file in found)


def quote(text: object) -> str:
    """A text as SQL has it, for statements that take no parameters."""
    return "'" + str(text).replace("'", "''") + "'"
