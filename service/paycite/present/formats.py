"""The formats of answers besides JSON and pages: their addresses and the links to them."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from paycite.model.comparison import Outcome
from paycite.present.chart.answer import Theme, draw_png, draw_svg, rasterize
from paycite.present.chart.share import draw_share
from paycite.present.csv import write_csv
from paycite.present.jsonld import write_jsonld


class Format(Struct, frozen=True):
    """Has either `write` or `draw`."""

    suffix: str  # of the address
    name: str
    media_type: str
    what: str
    write: Callable[[Sequence[Outcome]], str | bytes] | None = None
    draw: Callable[[Sequence[Outcome], Theme | None], str | bytes] | None = None
    share: Callable[[Sequence[Outcome], Theme | None], str | bytes] | None = None  # with `draw`


FORMATS = (
    Format(
        "csv",
        "CSV",
        "text/csv",
        "as CSV: a row for each answer and each of its chains, with the citations in columns.",
        write=write_csv,
    ),
    Format(
        "jsonld",
        "JSON-LD",
        "application/ld+json",
        "as JSON-LD: a schema.org `Dataset` that is based on its sources.",
        write=write_jsonld,
    ),
    Format(
        "svg",
        "SVG",
        "image/svg+xml",
        "as a chart with its citation: an SVG, which follows the viewer's color scheme.",
        draw=draw_svg,
        share=draw_share,
    ),
    Format(
        "png",
        "PNG",
        "image/png",
        "as a chart with its citation: a PNG.",
        draw=draw_png,
        share=lambda outcomes, theme: rasterize(draw_share(outcomes, theme or "light")),
    ),
)
