"""Text for pictures: printable, and wrapped to a width, because SVG does not wrap lines."""

GLUE = "\N{NO-BREAK SPACE}"

# The width of characters in Arial and fonts with its widths, in em.
_EM = {
    char: em
    for em, chars in (
        (0.23, "'ijl"),
        (0.28, " !,./:;I[\\]ft|" + GLUE),
        (0.34, "()-`r{}\N{MIDDLE DOT}"),
        (0.39, '"*'),
        (0.5, "Jcksvxyz^"),
        (0.61, "FTZ+<=>~"),
        (0.67, "&ABEKPSVXY"),
        (0.73, "CDHNRUw"),
        (0.78, "GOQ"),
        (0.89, "Mm%"),
        (1.02, "W@"),
    )
    for char in chars
}
_OTHER_EM, _FOREIGN_EM = 0.56, 1.25
_BOLD = 1.09
_FILLED = 0.91  # of a line: fonts that replace these elsewhere are wider, DejaVu by an eighth


def printable(text: str) -> str:
    """Put text from outside on one line, without unprintable characters: control characters are not
    valid XML, direction marks reorder the rest, and a lone surrogate crashes vl-convert."""
    shown = (char if char.isprintable() or char == GLUE else " " * char.isspace() for char in text)
    return " ".join(filter(None, "".join(shown).split(" ")))


def keep_together(text: str) -> str:
    """Keep the text on one line if it fits."""
    return text.replace(" ", GLUE)


def wrap(text: str, width: float, size: float, is_bold: bool) -> list[str]:
    """Wrap printable text into lines; a word wider than a line is broken."""
    most = _FILLED * width / size / (_BOLD if is_bold else 1)
    lines: list[str] = []
    for together in filter(None, text.split(" ")):
        words = [together] if _em(together) <= most else together.split(GLUE)
        for piece in (piece for word in words for piece in _pieces(word, most)):
            if lines and _em(f"{lines[-1]} {piece}") <= most:
                lines[-1] += f" {piece}"
            else:
                lines.append(piece)
    return lines


def fit(text: str, width: float, size: float) -> str:
    """Cut printable text to a width, with an ellipsis."""
    if _em(text) <= width / size:
        return text
    while text and _em(text) > width / size - 1:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _pieces(word: str, most: float) -> list[str]:
    pieces = [""]
    for char in word:
        if _em(pieces[-1] + char) > most:
            pieces.append("")
        pieces[-1] += char
    return pieces


def _em(text: str) -> float:
    return sum(_EM.get(char, _OTHER_EM if char.isascii() else _FOREIGN_EM) for char in text)
