"""The values of figures in words."""

from paycite.model.figure import COMPONENTS, Bound, Figure, Kind, Topic
from paycite.model.money import in_dollars

KINDS: dict[Kind, str] = {
    "published": "Published by the source",
    "derived": "Computed from the source's data",
    "assumed": "Assumed by Paycite",
}
_BOUNDS: dict[Bound, str] = {
    "exact": "{}",
    "about": "about {}",
    "over": "{} or more",
    "under": "under {}",
    "up-to": "up to {}",
    "projected": "{}, projected",
}


# Topics that their ids do not explain.
_TOPICS: dict[Topic, str] = {
    "term-spread": "Pay that a job term may mean",
    "entrant-pay": "Pay of people new to the field",
    "pooled-factor": "Pay ratio computed by Paycite",
    "effort": "Time and attempts needed",
    "placement": "Pay of one person placed",
}


def describe_topic(topic: Topic) -> str:
    """Name a topic: "Location quotient"."""
    return _TOPICS.get(topic) or topic.replace("-", " ").capitalize()


def describe_value(figure: Figure) -> str:
    """Write a figure as Paycite reads it: "$140,000 to $180,000 a year, base pay"; empty for one
    without a number."""
    ends = [end for end in (figure.low, figure.high) if end is not None]
    if not ends:
        return ""
    words = " to ".join(dict.fromkeys(_describe_end(figure, end) for end in ends))
    words = _BOUNDS[figure.bound].format(words)
    if figure.period:
        words += f" {'an' if figure.period == 'hour' else 'a'} {figure.period}"
    if figure.component:
        words += f", {COMPONENTS[figure.component]}"
    return words


def _describe_end(figure: Figure, end: float) -> str:
    match figure.unit:
        case "usd":
            return in_dollars(end)
        case "percent":
            return f"{end:,g}%"
        case "count" | "ratio" | "unquantified":
            return f"{end:,g}"
    unit = figure.unit if end != 1 else figure.unit.removesuffix("s")
    return f"{end:,g} {unit}"


def describe_published(figure: Figure) -> str:
    """Write a figure as its source prints it; a bare number of dollars as dollars."""
    printed = figure.as_published
    return in_dollars(int(printed)) if figure.unit == "usd" and printed.isdecimal() else printed
