"""The pages of an embedded answer, the code that embeds it, and oEmbed."""

from collections.abc import Sequence
from typing import Annotated, Literal, get_args
from xml.etree import ElementTree

from markupsafe import Markup, escape
from msgspec import Meta, Struct, structs

from paycite.estimate.quote import describe_range, describe_scope
from paycite.model.answer import Answer
from paycite.model.problem import Problem
from paycite.present.html.links import add_query, answer_links
from paycite.present.html.records import Asked
from paycite.present.html.render import Site, render

EMBED_WIDTH, EMBED_HEIGHT = 480, 320  # of a frame, in pixels, unless requested otherwise
LEAST_WIDTH, LEAST_HEIGHT = 200, 100  # in which an answer can be read
_CACHE_AGE = 86_400
EmbedTheme = Literal["auto", "light", "dark"]
_OF_THE_FRAME = ("theme", "width")  # parameters that are not of the question


def question_parameters(asked: Asked) -> dict[str, Sequence[str]]:
    return {name: asked[name] for name in asked if name not in _OF_THE_FRAME}


def parse_theme(asked: Asked) -> str:
    """The requested theme; without a valid one, that of the viewer."""
    theme = asked.get("theme", ["auto"])[0]
    return theme if theme in get_args(EmbedTheme) else "auto"


def embed_parameters(asked: Asked) -> dict[str, Sequence[str]]:
    """The parameters of /embed: those of the question, and a theme other than the viewer's."""
    theme = parse_theme(asked)
    return question_parameters(asked) | ({"theme": [theme]} if theme != "auto" else {})


def write_element(base: str, asked: Asked) -> str | None:
    """Write the element that embeds the answer; None if a parameter is repeated, because an element
    has each attribute once."""
    attributes = embed_parameters(asked)
    if any(len(values) > 1 for values in attributes.values()):
        return None
    written = "".join(
        Markup(' {}="{}"').format(name, values[0]) for name, values in attributes.items()
    )
    script = Markup('<script type="module" src="{}/embed.js"></script>').format(base)
    return f"{script}\n<salary-range{written}></salary-range>"


def embed(site: Site, asked: Asked, answer: Answer) -> str:
    """The page of an answer inside a frame."""
    found = answer_links(site.base, question_parameters(asked), answer)
    return render("embed.html", site, asked, answer=answer, links=found, theme=parse_theme(asked))


def embed_problem(site: Site, asked: Asked, problem: Problem) -> str:
    return render("embed.html", site, {}, problem=problem, theme=parse_theme(asked))


def embed_page(site: Site, asked: Asked, answer: Answer | None) -> str:
    """The page that previews an embedded answer; without an answer, only its form."""
    if not answer:
        return render("embedding.html", site, asked, answer=None)
    parameters, width = embed_parameters(asked), asked.get("width", ["100%"])[0]
    found = answer_links(site.base, question_parameters(asked), answer)
    return render(
        "embedding.html",
        site,
        asked,
        answer=answer,
        preview={
            "address": add_query("/embed", parameters),
            "width": width,
            "height": EMBED_HEIGHT,
        },
        frame=write_frame(site, parameters, answer, width, EMBED_HEIGHT),
        element=write_element(site.base, asked),
        page=site.base + found["page"],
        links=found,
    )


class Oembed(Struct, frozen=True, kw_only=True):
    """oEmbed 1.0, of the type `rich`."""

    version: Literal["1.0"] = "1.0"
    type: Literal["rich"] = "rich"
    provider_name: str
    provider_url: str
    title: str
    description: Annotated[str, Meta(description="The quote of the answer.")]
    html: Annotated[str, Meta(description="An iframe that embeds the answer.")]
    width: int
    height: int
    cache_age: Annotated[int, Meta(description="In seconds.")]


def oembed(site: Site, asked: Asked, answer: Answer, width: int, height: int) -> Oembed:
    return Oembed(
        provider_name="Paycite",
        provider_url=site.base,
        title=_title(answer),
        description=answer.quote,
        html=write_frame(site, asked, answer, str(width), height),
        width=width,
        height=height,
        cache_age=_CACHE_AGE,
    )


def write_xml(embedded: Oembed) -> bytes:
    """Write oEmbed in XML: an element for each field."""
    root = ElementTree.Element("oembed")
    for name, value in structs.asdict(embedded).items():
        ElementTree.SubElement(root, name).text = str(value)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _title(answer: Answer) -> str:
    return f"{describe_scope(answer.used)}: {describe_range(answer.estimate)}"


def write_frame(site: Site, asked: Asked, answer: Answer, width: str, height: int) -> str:
    """The element that embeds an answer."""
    address = escape(site.base + add_query("/embed", asked))
    title = escape(f"{describe_scope(answer.used)}, by Paycite")
    return (
        f'<iframe src="{address}" title="{title}" width="{width}" height="{height}" '
        f'loading="lazy" style="border:0"></iframe>'
    )
