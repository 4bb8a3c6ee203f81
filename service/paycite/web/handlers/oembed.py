"""GET /oembed: the frame of an answer, for content systems."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import UNSET, Meta, Struct, UnsetType

from paycite.model.parameters import SalaryParameters
from paycite.present.html import embedding
from paycite.present.html.embedding import LEAST_HEIGHT, LEAST_WIDTH
from paycite.present.html.render import Site
from paycite.questions.answer import answer_question
from paycite.questions.parameters import Texts, invalid, parse_query
from paycite.web.endpoint import JSON, Ask, endpoint
from paycite.web.handlers.pages import salary_page
from paycite.web.handlers.salary import SALARY_PROBLEMS
from paycite.web.respond import Representation
from paycite.web.tracking import drop_shared

_XML = "text/xml"


class OembedParameters(Struct, frozen=True, kw_only=True):
    url: Annotated[
        str,
        Meta(max_length=2_000, description="The URL of an answer: /salary.html with a query."),
    ]
    format: Annotated[Literal["json", "xml"], Meta(description="JSON or XML.")] = "json"
    maxwidth: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=100_000,
                description="The largest width of the frame, in pixels; at least "
                f"{LEAST_WIDTH} are used.",
            ),
        ]
        | UnsetType
    ) = UNSET
    maxheight: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=100_000,
                description="The largest height of the frame, in pixels; at least "
                f"{LEAST_HEIGHT} are used.",
            ),
        ]
        | UnsetType
    ) = UNSET


def _keep_known(texts: Texts) -> Texts:
    """Ignore what consumers of oEmbed add, such as `dnt`, and keep parameters of /salary: they show
    that the URL was not escaped, so the answer would be another one."""
    known = {*OembedParameters.__struct_fields__, *SalaryParameters.__struct_fields__}
    return {name: found for name, found in drop_shared(texts).items() if name in known}


@endpoint(
    "/oembed",
    "Embed an answer",
    {JSON: embedding.Oembed, _XML: str},
    parameters=OembedParameters,
    problems=SALARY_PROBLEMS,
    tag="pages",
    clean=_keep_known,
    runs="thread",
    is_kept=False,
)
def oembed(ask: Ask) -> embedding.Oembed | Representation:
    """Get the frame that shows an answer in another page, as oembed.com specifies. Parameters that
    are not listed here are ignored, because content systems add their own."""
    if loose := [name for name in SalaryParameters.__struct_fields__ if name in ask.texts]:
        raise invalid("url", f"percent-encode it, with its {' and '.join(loose)} inside")
    parsed = ask.parse()
    parsed.faults.stop()
    texts = drop_shared(parse_query(_query_of(parsed["url"], ask.base_url).encode()))
    store = ask.datasets.choose(texts["dataset"][0]) if "dataset" in texts else ask.store
    embedded = embedding.oembed(
        Site(ask.base_url, store.snapshot),
        texts,
        answer_question(store, texts),
        _fit(LEAST_WIDTH, embedding.EMBED_WIDTH, parsed["maxwidth"]),
        _fit(LEAST_HEIGHT, embedding.EMBED_HEIGHT, parsed["maxheight"]),
    )
    if parsed["format"] == "xml":
        return Representation.of(embedding.write_xml(embedded), _XML)
    return embedded


def _fit(least: int, usual: int, most: int | None) -> int:
    return usual if most is None else max(least, min(most, usual))


def _query_of(url: str, base_url: str) -> str:
    """Parse the query of the URL of an answer. Refusal for another URL; the scheme may be http or
    https, because a proxy may use a different one."""
    try:
        address = urlsplit(url)
    except ValueError:  # such as of http://[
        address = urlsplit("")
    is_ours = address.netloc == urlsplit(base_url).netloc and address.scheme in ("http", "https")
    if not is_ours or address.path != salary_page.path:
        raise invalid("url", f"expected a URL that begins with {base_url}{salary_page.path}")
    return address.query
