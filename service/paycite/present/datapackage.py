"""A dataset as a Data Package (datapackage.org): its files, what each column means, its sources.

The descriptor is served beside the files, and its paths are relative, so that it also describes
copies of them in one folder.
"""

from collections.abc import Sequence
from typing import Any

from paycite.dataset.export import MEDIA_TYPES, Table
from paycite.model.snapshot import Snapshot

_TYPES = {
    "VARCHAR": "string",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
}
_NAME = "paycite"


def build_descriptor(snapshot: Snapshot, tables: Sequence[Table]) -> dict[str, Any]:
    """Describe the files of a dataset; `tables` has the flat table first."""
    pay, *others = tables
    version = snapshot.version
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"{_NAME}-{version}",
        "id": version,
        "title": f"Paycite, dataset {version}",
        "description": "Salary benchmarks for AI and technology roles in the United States, in "
        "which every figure carries its source. Estimates are base pay in U.S. dollars a year.",
        "version": version,
        "created": f"{snapshot.as_of}T00:00:00Z",
        "sources": [
            {"title": one.citation, "license": one.license, "id": one.id}
            | ({"path": one.url} if one.url else {})
            for one in snapshot.sources.values()
        ],
        "resources": [
            {
                "name": pay.name,
                "title": pay.description,
                "path": f"{version}.parquet",
                "format": "parquet",
                "mediatype": MEDIA_TYPES["parquet"],
                "schema": _schema(pay),
            },
            {
                "name": "database",
                "title": f"The same table, with {', '.join(one.name for one in others)}",
                "path": f"{version}.duckdb",
                "format": "duckdb",
                "mediatype": MEDIA_TYPES["duckdb"],
                "tables": [
                    {"name": one.name, "title": one.description, "schema": _schema(one)}
                    for one in tables
                ],
            },
        ],
    }


def _schema(table: Table) -> dict[str, Any]:
    return {
        "fields": [
            {
                "name": one.name,
                "type": "array" if one.type.endswith("[]") else _TYPES[one.type],
                "description": one.description,
            }
            for one in table.columns
        ]
    }
