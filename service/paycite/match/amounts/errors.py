"""Why a text is not an amount of base pay."""


class AmountError(ValueError):
    """What was expected instead of a text, and valid inputs that may be meant.

    `kind` says in a few words what the text is, the same words for all texts of the kind.
    """

    def __init__(
        self,
        reason: str,
        suggestions: tuple[str, ...] = (),
        problem: str = "invalid-value",
        kind: str = "is not a number",
    ) -> None:
        super().__init__(reason)
        self.suggestions = suggestions
        self.problem = problem
        self.kind = kind
