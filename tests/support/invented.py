"""Figures that the seeds do not have: other pay elements, equal pay."""

import msgspec

from paycite.model.figure import Figure


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
