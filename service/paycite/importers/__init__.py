"""Turn published releases, in their own formats, into files that the build reads."""

_SHOWN = 800  # characters of a reason, which may quote binary data


class ImportRefused(Exception):
    """A file was refused: the place in it, and the reason. Nothing was changed."""

    def __init__(self, place: object, reason: str) -> None:
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in reason)
        super().__init__(f"{place}: {shown[:_SHOWN]}{'…' if len(shown) > _SHOWN else ''}")
