"""Releases of publishers, in their own formats, into files that the build reads."""


class ImportRefused(Exception):
    """Why a file is not imported, and the place in it; nothing was changed."""

    def __init__(self, place: object, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
