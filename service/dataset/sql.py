"""The SQL of the package: one question a file."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> str:
    """The text of `service/sql/<name>.sql`."""
    return files("service").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def audits() -> Iterator[str]:
    """The names of the audits, each a query that must return no rows."""
    folder = files("service").joinpath("sql", "audits")
    yield from sorted(f"audits/{file.name.removesuffix('.sql')}" for file in folder.iterdir())
