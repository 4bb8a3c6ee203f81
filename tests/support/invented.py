"""Sources and figures that the seeds do not have: observed pay, other pay elements, equal pay."""

import dataclasses
import datetime

import msgspec

from paycite.model.figure import Figure, Published, Source
from paycite.model.snapshot import Snapshot


def source(id_: str, *originators: str) -> Source:
    return Source(
        id=id_,
        publisher=id_,
        originators=originators or (id_,),
        title=id_,
        published=Published(precision="none"),
        citation=id_,
        license="test",
        sha256="0" * 64,
    )


def band(source_id: str, low: int, high: int | None, **changes: object) -> Figure:
    fields = {
        "id": f"{source_id}:{low}-{high}-{len(changes)}{changes.get('level', 'mid')}",
        "source_id": source_id,
        "topic": "band" if high else "open-band",
        "kind": "published",
        "subject": "a band",
        "role": "mlops",
        "level": "mid",
        "geography": "us",
        "low": low,
        "high": high,
        "bound": "exact" if high else "over",
        "unit": "usd",
        "currency": "USD",
        "period": "year",
        "component": "base",
        "as_of": "2026",
        "baseline": None,
        "n": None,
        "as_published": f"{low}-{high}",
        "locator": "test",
        "note": None,
    }
    return msgspec.convert(fields | changes, Figure)


def with_figures(snapshot: Snapshot, sources: list[Source], figures: list[Figure]) -> Snapshot:
    return dataclasses.replace(
        snapshot,
        as_of=datetime.date(2026, 6, 1),
        sources={source.id: source for source in sources},
        figures={figure.id: figure for figure in figures},
        distributions=lambda _: (),
        rules=(),
    )
