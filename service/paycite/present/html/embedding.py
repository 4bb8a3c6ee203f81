"""The values of the page that previews an embedded answer, and the code that embeds it."""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from markupsafe import Markup

EmbedTheme = Literal["auto", "light", "dark"]
_OF_THE_FRAME = ("theme", "width")  # parameters that are not of the question


def question_parameters(asked: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    return {name: asked[name] for name in asked if name not in _OF_THE_FRAME}


def parse_theme(asked: Mapping[str, Sequence[str]]) -> str:
    """The requested theme; without a valid one, that of the viewer."""
    theme = asked.get("theme", ["auto"])[0]
    return theme if theme in get_args(EmbedTheme) else "auto"


def embed_parameters(asked: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """The parameters of /embed: those of the question, and a theme other than the viewer's."""
    theme = parse_theme(asked)
    return question_parameters(asked) | ({"theme": [theme]} if theme != "auto" else {})


def write_element(base: str, asked: Mapping[str, Sequence[str]]) -> str | None:
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
